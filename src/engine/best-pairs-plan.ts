// Memory of the best pairs.

import type { BestPairsProblem } from '../problem.js';
import type { Needs, Setting } from './setting.js';

/** Bytes of a pair in a heap: two indices and a float64 score. */
const HEAP_BYTES = 16;

export function needsOfBestPairs(problem: BestPairsProblem, { threads = 1, sketching }: Setting): Needs {
  const count = pairsWanted(problem);
  // The heap of each thread, the collector's heap, and the result.
  const size = {
    bytes: (threads + 2) * count * HEAP_BYTES,
    what: `the best ${count} pairs`,
    advice: 'Try a smaller count.',
  };
  return { purpose: { kind: sketching ? 'pairs' : 'tiles' }, size };
}

/** Returns the number of pairs requested, or of all pairs if there are fewer. */
export function pairsWanted({ x, y, count }: BestPairsProblem): number {
  return Math.min(count, y ? x.rows * y.rows : (x.rows * (x.rows - 1)) / 2);
}
