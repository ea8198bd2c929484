// What dedupe computes, and the memory it needs. Separate from the computation, which is loaded on demand.

import { type DedupeProblem, type PairsProblem, reordered } from '../problem.js';
import { listRows } from '../rows/listed-rows.js';

/** Bytes of a waiting pair: two row numbers, a link and a float64 score. */
const HELD_PAIR_BYTES = 20;
/** Bytes per row: the row it was dropped for, score and source, its position in the order, a set, and the result. */
const BYTES_PER_ROW = 72;
/** Limit on pairs that wait for a decision, as a number and as a fraction of a memory budget. */
const MAX_HELD = 2 ** 22;
const HELD_FRACTION = 1 / 16;

/** The comparisons of the call: x with the rows that are already kept, and x with itself. */
export function problemsOfDedupe(problem: DedupeProblem): PairsProblem[] {
  const { x, y, priority, method } = problem;
  const againstRows = problemAgainst(problem);
  // Rows in another order are gathered as they are read, which takes memory.
  const isListed = method === 'greedy' && (priority || y);
  return [...(againstRows ? [againstRows] : []), problemWithin(problem, isListed ? allRows(x) : undefined)];
}

/** Returns how many pairs may wait for a decision. */
export function pairsHeld({ x, method, priority, memoryBudget }: DedupeProblem): number {
  if (!priority || method !== 'greedy') return 0;
  const affordable = Math.floor((memoryBudget * HELD_FRACTION) / HELD_PAIR_BYTES);
  return Math.min(MAX_HELD, affordable, (x.rows * (x.rows - 1)) / 2);
}

export function bytesHeld(problem: DedupeProblem): number {
  return BYTES_PER_ROW * problem.x.rows + HELD_PAIR_BYTES * pairsHeld(problem);
}

export function problemAgainst(problem: DedupeProblem): PairsProblem | undefined {
  return problem.y && { ...problem, heldBytes: bytesHeld(problem) };
}

/** All rows of x, or some in a given order. */
export function problemWithin(problem: DedupeProblem, order?: Uint32Array): PairsProblem {
  const { x, grouping } = problem;
  const rows = order ? listRows(x, order) : x;
  const own = grouping && { ...grouping, y: undefined, ...(order && reordered(grouping, order)) };
  return { ...problem, x: rows, y: undefined, rowEnd: rows.rows, heldBytes: bytesHeld(problem), grouping: own };
}

/** Their row numbers. */
export function allRows({ rows }: DedupeProblem['x']): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}
