// Moves elements between vectors: widening, narrowing, and the square transposes for packing and mirroring.

/** Loads two elements of S at `from` as f64x2. */
// @ts-ignore: decorator
@inline export function loadPair<S>(from: usize): v128 {
  if (sizeof<S>() == 4) return f64x2.promote_low_f32x4(v128.load64_zero(from));
  return v128.load(from);
}

/** Combines two f64x2 to one f32x4. */
// @ts-ignore: decorator
@inline export function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Stores the transpose of the f32 block a, b, c, d as four rows that are `stride` bytes apart. */
// @ts-ignore: decorator
@inline export function storeTransposed4(to: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab01, cd01, 0, 2));
  v128.store(to + stride, v128.shuffle<f64>(ab01, cd01, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<f64>(ab23, cd23, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<f64>(ab23, cd23, 1, 3));
}

/** The same for the f64 block a, b: two rows. */
// @ts-ignore: decorator
@inline export function storeTransposed2(to: usize, stride: usize, a: v128, b: v128): void {
  v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(to + stride, v128.shuffle<f64>(a, b, 1, 3));
}
