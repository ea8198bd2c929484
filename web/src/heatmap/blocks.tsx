// Groups whose rows are contiguous in the matrix: named above it, and outlined on its diagonal.

import { computed } from '@preact/signals';
import { groupOfRow, permutation, settledGroups, shown } from '../state/answers.js';
import { groupNames } from '../state/group-names.js';
import { hasAxisLabels } from './axis-labels.js';
import { rowAt } from './use-heatmap.js';
import { pixelOf, type Viewport } from './viewport.js';

interface Block {
  readonly group: number;
  /** Positions [start, end). */
  readonly start: number;
  readonly end: number;
}

/** A contiguous group. */
const blocks = computed<readonly Block[]>(() => {
  const of = groupOfRow.value;
  const rows = shown.value?.rows ?? 0;
  const found: Block[] = [];
  void permutation.value;
  for (let start = 0; start < rows; ) {
    const group = of[rowAt(start)] as number;
    let end = start + 1;
    while (end < rows && of[rowAt(end)] === group) end++;
    if (group >= 0 && end - start === settledGroups.value[group]?.length) found.push({ group, start, end });
    start = end;
  }
  return found;
});

/** Minimum sizes in pixels for an outline and a name. */
const OUTLINE = 5;
const NAME = 14;
/** Approximate width of a character. */
const CHARACTER = 8;

export function drawBlocks(context: CanvasRenderingContext2D, view: Viewport, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(0, 0, view.width, view.height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  for (const { start, end } of blocks.value) {
    const size = (end - start) * view.scale;
    if (size < OUTLINE) continue;
    const { px, py } = pixelOf(view, start, start);
    context.strokeRect(px, py, size, size);
  }
  context.restore();
}

export function BlockNames({ view }: { view: Viewport }) {
  if (hasAxisLabels(view)) return null;
  const names = groupNames.value;
  const named = blocks.value.filter(({ start, end }) => (end - start) * view.scale >= NAME);
  const matrixTop = Math.max(0, pixelOf(view, 0, 0).py);
  return (
    <div class="block-names" aria-hidden="true" style={{ transform: `translateY(${matrixTop}px)` }}>
      {named.map(({ group, start, end }) => {
        const { px } = pixelOf(view, 0, (start + end) / 2);
        const name = names[group] ?? '';
        const isAcross = name.length * CHARACTER <= (end - start) * view.scale;
        return (
          px >= 0 &&
          px <= view.width && (
            <bdi key={start} class={isAcross ? 'across' : ''} style={{ left: `${px}px` }}>
              {name}
            </bdi>
          )
        );
      })}
    </div>
  );
}
