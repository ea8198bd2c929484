// Which sketches a call may have at most, known before it starts. How they are chosen, sketching.ts says, which is loaded when a call may have any.

import type { SketchDepths } from '../backends/backend.js';
import type { Setting } from '../engine/setting.js';
import { isSparse, type Problem, productsOf } from '../problem.js';

/** Depths of sketches that are tried. */
export const SKETCH_DEPTHS = [32, 40, 48, 64, 80, 96, 128, 160, 192, 256] as const;

/** Below this depth sketches save too little; below this many multiply-adds the sample costs too much, of lists for what it can save. */
const MIN_DEPTH = 96;
const MIN_WORK = 1.5e10;
const MIN_WORK_OF_LISTS = 1e11;
/** Rows that directions are found from. */
export const SAMPLE_ROWS = 512;
/** Finding directions takes the square of their number times the depth: at most this fraction of the call's multiply-adds, which are faster. */
const DIRECTIONS_FRACTION = 4e-4;
/** What the sample and its directions may take at most, and of a memory budget. */
const SAMPLE_BYTES = 2 ** 26;
const SAMPLE_FRACTION = 1 / 8;

/** The most elements that sketches may have; undefined where there are to be none, or finding out would take longer than it could save. */
export function longestSketches(
  problem: Problem & { readonly pruning: boolean; readonly k?: number },
  { backend }: Setting,
): SketchDepths | undefined {
  const { depth } = problem.x;
  if (problem.k === 0 || isSparse(problem)) return undefined;
  const work = productsOf(problem) * depth;
  if (!problem.pruning || !backend.pruningCosts || depth < MIN_DEPTH) return undefined;
  if (work < (problem.k === undefined ? MIN_WORK : MIN_WORK_OF_LISTS)) return undefined;
  const bytes = Math.min(SAMPLE_BYTES, problem.memoryBudget * SAMPLE_FRACTION);
  const longest = SKETCH_DEPTHS.findLast((size) => {
    if (size > depth / 2 || size ** 2 * depth > work * DIRECTIONS_FRACTION) return false;
    return (2 * SAMPLE_ROWS * Float32Array.BYTES_PER_ELEMENT + 3 * size * Float64Array.BYTES_PER_ELEMENT) * depth <= bytes;
  });
  return longest && { short: longest, long: backend.pruningCosts.narrowing === undefined ? 0 : longest };
}
