// The names and pictures of the visible rows and columns in the gutters along the edges, if cells are large enough for a line of text.

import { RowPicture } from '../panels/row-picture.js';
import { numberOf, shown } from '../state/answers.js';
import { colAt, rowAt } from './use-heatmap.js';
import { pixelOf, seenRange, type Viewport } from './viewport.js';

/** Height of a line of text in pixels. */
const LINE = 12;
/** Smallest size in pixels at which a picture can be recognised. */
const PICTURE = 16;

export function hasAxisLabels({ scale }: Viewport): boolean {
  return scale >= LINE;
}

export function AxisLabels({ view }: { view: Viewport }) {
  if (!hasAxisLabels(view)) return null;
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  const { labels } = shown.value ?? {};
  // Text beyond the ellipsis would only slow the layout.
  const nameOf = (row: number) => (labels?.[row] || String(numberOf(row))).slice(0, 60);
  const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  const size = `${view.scale}px`;
  const pictureOf = (row: number) => view.scale >= PICTURE && <RowPicture row={row} />;
  const start = pixelOf(view, rowStart, colStart);
  return (
    <div class="axis-labels" aria-hidden="true" style={{ lineHeight: size, '--cell': size }}>
      <div class="of-rows">
        <div style={{ transform: `translateY(${start.py}px)` }}>
          {range(rowStart, rowEnd).map((row) => (
            <span key={row} style={{ height: size }}>
              <bdi>{nameOf(rowAt(row))}</bdi>
              {pictureOf(rowAt(row))}
            </span>
          ))}
        </div>
      </div>
      <div class="of-columns">
        <div style={{ transform: `translateX(${start.px}px)` }}>
          {range(colStart, colEnd).map((col) => (
            <span key={col} style={{ width: size }}>
              <bdi>{nameOf(colAt(col))}</bdi>
              {pictureOf(colAt(col))}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
