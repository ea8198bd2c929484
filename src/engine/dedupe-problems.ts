// What dedupe computes, and what it holds meanwhile. Apart from what computes it, which is loaded when it is needed.

import { type DedupeProblem, type PairsProblem, reordered } from '../problem.js';
import { listRows } from '../rows/listed-rows.js';

/** Two row numbers, a link and a score in float64. */
const HELD_PAIR_BYTES = 20;
/** Of each row: what it was dropped for, its score and source, its place in the order, a set, and the result. */
const BYTES_PER_ROW = 72;
/** Pairs that wait for a decision: at most so many, and so much of a memory budget. */
const MAX_HELD = 2 ** 22;
const HELD_FRACTION = 1 / 16;

/** What the call computes: x against the rows that are kept already, and x with itself. */
export function problemsOfDedupe(problem: DedupeProblem): PairsProblem[] {
  const { x, y, priority, method } = problem;
  const againstRows = problemAgainst(problem);
  // Rows in another order are gathered as they are read, which takes memory.
  const isListed = method === 'greedy' && (priority || y);
  return [...(againstRows ? [againstRows] : []), problemWithin(problem, isListed ? allRows(x) : undefined)];
}

/** How many pairs may wait for a decision. */
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

/** Of all rows of x, or of some in an order. */
export function problemWithin(problem: DedupeProblem, order?: Uint32Array): PairsProblem {
  const { x, grouping } = problem;
  const rows = order ? listRows(x, order) : x;
  const own = grouping && { ...grouping, y: undefined, ...(order && reordered(grouping, order)) };
  return { ...problem, x: rows, y: undefined, rowEnd: rows.rows, heldBytes: bytesHeld(problem), grouping: own };
}

/** Their numbers. */
export function allRows({ rows }: DedupeProblem['x']): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}
