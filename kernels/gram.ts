// The macro-kernel: the sums of one Gram tile, and the self-products that its epilogue compares them with.

import { microKernel } from './micro-kernel';
import { DEPTH_BLOCK, MR, V, multiplyAdd, panelRows } from './vector';

/**
 * sums[rows][cols] = A Bᵀ for panels A and B of `depth`. Rows of sums are `stride` bytes apart, a whole number of panels.
 * In a triangle (B is A) only the panels on and below the diagonal are written. Padding columns are written, padding rows
 * up to the next MR.
 */
export function gramTile<T>(a: usize, b: usize, sums: usize, stride: usize, rows: i32, cols: i32, depth: i32, triangle: bool): void {
  const width = panelRows<T>();
  const stepBytes = (V * 16) as usize;
  const panelBytes = (depth as usize) * stepBytes;
  let k = 0;
  do {
    const block = min(DEPTH_BLOCK, depth - k);
    const offset = (k as usize) * stepBytes;
    for (let col = 0, bp = b + offset; col < cols; col += width, bp += panelBytes) {
      const first = triangle ? col : 0;
      let ap = a + offset + ((first / width) as usize) * panelBytes;
      let out = sums + (first as usize) * stride + ((col * sizeof<T>()) as usize);
      for (let row = first; row < rows; row += width, ap += panelBytes) {
        const left = min(width, rows - row);
        for (let i = 0; i < left; i += MR) {
          microKernel<T>(ap + ((i * sizeof<T>()) as usize), bp, out, stride, block, k > 0);
          out += (MR as usize) * stride;
        }
      }
    }
    k += DEPTH_BLOCK;
  } while (k < depth);
}
