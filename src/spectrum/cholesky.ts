// Cholesky decomposition with pivots: the element with the largest remaining variance comes first, and elements without any are left
// out.

import type { Steps } from '../engine/turns.js';
import type { Whitening } from './apply.js';

/** Fraction of the largest variance below which the remainder is rounding. */
const NO_REST = 1e-11;
/** Multiply-adds between two turns of the event loop. */
const STEP_WORK = 2 ** 21;

/**
 * Returns L, where L Lᵀ is the covariance of the elements that do not depend on others. `largest` is the largest variance of the rows,
 * which determines the rounding errors.
 */
export function* decompose(covariance: Float64Array, depth: number, largest: number): Steps<Whitening> {
  const order = Uint32Array.from({ length: depth }, (_, k) => k);
  const rest = Float64Array.from(order, (k) => covariance[k * depth + k] as number);
  /** Row `at` of L belongs to element `order[at]`. */
  const rows: Float64Array[] = Array.from(order, () => new Float64Array(depth));
  let rank = 0;
  let work = 0;
  const finished: Float64Array[] = [];
  for (; rank < depth; rank++) {
    let pivot = rank;
    for (let at = rank + 1; at < depth; at++) if ((rest[at] as number) > (rest[pivot] as number)) pivot = at;
    if (!((rest[pivot] as number) > NO_REST * largest)) break;
    swap(order, rank, pivot);
    swap(rest, rank, pivot);
    [rows[rank], rows[pivot]] = [rows[pivot] as Float64Array, rows[rank] as Float64Array];
    const own = rows[rank] as Float64Array;
    const length = Math.sqrt(rest[rank] as number);
    own[rank] = length;
    const from = (order[rank] as number) * depth;
    for (let at = rank + 1; at < depth; at++) {
      const row = rows[at] as Float64Array;
      let sum = covariance[from + (order[at] as number)] as number;
      for (let k = 0; k < rank; k++) sum -= (row[k] as number) * (own[k] as number);
      const value = sum / length;
      row[rank] = value;
      rest[at] = (rest[at] as number) - value * value;
    }
    finished.push(own.subarray(0, rank + 1));
    work += (depth - rank) * rank;
    if (work > STEP_WORK) {
      work = 0;
      yield;
    }
  }
  const factor = new Float64Array((rank * (rank + 1)) / 2);
  for (const [at, row] of finished.entries()) factor.set(row, (at * (at + 1)) / 2);
  return { elements: order.slice(0, rank), factor };
}

function swap(list: Uint32Array | Float64Array, a: number, b: number): void {
  const kept = list[a] as number;
  list[a] = list[b] as number;
  list[b] = kept;
}
