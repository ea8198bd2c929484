// The macro-kernel: computes the sums of one Gram tile.
//
// The two column kernels are exported so that the optimiser keeps them as separate functions. An engine that first runs simple
// code and replaces a function when it is next called can then switch within microseconds instead of after a whole tile.

import { microKernel } from './micro-kernel';
import { DEPTH_BLOCK, MR, V, panelRows } from './vector';

/**
 * Computes sums[rows][cols] = A Bᵀ for panels A and B of `depth`. Rows of sums are `stride` bytes apart, a whole number of
 * panels. In a triangle (B is A), only the panels on and below the diagonal are written. Padding columns are written, and
 * padding rows up to the next MR.
 */
export function gramTile<T>(a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool): void {
  const width = panelRows<T>();
  const stepBytes = (V * 16) as usize;
  const panelBytes = (depth as usize) * stepBytes;
  let k = 0;
  // At least once, so that depth 0 gives zeros.
  do {
    const block = min(DEPTH_BLOCK, depth - k);
    const offset = (k as usize) * stepBytes;
    for (let col = 0, bp = b + offset; col < cols; col += width, bp += panelBytes) {
      const first = triangle ? col : 0;
      const ap = a + offset + ((first / width) as usize) * panelBytes;
      const out = sums + (first as usize) * stride + ((col * sizeof<T>()) as usize);
      if (sizeof<T>() == 4) gramColumnF32(ap, bp, out, stride, rows - first, panelBytes, block, k > 0);
      else gramColumnF64(ap, bp, out, stride, rows - first, panelBytes, block, k > 0);
    }
    k += DEPTH_BLOCK;
  } while (k < depth);
}

/** Multiplies one micro-panel of B, which stays in the first-level cache, with `rows` rows of A, for one depth block. */
export function gramColumnF32(a: usize, b: usize, sums: usize, stride: usize, rows: i32, panelBytes: usize, depth: i32, add: bool): void {
  gramColumn<f32>(a, b, sums, stride, rows, panelBytes, depth, add);
}

export function gramColumnF64(a: usize, b: usize, sums: usize, stride: usize, rows: i32, panelBytes: usize, depth: i32, add: bool): void {
  gramColumn<f64>(a, b, sums, stride, rows, panelBytes, depth, add);
}

// @ts-ignore: decorator
@inline function gramColumn<T>(
  a: usize, b: usize, sums: usize, stride: usize, rows: i32, panelBytes: usize, depth: i32, add: bool,
): void {
  const width = panelRows<T>();
  for (let row = 0; row < rows; row += width, a += panelBytes) {
    const left = min(width, rows - row);
    for (let i = 0; i < left; i += MR) {
      microKernel<T>(a + ((i * sizeof<T>()) as usize), b, sums, stride, depth, add);
      sums += (MR as usize) * stride;
    }
  }
}
