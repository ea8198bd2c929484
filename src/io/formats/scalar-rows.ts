// Rows of one number from each of many columns, of which some may be null.

import type { NumericArray } from '../../rows/dtype.js';
import type { NullRows } from '../columns/nulls.js';

/** Some rows, one after another. */
export interface ScalarRows {
  readonly values: NumericArray;
  readonly rows: number;
  /** Number in the file of the first. */
  readonly row: number;
  /** For each row the first column that is null in it, by number from 1 on, or 0; undefined where none is. */
  readonly missing: Uint32Array | undefined;
  /** The byte of the file where the nulls are. */
  readonly offset: number;
}

/** Leaves out rows with a null among them, or makes them zero rows, as `nulls` says; the rows that are kept move together. How many there are. */
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
