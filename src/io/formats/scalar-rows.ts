// Rows with one number from each of many columns, some of which may be null.

import type { NumericArray } from '../../rows/dtype.js';
import type { NullRows } from '../columns/nulls.js';

/** Some consecutive rows. */
export interface ScalarRows {
  readonly values: NumericArray;
  readonly rows: number;
  /** Number of the first row in the file. */
  readonly row: number;
  /** For each row: the number of its first null column, counted from 1, or 0; undefined if there are no nulls. */
  readonly missing: Uint32Array | undefined;
  /** Position of the nulls in the file. */
  readonly offset: number;
}

/**
 * Drops rows that contain a null, or makes them zero rows, as `nulls` says; the remaining rows are moved together. Returns their number.
 */
export function keepRows(
  { values, rows, row, missing, offset }: ScalarRows,
  names: readonly string[],
  nulls: NullRows,
): number {
  if (!missing) return rows;
  const depth = names.length;
  let kept = 0;
  for (let r = 0; r < rows; r++) {
    const column = missing[r] ?? 0;
    if (column > 0) {
      if (!nulls.add(row + r, offset, `of column ${names[column - 1]} is null`)) continue;
      values.fill(0, r * depth, (r + 1) * depth);
    }
    if (kept < r) values.copyWithin(kept * depth, r * depth, (r + 1) * depth);
    kept++;
  }
  return kept;
}
