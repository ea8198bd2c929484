// Error bounds for products of two sketches, so that no pair of the answer is excluded. With a = Q u and r the length of what is left
// of the unit row u, u · v <= a · b + r s + slack; docs/how-it-works.md derives this.

import type { DType } from '../rows/dtype.js';

/** Unit roundoff: half the distance from 1 to the next number. */
const ROUNDING: Readonly<Record<DType, number>> = { float32: 2 ** -24, float64: 2 ** -53 };
/** Covers products of errors and the rounding of this arithmetic. */
const MARGIN = 1.01;

/**
 * Returns the largest error of a sum of `depth` products, for rows that were scaled to length 1 with rounded norms. Sums restart after
 * at most `depthBlock` products.
 */
export function productError(dtype: DType, depth: number, depthBlock: number): number {
  const block = Math.min(depth, depthBlock);
  return MARGIN * ROUNDING[dtype] * (block + depth / depthBlock + 9 + (dtype === 'float64' ? 96 + depth / 256 : 0));
}

/**
 * Returns the slack of a bound and of a squared length. `skew` is the Frobenius norm of Q Qᵀ - 1 for the `count` stored directions Q.
 */
export function boundErrors(
  dtype: DType,
  depth: number,
  depthBlock: number,
  count: number,
  skew: number,
): { squareSlack: number; slack: number } {
  // Error of all coordinates of one row together.
  const ofSketch = Math.sqrt(count) * productError(dtype, depth, depthBlock) * (1 + skew);
  const ofSkew = skew / (1 - skew);
  const squareSlack = MARGIN * (ofSkew + (2 + ofSketch) * ofSketch + (count + 8) * ROUNDING[dtype]);
  const ofProduct = (1 + squareSlack) * productError(dtype, count + 1, depthBlock);
  return { squareSlack, slack: MARGIN * (ofSkew + (2 + ofSketch) * ofSketch + ofProduct + 8 * ROUNDING[dtype]) };
}
