import type { RowSource } from './row-source.js';

/**
 * Writes row `row` of `source` to `target` (`depth` float64), scaled to length 1; a zero row, or one that is not finite,
 * becomes zeros. Rows that differ by a power of two become equal.
 */
export function copyUnitRow(source: RowSource, row: number, target: Float64Array): void {
  source.copyRows(row, row + 1, target, 0);
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
