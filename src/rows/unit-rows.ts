import type { CsrRows } from './csr-rows.js';
import type { RowSource } from './row-source.js';

/**
 * Writes row `row` of `source` to `target` (`depth` float64), scaled to length 1; a zero row, or one that is not finite,
 * becomes zeros. Rows that differ by a power of two become equal.
 */
export function copyUnitRow(source: RowSource, row: number, target: Float64Array): void {
  source.copyRows(row, row + 1, target, 0);
  scaleToUnit(target);
}

/** Writes the stored elements of a sparse row to `target`, which has room for those of any row, scaled in the same way; returns how many. */
export function copyUnitElements(source: CsrRows, row: number, target: Float64Array): number {
  const start = source.startOf(row);
  const count = source.endOf(row) - start;
  for (let i = 0; i < count; i++) target[i] = source.values[start + i] as number;
  scaleToUnit(target.subarray(0, count));
  return count;
}

function scaleToUnit(target: Float64Array): void {
  let largest = 0;
  for (const value of target) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) {
    target.fill(0);
    return;
  }
  let squares = 0;
  for (let k = 0; k < target.length; k++) {
    const value = (target[k] as number) / largest;
    target[k] = value;
    squares += value * value;
  }
  const norm = Math.sqrt(squares);
  for (let k = 0; k < target.length; k++) target[k] = (target[k] as number) / norm;
}
