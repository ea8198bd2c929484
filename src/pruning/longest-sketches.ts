// Limits the sketches of a call, before it starts. sketching.ts, which is loaded only if a call may have sketches, chooses among them.

import type { SketchDepths } from '../backends/backend.js';
import type { Setting } from '../engine/setting.js';
import { isSparse, type Problem, productsOf } from '../problem.js';

/** Sketch depths to try. */
export const SKETCH_DEPTHS = [32, 40, 48, 64, 80, 96, 128, 160, 192, 256] as const;

/** Below this depth, sketches save too little. */
const MIN_DEPTH = 96;
/** Rows from which directions are found. */
export const SAMPLE_ROWS = 512;
/**
 * Finding directions takes their number squared times the depth: at most this fraction of the call's multiply-adds, which run faster.
 */
const DIRECTIONS_FRACTION = 4e-4;
/** Memory limit for the sample and its directions, in bytes and as a fraction of the memory budget. */
const SAMPLE_BYTES = 2 ** 26;
const SAMPLE_FRACTION = 1 / 8;

/**
 * Returns the largest number of elements of sketches; undefined if the call should have none, or if choosing would take longer than
 * sketches could save.
 */
export function longestSketches(
  problem: Problem & { readonly pruning: boolean; readonly k?: number },
  { backend }: Setting,
): SketchDepths | undefined {
  const { depth } = problem.x;
  if (problem.k === 0 || isSparse(problem)) return undefined;
  const work = productsOf(problem) * depth;
  const costs = backend.pruningCosts;
  if (!problem.pruning || !costs || depth < MIN_DEPTH) return undefined;
  if (work < (problem.k === undefined ? costs.leastWork : costs.leastWorkOfLists)) return undefined;
  const bytes = Math.min(SAMPLE_BYTES, problem.memoryBudget * SAMPLE_FRACTION);
  const longest = SKETCH_DEPTHS.findLast((size) => {
    if (size > depth / 2 || size ** 2 * depth > work * DIRECTIONS_FRACTION) return false;
    return (2 * SAMPLE_ROWS * Float32Array.BYTES_PER_ELEMENT + 3 * size * Float64Array.BYTES_PER_ELEMENT) * depth <= bytes;
  });
  return longest && { short: longest, long: costs.narrowing === undefined ? 0 : longest };
}
