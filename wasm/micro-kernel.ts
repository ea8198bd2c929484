// The micro-kernel: computes an MR x NR block of sums in registers over one depth block.
//
// A and B are panels in the same layout (depth-major, NR rows side by side), so a self-comparison needs one packed copy: MR
// divides NR, and a micro-panel of A is MR neighbouring columns of a panel. Products are added in order of depth, one
// accumulator per pair, whatever the tile, so the result depends only on the two rows.

import { multiplyAdd } from './vector';

/** Adds to the `sums` of earlier depth blocks; `keep` is all ones, or zero in the first block. */
// @ts-ignore: decorator
@inline function plus<T>(earlier: v128, keep: v128, sums: v128): v128 {
  return v128.add<T>(v128.and(earlier, keep), sums);
}

/** Computes sums[MR][NR] (+)= A[depth][MR] B[depth][NR]; rows of sums are `stride` bytes apart. */
// @ts-ignore: decorator
@inline export function microKernel<T>(a: usize, b: usize, sums: usize, stride: usize, depth: i32, add: bool): void {
  const size = sizeof<T>();
  let c00 = v128.splat<T>(0 as T), c01 = c00, c02 = c00;
  let c10 = c00, c11 = c00, c12 = c00;
  let c20 = c00, c21 = c00, c22 = c00;
  const end = b + ((depth * 48) as usize);
  while (b != end) {
    const b0 = v128.load(b, 0), b1 = v128.load(b, 16), b2 = v128.load(b, 32);
    let ai = v128.load_splat<T>(a);
    c00 = multiplyAdd<T>(ai, b0, c00);
    c01 = multiplyAdd<T>(ai, b1, c01);
    c02 = multiplyAdd<T>(ai, b2, c02);
    ai = v128.load_splat<T>(a, size);
    c10 = multiplyAdd<T>(ai, b0, c10);
    c11 = multiplyAdd<T>(ai, b1, c11);
    c12 = multiplyAdd<T>(ai, b2, c12);
    ai = v128.load_splat<T>(a, 2 * size);
    c20 = multiplyAdd<T>(ai, b0, c20);
    c21 = multiplyAdd<T>(ai, b1, c21);
    c22 = multiplyAdd<T>(ai, b2, c22);
    a += 48;
    b += 48;
  }
  const keep = i32x4.splat(-(add as i32));
  c00 = plus<T>(v128.load(sums), keep, c00);
  c01 = plus<T>(v128.load(sums, 16), keep, c01);
  c02 = plus<T>(v128.load(sums, 32), keep, c02);
  v128.store(sums, c00);
  v128.store(sums, c01, 16);
  v128.store(sums, c02, 32);
  sums += stride;
  c10 = plus<T>(v128.load(sums), keep, c10);
  c11 = plus<T>(v128.load(sums, 16), keep, c11);
  c12 = plus<T>(v128.load(sums, 32), keep, c12);
  v128.store(sums, c10);
  v128.store(sums, c11, 16);
  v128.store(sums, c12, 32);
  sums += stride;
  c20 = plus<T>(v128.load(sums), keep, c20);
  c21 = plus<T>(v128.load(sums, 16), keep, c21);
  c22 = plus<T>(v128.load(sums, 32), keep, c22);
  v128.store(sums, c20);
  v128.store(sums, c21, 16);
  v128.store(sums, c22, 32);
}
