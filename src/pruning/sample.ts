// A few rows that stand for all: evenly spread, in float64 of length 1.

import type { RowSource } from '../rows/row-source.js';
import { type AnyRows, StoredRows } from '../rows/stored-rows.js';
import { copyUnitRow } from '../rows/unit-rows.js';

/** Rows that are read together where they lie in a file. */
const READ_TOGETHER = 8;

/** Up to `count` rows of `rows`, one after another. Zero rows, and rows that are not finite, are zeros. */
export async function sampleRows(rows: AnyRows, count: number): Promise<Float32Array> {
  const { depth } = rows;
  const wanted = Math.min(count, rows.rows);
  const sample = new Float32Array(wanted * depth);
  const unit = new Float64Array(depth);
  const together = rows instanceof StoredRows ? READ_TOGETHER : 1;
  const reader = rows instanceof StoredRows ? rows.createReader(together) : undefined;
  for (let taken = 0; taken < wanted; taken += together) {
    const some = Math.min(together, wanted - taken);
    const from = Math.floor((taken * (rows.rows - some)) / Math.max(1, wanted - some));
    const source = reader ? await reader.read(from, from + some) : (rows as RowSource);
    // What is no longer there is for the call itself to say.
    if (!source.isIntact(from, from + some)) continue;
    for (let row = 0; row < some; row++) {
      copyUnitRow(source, from + row, unit);
      // Conversion by `set` takes several times as long.
      for (let k = 0, to = (taken + row) * depth; k < depth; k++, to++) sample[to] = unit[k] as number;
    }
  }
  return sample;
}
