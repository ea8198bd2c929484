// Samples evenly spaced rows, scaled to length 1.

import type { RowSource } from '../rows/row-source.js';
import { type AnyRows, StoredRows } from '../rows/stored-rows.js';

/** Rows that are read together from a file. */
const READ_TOGETHER = 8;

/** Consecutive rows of a sample. */
interface Span {
  /** Index of the first row, in the sample and among all rows. */
  readonly taken: number;
  readonly from: number;
  readonly some: number;
}

function* spansOf(rows: AnyRows, count: number): Generator<Span> {
  const wanted = Math.min(count, rows.rows);
  const together = rows instanceof StoredRows ? READ_TOGETHER : 1;
  for (let taken = 0; taken < wanted; taken += together) {
    const some = Math.min(together, wanted - taken);
    yield { taken, from: Math.floor((taken * (rows.rows - some)) / Math.max(1, wanted - some)), some };
  }
}

/** Returns the numbers of the rows that `sampleRows` takes. */
export function sampledNumbers(rows: AnyRows, count: number): number[] {
  return Array.from(spansOf(rows, count)).flatMap(({ from, some }) => Array.from({ length: some }, (_, row) => from + row));
}

/** Returns up to `count` rows, one after another. Zero rows and non-finite rows become zeros. */
export async function sampleRows(rows: AnyRows, count: number): Promise<Float32Array> {
  const { depth } = rows;
  const sample = new Float32Array(Math.min(count, rows.rows) * depth);
  const reader = rows instanceof StoredRows ? rows.createReader(READ_TOGETHER) : undefined;
  for (const { taken, from, some } of spansOf(rows, count)) {
    const source = reader ? await reader.read(from, from + some) : (rows as RowSource);
    // The call itself reports rows that are gone.
    if (!source.isIntact(from, from + some)) continue;
    // Copies without converting, because converting while copying takes several times as long.
    const staged = source.staged === 'float32' ? new Float32Array(some * depth) : new Float64Array(some * depth);
    source.copyRows(from, from + some, staged, 0);
    for (let row = 0; row < some; row++)
      scaleToUnit(staged.subarray(row * depth, (row + 1) * depth), sample, (taken + row) * depth);
  }
  return sample;
}

function scaleToUnit(row: Float32Array | Float64Array, target: Float32Array, at: number): void {
  let largest = 0;
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, Math.abs(row[k] as number));
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return;
  // The inverse of a subnormal number may be infinite.
  const up = largest < 2 ** -1000 ? 2 ** 100 : 1;
  const inverse = 1 / (largest * up);
  let squares = 0;
  for (let k = 0; k < row.length; k++) squares += ((row[k] as number) * up * inverse) ** 2;
  const inverseNorm = 1 / Math.sqrt(squares);
  for (let k = 0; k < row.length; k++) target[at + k] = (row[k] as number) * up * inverse * inverseNorm;
}
