// Checks and sorts the stored elements of sparse rows.

import { FormatError } from '../../errors.js';
import { CsrRows, MAX_COLUMNS } from '../../rows/csr-rows.js';
import { elementBytes, type NumericArray } from '../../rows/dtype.js';
import type { ElementType } from '../../rows/element-type.js';
import { sumDuplicates } from '../../rows/sum-duplicates.js';
import { type RowStream, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';

/** This many rows may be empty, with nothing but the shape to show that they exist. */
const MAX_UNSTORED_ROWS = 2 ** 22;

/** Stored elements in any order. */
export interface Triplets {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly values: NumericArray;
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

/** Returns rows from compressed sparse rows or columns. Throws FormatError if the arrays contradict each other or the shape. */
export function csrOfArrays(file: string, { format, rows, depth, indptr, indices, data }: SparseArrays): CsrRows {
  checkSparseShape(file, rows, depth, data.length);
  if (indices.length !== data.length) {
    throw new FormatError(file, 0, `${data.length} elements in data, but ${indices.length} in indices`);
  }
  const starts = checkStarts(file, indptr, format === 'csr' ? rows : depth, data.length);
  if (format === 'csr') return csrOf(file, starts, indices, data, depth);
  return rowsOfColumns(file, starts, { format, rows, depth, indptr, indices, data });
}

function checkStarts(file: string, indptr: NumericArray, count: number, stored: number): Float64Array {
  if (indptr.length !== count + 1) {
    throw new FormatError(file, 0, `expected ${count + 1} elements in indptr, got ${indptr.length}`);
  }
  const starts = Float64Array.from(indptr);
  let last = 0;
  for (const [at, start] of starts.entries()) {
    if (!Number.isInteger(start) || start < last || (at === 0 && start !== 0)) {
      throw new FormatError(file, 0, `element ${at} of indptr is ${start}; expected whole numbers from 0 on, ascending`);
    }
    last = start;
  }
  if (last !== stored) throw new FormatError(file, 0, `indptr ends with ${last}, but ${stored} elements are stored`);
  return starts;
}

function rowsOfColumns(file: string, starts: Float64Array, { indices, data, rows, depth }: SparseArrays): CsrRows {
  const columns = new Uint32Array(indices.length);
  for (let column = 0; column < depth; column++) {
    for (let i = starts[column] as number; i < (starts[column + 1] as number); i++) {
      const row = indices[i] as number;
      if (!(Number.isInteger(row) && row >= 0 && row < rows)) {
        throw new FormatError(file, 'whole', `column ${column} has an element in row ${row}; expected 0 to ${rows - 1}`);
      }
      columns[i] = column;
    }
  }
  return csrOfTriplets({ rows: indices, columns, values: data }, indices.length, rows, depth);
}

/** Returns rows from elements grouped by row. The columns of a row may be in any order; duplicate elements are added. */
export function csrOf(file: string, starts: Float64Array, columns: NumericArray, values: NumericArray, depth: number): CsrRows {
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
  const stored = ascends ? { starts, columns, values } : sumDuplicates({ starts, columns, values });
  return new CsrRows(stored.starts, stored.columns, stored.values, depth);
}

/** Returns rows from elements in any order, whose positions have been checked against the shape. */
export function csrOfTriplets(triplets: Triplets, count: number, rows: number, depth: number): CsrRows {
  const starts = new Float64Array(rows + 1);
  for (let i = 0; i < count; i++) {
    const row = triplets.rows[i] as number;
    starts[row + 1] = (starts[row + 1] as number) + 1;
  }
  for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  const next = starts.slice();
  const columns = new Uint32Array(count);
  const values = new (triplets.values.constructor as new (length: number) => NumericArray)(count);
  for (let i = 0; i < count; i++) {
    const row = triplets.rows[i] as number;
    const at = next[row] as number;
    next[row] = at + 1;
    columns[at] = triplets.columns[i] as number;
    values[at] = triplets.values[i] as number;
  }
  return csrOf('', starts, columns, values, depth);
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
