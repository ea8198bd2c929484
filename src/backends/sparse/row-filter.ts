// Excludes pairs of sparse rows. For each row of length 1, its elements are stored with the rarest column first, each with the length of
// what follows it. docs/how-it-works.md derives the bound.

import type { ScoreArray } from '../../rows/dtype.js';

/** Elements of rows in another order, at the same positions as in the packed rows. */
export interface FilterRows {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
  /** At least the true length, and never 0. */
  readonly rests: Float32Array;
}

/** Bytes of an element of the above, and of a posting in an index of heads. */
export const FILTER_BYTES = 12;
export const HEAD_POSTING_BYTES = 16;

/** Maximum number of elements in a row that can be sorted. */
export const MAX_FILTERED_ELEMENTS = 2 ** 21;

export function newFilterRows(nonzeros: number): FilterRows {
  return { columns: new Uint32Array(nonzeros), values: new Float32Array(nonzeros), rests: new Float32Array(nonzeros) };
}

/** Up to this many elements, insertion sort is the fastest. */
const MAX_INSERTED = 48;
/** Exceeds what rounding to float32 takes from a length. */
const ROUNDED_UP = 1 + 2 ** -22;
const LEAST_REST = 1e-9;

/** Sorts the elements of one row at a time. */
export class FilterWriter {
  private keys = new Float64Array(MAX_INSERTED);

  /** `ranks` gives the position of each column, rarest first. */
  constructor(private readonly ranks: Uint32Array) {}

  /** Writes the elements [from, end) of packed rows, a row whose product with itself is `square`. */
  write(columns: Uint32Array, values: ScoreArray, from: number, end: number, square: number, to: FilterRows): void {
    const keys = this.sortedKeys(columns, from, end);
    const inverse = square > 0 ? 1 / Math.sqrt(square) : 0;
    let squares = 0;
    for (let i = end - from - 1; i >= 0; i--) {
      const at = from + ((keys[i] as number) % MAX_FILTERED_ELEMENTS);
      const value = (values[at] as number) * inverse;
      to.columns[from + i] = columns[at] as number;
      to.values[from + i] = value;
      to.rests[from + i] = Math.sqrt(squares) * ROUNDED_UP + LEAST_REST;
      squares += value * value;
    }
  }

  /** Returns the rank of each element and its position in the row, combined in one number. */
  private sortedKeys(columns: Uint32Array, from: number, end: number): Float64Array {
    const { ranks } = this;
    const count = end - from;
    if (this.keys.length < count) this.keys = new Float64Array(2 * count);
    const { keys } = this;
    const isShort = count <= MAX_INSERTED;
    for (let i = 0; i < count; i++) {
      const key = (ranks[columns[from + i] as number] as number) * MAX_FILTERED_ELEMENTS + i;
      let place = i;
      if (isShort) for (; place > 0 && (keys[place - 1] as number) > key; place--) keys[place] = keys[place - 1] as number;
      keys[place] = key;
    }
    if (!isShort) keys.subarray(0, count).sort();
    return keys;
  }
}

/**
 * Returns the maximum by which the true cosine of two rows with at most this many stored elements can exceed its computed bound. It covers
 * sums of float32 products of rows of length 1, a product of two lengths, and limits as float32.
 */
export function filterSlack(rowNonzeros: number): number {
  return (rowNonzeros + 16) * 2 ** -24 * 1.01;
}

/** Heads are longer than a threshold requires, so what remains of rows is short and few pairs survive. */
export const HEAD_FACTOR = 0.9;

/** Below this limit rows exclude too few pairs, and at 0 pairs without a common column belong to the answer. */
export const LEAST_LIMIT = 0.05;
