import type { CsrRows } from './csr-rows.js';
import type { RowSource } from './row-source.js';

/** Between these limits, a sum of squares loses no digits to underflow or overflow. */
const MIN_SQUARES = 2 ** -800;
const MAX_SQUARES = 2 ** 800;

/**
 * Writes row `row` of `source` to `target` (`depth` float64 elements), and returns the factor that scales it to length 1; 0 for a zero
 * row or a non-finite row. Rows that differ by a power of two become equal.
 */
export function copyRowToScale(source: RowSource, row: number, target: Float64Array): number {
  source.copyRows(row, row + 1, target, 0);
  return toScale(target);
}

/** Writes the stored elements of a sparse row to `target`, which has room for those of any row, and returns the same factor. */
export function copyElementsToScale(source: CsrRows, row: number, target: Float64Array): number {
  const start = source.startOf(row);
  const count = source.endOf(row) - start;
  for (let i = 0; i < count; i++) target[i] = source.values[start + i] as number;
  return toScale(target.subarray(0, count));
}

function toScale(target: Float64Array): number {
  const squares = dot(target, target, 0);
  if (squares > MIN_SQUARES && squares < MAX_SQUARES) return 1 / Math.sqrt(squares);
  let largest = 0;
  for (const value of target) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) {
    target.fill(0);
    return 0;
  }
  for (let k = 0; k < target.length; k++) target[k] = (target[k] as number) / largest;
  return 1 / Math.sqrt(dot(target, target, 0));
}

/**
 * Returns the dot product of `row` and the elements of `others` from `at` on, in four sums, because each addition waits for the one
 * before.
 */
export function dot(row: Float64Array, others: Float64Array, at: number): number {
  const { length } = row;
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    a += (row[k] as number) * (others[at + k] as number);
    b += (row[k + 1] as number) * (others[at + k + 1] as number);
    c += (row[k + 2] as number) * (others[at + k + 2] as number);
    d += (row[k + 3] as number) * (others[at + k + 3] as number);
  }
  for (; k < length; k++) a += (row[k] as number) * (others[at + k] as number);
  return a + b + (c + d);
}

/** Adds `row` times `scale` to the elements of `sums` from `at` on. */
export function addScaled(row: Float64Array, scale: number, sums: Float64Array, at: number): void {
  const { length } = row;
  for (let k = 0; k < length; k++) sums[at + k] = (sums[at + k] as number) + scale * (row[k] as number);
}
