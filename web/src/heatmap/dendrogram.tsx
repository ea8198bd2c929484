// The tree of the clustering next to the rows of the matrix, and the score at which it is cut.

import { computed } from '@preact/signals';
import { type Branch, branchesOf } from '../compute/clusters.js';
import { formatScore } from '../format.js';
import { clustering, permutation, usedCut, usedMethod } from '../state/answers.js';
import { cut, groupMethod } from '../state/choices.js';
import { hasAxisLabels } from './axis-labels.js';
import { pixelOf, seenRange, type Viewport } from './viewport.js';

/** The tree of the displayed order; null if the rows are in another order. */
const tree = computed(() => {
  const found = clustering.value;
  if (!found || permutation.value !== found.order || found.joins.length === 0) return null;
  const branches = branchesOf(found.joins);
  return { branches, low: (branches.at(-1) as Branch).score };
});

/** Whether the gutter shows the tree. If there is room for names, they are shown instead. */
export function hasDendrogram(view: Viewport): boolean {
  return tree.value !== null && !hasAxisLabels(view);
}

/** Smaller branches, in pixels, are omitted. */
const LEAST = 2;

/** Draws the tree left of the matrix, `width` pixels wide from `left`: the root at the left, rows at the right. */
export function drawDendrogram(
  context: CanvasRenderingContext2D,
  view: Viewport,
  left: number,
  width: number,
  { inside, above }: { inside: string; above: string },
): void {
  const drawn = tree.value;
  if (!drawn || !hasDendrogram(view)) return;
  const { rowStart, rowEnd } = seenRange(view);
  const limit = usedCut.value ?? 1;
  const across = (score: number) => left + (width * (score - drawn.low)) / (1 - drawn.low || 1);
  const down = (place: number) => pixelOf(view, place, 0).py;
  context.save();
  context.beginPath();
  context.rect(left, 0, width, view.height);
  context.clip();
  // Thin lines at the rows; thicker ones would merge into a surface.
  context.lineWidth = Math.min(1, Math.max(0.4, view.scale));
  for (const isInside of [true, false]) {
    context.strokeStyle = isInside ? inside : above;
    context.beginPath();
    for (const { start, end, score, halves } of drawn.branches) {
      if (score >= limit !== isInside || end < rowStart || start > rowEnd || (end - start) * view.scale < LEAST) continue;
      const [a, b] = halves;
      context.moveTo(across(a.score), down(a.middle));
      context.lineTo(across(score), down(a.middle));
      context.lineTo(across(score), down(b.middle));
      context.lineTo(across(b.score), down(b.middle));
    }
    context.stroke();
  }
  context.restore();
}

/** A slider over the tree, on its own axis. Moving it makes the clusters the groups. */
export function CutInput({ view }: { view: Viewport }) {
  const value = usedCut.value;
  if (!tree.value || value === null || !hasDendrogram(view)) return null;
  return (
    <input
      class={`threshold-input cut-input ${usedMethod.value === 'clusters' ? '' : 'unused'}`}
      type="range"
      aria-label="Cut of the clustering"
      aria-valuetext={`score ${formatScore(value)}`}
      title={`Drag to cut the clustering: ${formatScore(value)}`}
      min={tree.value.low}
      max={1}
      step="any"
      value={value}
      onInput={({ currentTarget }) => {
        cut.value = Number(Number(currentTarget.value).toFixed(4));
        groupMethod.value = 'clusters';
      }}
    />
  );
}
