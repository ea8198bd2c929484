// How far the product of two sketches may be off, so that no pair is excluded that belongs to the answer. docs/how-it-works.md derives it:
// with a = Q u, and r the length of what is left of the unit row u, u · v <= a · b + r s + slack.

import type { DType } from '../rows/dtype.js';

/** Half the distance from 1 to the next number. */
const ROUNDING: Readonly<Record<DType, number>> = { float32: 2 ** -24, float64: 2 ** -53 };
/** For products of errors, and the roundings of this arithmetic. */
const MARGIN = 1.01;

/**
 * The largest difference of a sum of `depth` products from the true one, for rows of length 1 that were scaled by their rounded norms. Sums
 * restart after at most `depthBlock` products.
 */
export function productError(dtype: DType, depth: number, depthBlock: number): number {
  const block = Math.min(depth, depthBlock);
  return MARGIN * ROUNDING[dtype] * (block + depth / depthBlock + 9 + (dtype === 'float64' ? 96 + depth / 256 : 0));
}

/** `skew` is the Frobenius norm of Q Qᵀ - 1, for `count` directions Q as they are stored. */
export function boundErrors(
  dtype: DType,
  depth: number,
  depthBlock: number,
  count: number,
  skew: number,
): { squareSlack: number; slack: number } {
  // Of all coordinates of one row together.
  const ofSketch = Math.sqrt(count) * productError(dtype, depth, depthBlock) * (1 + skew);
  const ofSkew = skew / (1 - skew);
  const squareSlack = MARGIN * (ofSkew + (2 + ofSketch) * ofSketch + (count + 8) * ROUNDING[dtype]);
  const ofProduct = (1 + squareSlack) * productError(dtype, count + 1, depthBlock);
  return { squareSlack, slack: MARGIN * (ofSkew + (2 + ofSketch) * ofSketch + ofProduct + 8 * ROUNDING[dtype]) };
}
