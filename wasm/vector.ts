// The differences between the builds and the two element types, in one place: the number of elements in a vector, the operation
// of a multiply-add, and the number of vectors in a panel's width. Every other kernel is written with these definitions.

/** Number of vectors in a panel's width. */
// @ts-ignore: decorator
@inline export const V: i32 = 3;

/**
 * Rows of A that the micro-kernel holds in registers: MR x V accumulators, V vectors of B and one of A must fit in 15
 * registers.
 */
// @ts-ignore: decorator
@inline export const MR: i32 = 3;

/** Depth of one block. Sums restart every DEPTH_BLOCK products, which limits the rounding error of float32. */
// @ts-ignore: decorator
@inline export const DEPTH_BLOCK: i32 = 256;

/** Number of elements of T in a 128-bit vector. */
// @ts-ignore: decorator
@inline export function lanes<T>(): i32 {
  return 16 / sizeof<T>();
}

/** Number of rows in one panel. */
// @ts-ignore: decorator
@inline export function panelRows<T>(): i32 {
  return V * lanes<T>();
}

/** Returns a * b + c, rounded once if the build has relaxed SIMD and the machine has FMA. */
// @ts-ignore: decorator
@inline export function multiplyAdd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}
