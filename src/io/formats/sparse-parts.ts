// Checks and sorts the stored elements of sparse rows.

import { FormatError } from '../../errors.js';
import { CsrRows, MAX_COLUMNS } from '../../rows/csr-rows.js';
import { elementBytes, type NumericArray } from '../../rows/dtype.js';
import type { ElementType } from '../../rows/element-type.js';
import { sumDuplicates } from '../../rows/sum-duplicates.js';
import { freeBuffer, freeBuffers } from '../bytes/free-buffer.js';
import { type RowStream, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import type { SparseRoom } from '../rows/sparse-room.js';

/** This many rows may be empty, with nothing but the shape to show that they exist. */
const MAX_UNSTORED_ROWS = 2 ** 22;

/** Stored elements in any order, in pieces of the same lengths. Columns and values are read once each. */
export interface Triplets {
  readonly rows: readonly ArrayLike<number>[];
  readonly columns: Iterable<ArrayLike<number>>;
  readonly values: Iterable<ArrayLike<number>>;
}

function tooWide(file: string, depth: number): FormatError {
  return new FormatError(file, 'whole', `expected at most ${MAX_COLUMNS} columns, got ${depth}`);
}

/** Throws FormatError for a shape that sparse rows cannot have, or with too many rows for the stored elements. */
export function checkSparseShape(file: string, rows: number, depth: number, stored: number): void {
  const isSize = (size: number) => Number.isSafeInteger(size) && size >= 0;
  if (!isSize(rows) || !isSize(depth)) throw new FormatError(file, 'whole', `a shape of (${rows}, ${depth})`);
  if (depth > MAX_COLUMNS) throw tooWide(file, depth);
  if (rows > MAX_UNSTORED_ROWS && rows > 64 * stored) {
    throw new FormatError(file, 'whole', `${rows} rows, of which ${stored} elements are stored; nearly all of them are empty`);
  }
}

/** The arrays of a compressed sparse matrix, with SciPy's names. */
export interface SparseArrays {
  readonly format: 'csr' | 'csc';
  readonly rows: number;
  readonly depth: number;
  readonly indptr: NumericArray;
  readonly indices: NumericArray;
  readonly data: NumericArray;
}

/** The numbers of an array of a file: how many, and their bytes in memory. */
export interface ArraySize {
  readonly length: number;
  readonly elementBytes: number;
}

/** Returns the memory that `csrOfArrays` needs, including the arrays. */
export function bytesToArrange(
  { format, rows, depth }: Pick<SparseArrays, 'format' | 'rows' | 'depth'>,
  { indptr, indices, data }: Readonly<Record<'indptr' | 'indices' | 'data', ArraySize>>,
): number {
  const bytesOf = ({ length, elementBytes }: ArraySize) => length * elementBytes;
  const given = bytesOf(indptr) + bytesOf(indices) + bytesOf(data);
  const starts = 8 * ((format === 'csr' ? rows : depth) + 1);
  return given + starts + (format === 'csr' ? 0 : 8 * (rows + 1) + 4 * data.length + bytesOf(data));
}

/**
 * Returns rows from compressed sparse rows or columns, and takes over or frees the arrays, which must have buffers of their own. Throws
 * FormatError if the arrays contradict each other or the shape.
 */
export function csrOfArrays(
  file: string,
  { format, rows, depth, indptr, indices, data }: SparseArrays,
  room?: SparseRoom | undefined,
): CsrRows {
  checkSparseShape(file, rows, depth, data.length);
  if (indices.length !== data.length) {
    throw new FormatError(file, 0, `${data.length} elements in data, but ${indices.length} in indices`);
  }
  const starts = checkStarts(file, indptr, format === 'csr' ? rows : depth, data.length);
  freeBuffer(indptr.buffer as ArrayBuffer);
  if (format === 'csr') return csrOf(file, starts, indices, data, depth, room);
  const csr = rowsOfColumns(file, starts, { format, rows, depth, indptr, indices, data }, room);
  freeBuffers([starts, indices, data].map(({ buffer }) => buffer as ArrayBuffer));
  return csr;
}

function checkStarts(file: string, indptr: NumericArray, count: number, stored: number): Float64Array {
  if (indptr.length !== count + 1) {
    throw new FormatError(file, 0, `expected ${count + 1} elements in indptr, got ${indptr.length}`);
  }
  const starts = new Float64Array(indptr);
  let last = 0;
  for (let at = 0; at < starts.length; at++) {
    const start = starts[at] as number;
    if (!Number.isInteger(start) || start < last || (at === 0 && start !== 0)) {
      throw new FormatError(file, 0, `element ${at} of indptr is ${start}; expected whole numbers from 0 on, ascending`);
    }
    last = start;
  }
  if (last !== stored) throw new FormatError(file, 0, `indptr ends with ${last}, but ${stored} elements are stored`);
  return starts;
}

function rowsOfColumns(
  file: string,
  starts: Float64Array,
  { indices, data, rows, depth }: SparseArrays,
  room: SparseRoom | undefined,
): CsrRows {
  for (let column = 0; column < depth; column++) {
    for (let i = starts[column] as number; i < (starts[column + 1] as number); i++) {
      const row = indices[i] as number;
      if (!(Number.isInteger(row) && row >= 0 && row < rows)) {
        throw new FormatError(file, 'whole', `column ${column} has an element in row ${row}; expected 0 to ${rows - 1}`);
      }
    }
  }
  const values = new (data.constructor as new (length: number) => NumericArray)(data.length);
  return csrOfTriplets(
    file,
    { rows: inPieces(indices), columns: columnNumbers(starts), values: inPieces(data) },
    values,
    rows,
    depth,
    room,
  );
}

/** Yields the column of each element, in pieces of `AT_ONCE` elements that are valid until the next is requested. */
function* columnNumbers(starts: Float64Array): Generator<Uint32Array, void, undefined> {
  const stored = starts[starts.length - 1] as number;
  const piece = new Uint32Array(Math.min(stored, AT_ONCE));
  let column = 0;
  for (let from = 0; from < stored; from += AT_ONCE) {
    const length = Math.min(AT_ONCE, stored - from);
    for (let i = 0; i < length; i++) {
      while ((starts[column + 1] as number) <= from + i) column++;
      piece[i] = column;
    }
    yield piece.subarray(0, length);
  }
}

function inPieces(array: NumericArray): NumericArray[] {
  const pieces: NumericArray[] = [];
  for (let from = 0; from < array.length; from += AT_ONCE) pieces.push(array.subarray(from, from + AT_ONCE));
  return pieces;
}

const AT_ONCE = 2 ** 16;

/**
 * Returns rows from elements grouped by row, and takes over or frees the arrays. The columns of a row may be in any order; duplicate elements
 * are added.
 */
export function csrOf(
  file: string,
  starts: Float64Array,
  columns: NumericArray,
  values: NumericArray,
  depth: number,
  room?: SparseRoom | undefined,
): CsrRows {
  if (depth > MAX_COLUMNS) throw tooWide(file, depth);
  const rows = starts.length - 1;
  let ascends = true;
  for (let row = 0; row < rows; row++) {
    let last = -1;
    for (let i = starts[row] as number; i < (starts[row + 1] as number); i++) {
      const column = columns[i] as number;
      if (!(Number.isInteger(column) && column >= 0 && column < depth)) {
        throw new FormatError(file, 'whole', `row ${row} has an element in column ${column}; expected 0 to ${depth - 1}`);
      }
      if (column <= last) ascends = false;
      last = column;
    }
  }
  if (ascends) return new CsrRows(starts, columns, values, depth);
  const arrays = [starts, columns, values];
  // Values become float64, unless they are float32.
  const sortedBytes = 8 * starts.length + (values instanceof Float32Array ? 8 : 12) * values.length;
  room?.check(
    file,
    arrays.reduce((sum, { byteLength }) => sum + byteLength, sortedBytes),
  );
  const sorted = sumDuplicates({ starts, columns, values });
  freeBuffers(arrays.map(({ buffer }) => buffer as ArrayBuffer));
  return new CsrRows(sorted.starts, sorted.columns, sorted.values, depth);
}

/** Returns rows from elements in any order, whose positions have been checked against the shape. `values` receives their values. */
export function csrOfTriplets(
  file: string,
  triplets: Triplets,
  values: NumericArray,
  rows: number,
  depth: number,
  room?: SparseRoom | undefined,
): CsrRows {
  const starts = new Float64Array(rows + 1);
  for (const piece of triplets.rows) {
    for (let i = 0; i < piece.length; i++) {
      const row = piece[i] as number;
      starts[row + 1] = (starts[row + 1] as number) + 1;
    }
  }
  for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  const columns = new Uint32Array(values.length);
  // One after the other, so that the pieces of columns are free before values take memory.
  arrange(triplets.columns, triplets.rows, starts, columns);
  arrange(triplets.values, triplets.rows, starts, values);
  return csrOf(file, starts, columns, values, depth, room);
}

/** Moves each number to the next place of its row in `target`. */
function arrange(
  pieces: Iterable<ArrayLike<number>>,
  rows: readonly ArrayLike<number>[],
  starts: Float64Array,
  target: NumericArray,
): void {
  let piece = 0;
  for (const numbers of pieces) {
    const rowsOfPiece = rows[piece++] as ArrayLike<number>;
    for (let i = 0; i < numbers.length; i++) {
      const row = rowsOfPiece[i] as number;
      const at = starts[row] as number;
      starts[row] = at + 1;
      target[at] = numbers[i] as number;
    }
  }
  // Each row now starts where it ends.
  starts.copyWithin(1, 0, starts.length - 1);
  starts[0] = 0;
}

/** Returns sparse rows in the form that readers return, including zeros for callers that need blocks. */
export function sparseStream(
  sparse: CsrRows,
  { origin, openColumns }: Pick<RowStream, 'origin' | 'openColumns'> = {},
): RowStream {
  const { depth, staged } = sparse;
  const type: ElementType = staged;
  return {
    kind: 'stream',
    depth,
    type,
    sparse,
    ...(origin && { origin }),
    ...(openColumns && { openColumns }),
    async *blocks() {
      const most = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / Math.max(1, depth * elementBytes(staged))));
      for (let from = 0; from < sparse.rows; from += most) {
        const to = Math.min(sparse.rows, from + most);
        const length = (to - from) * depth;
        const block = staged === 'float64' ? new Float64Array(length) : new Float32Array(length);
        sparse.copyRows(from, to, block, 0);
        yield block;
      }
    },
  };
}
