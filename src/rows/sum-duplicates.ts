// Sorts the stored elements of sparse rows by column, and adds elements of the same column.

import type { NumericArray } from './dtype.js';

interface Stored {
  readonly starts: Float64Array;
  readonly columns: NumericArray;
  readonly values: NumericArray;
}

/**
 * Returns the same rows with ascending columns. Elements of the same column are added in their order, in float32 if they are float32,
 * as SciPy does. Sums of small integers may exceed their type, so all other types become float64.
 */
export function sumDuplicates({ starts, columns, values }: Stored): Stored {
  const rows = starts.length - 1;
  const newStarts = new Float64Array(rows + 1);
  const newColumns = new Uint32Array(columns.length);
  const newValues = values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const start = starts[row] as number;
    const first = kept;
    for (const at of orderOf(columns, start, starts[row + 1] as number)) {
      const column = columns[start + at] as number;
      const value = values[start + at] as number;
      if (kept > first && newColumns[kept - 1] === column) newValues[kept - 1] = (newValues[kept - 1] as number) + value;
      else {
        newColumns[kept] = column;
        newValues[kept++] = value;
      }
    }
    newStarts[row + 1] = kept;
  }
  return { starts: newStarts, columns: newColumns.subarray(0, kept), values: newValues.subarray(0, kept) };
}

/** Rows of up to this many elements are sorted by keys that combine column and position in one number; columns have at most 31 bits. */
const MAX_KEYS = 2 ** 16;

/**
 * Returns the positions of the elements in [start, end), counted from 0, sorted by column; elements of the same column keep their
 * order.
 */
function orderOf(columns: NumericArray, start: number, end: number): Uint32Array {
  const count = end - start;
  if (count > MAX_KEYS) return orderOfMany(columns, start, count);
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = (columns[start + i] as number) * MAX_KEYS + i;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % MAX_KEYS);
}

/** Radix sort by the lower and then the upper half of the column's bits, whose time does not depend on repeated columns. */
function orderOfMany(columns: NumericArray, start: number, count: number): Uint32Array {
  let order = new Uint32Array(count).map((_, i) => i);
  for (const shift of [0, 16]) {
    const digitOf = (at: number) => ((columns[start + at] as number) >>> shift) & 0xffff;
    const next = new Uint32Array(2 ** 16 + 1);
    for (let at = 0; at < count; at++) {
      const digit = digitOf(at) + 1;
      next[digit] = (next[digit] as number) + 1;
    }
    for (let digit = 0; digit < 2 ** 16; digit++) next[digit + 1] = (next[digit + 1] as number) + (next[digit] as number);
    const sorted = new Uint32Array(count);
    for (const at of order) {
      const digit = digitOf(at);
      const to = next[digit] as number;
      next[digit] = to + 1;
      sorted[to] = at;
    }
    order = sorted;
  }
  return order;
}
