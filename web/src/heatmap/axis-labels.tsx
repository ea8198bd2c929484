// Names of the rows and columns that are seen, along the edges, where cells are large enough for a line of text.

import { shown } from '../state/answers.js';
import { rowAt } from './use-heatmap.js';
import { pixelOf, seenRange, type Viewport } from './viewport.js';

/** Pixels a line of text needs. */
const LINE = 12;

export function AxisLabels({ view }: { view: Viewport }) {
  if (view.scale < LINE) return null;
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  const { labels } = shown.value ?? {};
  // What is beyond the ellipsis is no use to the layout.
  const nameAt = (place: number) => (labels?.[rowAt(place)] || String(rowAt(place))).slice(0, 60);
  const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  const size = `${view.scale}px`;
  const start = pixelOf(view, rowStart, colStart);
  return (
    <div class="axis-labels" aria-hidden="true" style={{ lineHeight: size }}>
      <div class="of-rows" style={{ transform: `translateY(${start.py}px)` }}>
        {range(rowStart, rowEnd).map((row) => (
          <span key={row} style={{ height: size }}>
            <bdi>{nameAt(row)}</bdi>
          </span>
        ))}
      </div>
      <div class="of-columns" style={{ transform: `translateX(${start.px}px)` }}>
        {range(colStart, colEnd).map((col) => (
          <span key={col} style={{ width: size }}>
            <bdi>{nameAt(col)}</bdi>
          </span>
        ))}
      </div>
    </div>
  );
}
