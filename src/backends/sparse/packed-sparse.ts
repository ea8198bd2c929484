// Packed sparse rows, the same for every backend. The stored elements of each row are multiplied by a power of two that brings its norm
// into [1, 2), as the kernels for dense rows do; this changes no digit.
//
// A sum takes the products of a pair of rows in order of their columns, in float64. For float32 rows every product is exact; for float64
// rows the rounding error of each addition is accumulated separately. A sum therefore depends only on its two rows and is the same on every
// backend.

import type { CsrRows } from '../../rows/csr-rows.js';
import { type DType, elementBytes, newScores, type ScoreArray } from '../../rows/dtype.js';
import type { JobShape, SparseShape } from '../backend.js';
import { FILTER_BYTES, type FilterRows, type FilterWriter, newFilterRows } from './row-filter.js';

/** The elements of rows: those of row r are at [starts[r], starts[r + 1]). */
export interface SparseRowsAt {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: ScoreArray;
}

/** One operand. */
export interface PackedSparse extends SparseRowsAt {
  readonly inverses: ScoreArray;
  readonly guards: ScoreArray;
  /** Set if pairs may be excluded. */
  readonly filter?: FilterRows | undefined;
}

export function newPackedSparse(dtype: DType, rows: number, nonzeros: number, filtered: boolean): PackedSparse {
  return {
    filter: filtered ? newFilterRows(nonzeros) : undefined,
    starts: new Uint32Array(rows + 1),
    columns: new Uint32Array(nonzeros),
    values: newScores(dtype, nonzeros),
    inverses: newScores(dtype, rows),
    guards: newScores(dtype, rows),
  };
}

/** A multiple of the number of rows in every panel. */
const PACK_STEP = 96;
/** Number of elements packed at a time, small enough for the event loop. */
const PACK_ELEMENTS = 2 ** 19;

/** Returns how many rows `packSparse` takes at a time if one stores at most this many elements. */
export function sparsePackBlock(rowNonzeros: number): number {
  return PACK_STEP * Math.max(1, Math.floor(PACK_ELEMENTS / (rowNonzeros + PACK_STEP) / PACK_STEP));
}

/** Returns the size of the packed rows of both operands. */
export function sparseBytes({ dtype, xRows, yRows }: JobShape, { xNonzeros, yNonzeros, filtered }: SparseShape): number {
  const size = elementBytes(dtype);
  return (xRows + yRows + 2) * (4 + 2 * size) + (xNonzeros + yNonzeros) * (4 + size + (filtered ? FILTER_BYTES : 0));
}

/** Maximum number of rows in a panel. */
const MAX_PANEL_ROWS = 48;
const ZERO_ROW_GUARD = 2;
/** A row's score with itself is 1 up to rounding, unless another thread wrote to the row meanwhile. */
const MAX_OWN_SCORE = 4;

/**
 * Packs rows [from, to) of `source` as rows from `at`, after their predecessors. Returns -1, or the first row of `source` that is not
 * finite or changes meanwhile; with `zeroNonFinite`, it is packed as a zero row instead. `writer` fills the filter of the rows.
 */
export function packSparse(
  source: CsrRows,
  from: number,
  to: number,
  at: number,
  zeroNonFinite: boolean,
  packed: PackedSparse,
  writer?: FilterWriter,
): number {
  const { starts, columns, values, inverses, guards, filter } = packed;
  const round = values instanceof Float32Array ? Math.fround : (value: number) => value;
  if (at === 0) starts[0] = 0;
  for (let row = from; row < to; row++, at++) {
    const first = starts[at] as number;
    let end = first + (source.endOf(row) - source.startOf(row));
    const isGood = copyScaled(source, row, first, packed);
    const square = isGood ? squareOf(values, first, end) : 0;
    const inverse = square > 0 ? round(1 / Math.sqrt(square)) : 0;
    const own = round(round(square) * round(inverse * inverse));
    if (!isGood || !(own < MAX_OWN_SCORE)) {
      if (!zeroNonFinite) return row;
      end = first;
    }
    const isZero = end === first || square === 0;
    inverses[at] = isZero ? 0 : inverse;
    guards[at] = isZero ? ZERO_ROW_GUARD : Math.min(1, own);
    starts[at + 1] = end;
    if (writer && filter) writer.write(columns, values, first, end, square, filter);
  }
  // Rows that pad the last panel.
  inverses.fill(0, at, at + MAX_PANEL_ROWS);
  return -1;
}

/** Returns whether the elements of a row are finite and its columns are still those that were checked. */
function copyScaled(source: CsrRows, row: number, to: number, { columns, values }: PackedSparse): boolean {
  const { depth } = source;
  const start = source.startOf(row);
  const count = source.endOf(row) - start;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const size = Math.abs(source.values[start + i] as number);
    if (!(size < Number.POSITIVE_INFINITY)) return false;
    if (size > largest) largest = size;
  }
  // In two steps, because one factor can lie outside float64. No digit is lost, except in elements far smaller than the rest.
  const exponent = largest > 0 ? exponentOf(largest) : 0;
  let squares = 0;
  const half = 2 ** Math.floor(-exponent / 2);
  const rest = 2 ** (-exponent - Math.floor(-exponent / 2));
  for (let i = 0; i < count; i++) {
    const value = (source.values[start + i] as number) * half * rest;
    squares += value * value;
  }
  // Elements are below 2, so this is at least 1 and far from any limit.
  const last = rest / 2 ** exponentOf(Math.sqrt(squares) || 1);
  let column = -1;
  for (let i = 0; i < count; i++) {
    const next = source.columns[start + i] as number;
    if (!(next > column && next < depth)) return false;
    column = next;
    columns[to + i] = next;
    values[to + i] = (source.values[start + i] as number) * half * last;
  }
  return true;
}

/** Returns the product of a row with itself, as the kernels sum it. */
function squareOf(values: ScoreArray, from: number, to: number): number {
  let sum = 0;
  let low = 0;
  const isCompensated = values instanceof Float64Array;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    const product = value * value;
    const next = sum + product;
    if (isCompensated) {
      const back = next - sum;
      low += sum - (next - back) + (product - back);
    }
    sum = next;
  }
  return sum + low;
}

const bits = new DataView(new ArrayBuffer(8));

/** Returns the binary exponent of a positive float64. */
function exponentOf(value: number): number {
  const isSmall = value < 2 ** -1022;
  bits.setFloat64(0, isSmall ? value * 2 ** 54 : value);
  return ((bits.getUint16(0) >> 4) & 0x7ff) - 1023 - (isSmall ? 54 : 0);
}

/**
 * Writes the elements of two rows, in the columns that either of them has, to `a` and `b`, in order and `stride` apart. Returns their
 * number.
 */
export function writeUnion(
  x: SparseRowsAt,
  xRow: number,
  y: SparseRowsAt,
  yRow: number,
  a: ScoreArray,
  b: ScoreArray,
  stride: number,
): number {
  let i = x.starts[xRow] as number;
  let j = y.starts[yRow] as number;
  const iEnd = x.starts[xRow + 1] as number;
  const jEnd = y.starts[yRow + 1] as number;
  let count = 0;
  for (; i < iEnd || j < jEnd; count++) {
    const left = i < iEnd ? (x.columns[i] as number) : Number.POSITIVE_INFINITY;
    const right = j < jEnd ? (y.columns[j] as number) : Number.POSITIVE_INFINITY;
    a[count * stride] = left <= right ? (x.values[i++] as number) : 0;
    b[count * stride] = right <= left ? (y.values[j++] as number) : 0;
  }
  return count;
}

/** Products of a tile, limited so that an abort is noticed soon. */
const TILE_WORK = 3e8;

/** Returns the rows of a tile of sparse rows with this mean number of stored elements: at most `most`, a multiple of `step`. */
export function sparseTileRows(most: number, step: number, stored: number, depth: number): number {
  // Two rows share at most `stored` columns or, if all columns are equally common, stored² / depth: a value in between.
  const products = stored * Math.sqrt(stored / Math.max(1, depth));
  const rows = Math.min(most, Math.sqrt(TILE_WORK / (products + 1)));
  return Math.max(1, Math.floor(rows / step)) * step;
}

/** Returns a depth whose error bound in the kernels exceeds the error of scores of rows with this many stored elements. */
export function sparseErrorDepth(rowNonzeros: number): number {
  // Sums are rounded to float64; a single rounding to float32 is as large as at most 2^28 of those.
  return 1 + Math.ceil(rowNonzeros / 2 ** 28);
}

/** Bytes of an entry for a column, and of a posting, in an index of a tile's columns. */
export const ENTRY_BYTES = 8;
export function postingBytes(dtype: DType): number {
  return 2 * elementBytes(dtype);
}
