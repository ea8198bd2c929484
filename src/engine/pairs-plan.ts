// What pairs needs. Apart from pairs.ts, because a plan needs no more.

import type { PairsProblem } from '../problem.js';
import { type DType, elementBytes } from '../rows/dtype.js';
import type { Needs } from './setting.js';

/** Largest number of pairs in a window, if memory allows. */
export const WINDOW_PAIRS = 2 ** 22;
/** Copies of a pair: in its tile, in the sorted batch, in the batch before, and at the receiver. */
export const COPIES = 4;
/** Fraction of a memory budget that is reserved for pairs if the rows do not fit. */
const PAIRS_FRACTION = 1 / 8;

export function needsOfPairs({ dtype, memoryBudget, heldBytes = 0 }: PairsProblem): Needs {
  const most = COPIES * WINDOW_PAIRS * bytesOfPair(dtype);
  const bytes = Number.isFinite(memoryBudget) ? Math.min(most, Math.floor(memoryBudget * PAIRS_FRACTION)) : 0;
  const size = {
    bytes: heldBytes + bytes,
    what: 'pairs, whose number is not known yet',
    advice: 'Compare a part of the rows with all of them at a time.',
  };
  return { purpose: { kind: 'pairs' }, size };
}

export function bytesOfPair(dtype: DType): number {
  return 8 + elementBytes(dtype);
}
