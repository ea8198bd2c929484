import { describe, describeShape, fail } from '../argument.js';
import type { ScoreArray } from './dtype.js';

/** What a row is called in a Map or an object of vectors. */
export type RowId = string | number | bigint;

/** A matrix as JSON. Every call takes it as rows: what was written and parsed has the same scores. */
export interface MatrixJson {
  readonly shape: readonly [rows: number, cols: number];
  /** The elements, row after row. */
  readonly data: number[];
  readonly rowIds?: readonly RowId[];
  readonly colIds?: readonly RowId[];
}

/** A dense row-major matrix: what the calls return, and one of the things they take. */
export class Matrix<T extends ScoreArray = ScoreArray> {
  /** The elements, row after row. Over a SharedArrayBuffer where threads filled it. */
  declare readonly data: T;
  /** Rows and columns. */
  declare readonly shape: readonly [rows: number, cols: number];
  /** The ids of the rows, if x has ids: as keys of a Map, say, or by `ids`. */
  declare readonly rowIds?: readonly RowId[];
  /** The ids of the columns, if y has ids, or x where there is no y. */
  declare readonly colIds?: readonly RowId[];

  /**
   * A matrix over `data`, which is not copied.
   *
   * @throws {ArgumentError} where `data` is no Float32Array or Float64Array of exactly rows x cols elements
   */
  constructor(data: T, shape: readonly [rows: number, cols: number]) {
    const isScores = data instanceof Float32Array || data instanceof Float64Array;
    if (!isScores || !isShape(shape) || data.length !== shape[0] * shape[1]) refuseParts(data, shape);
    this.data = data;
    this.shape = shape;
  }

  /** The element in row `i`, column `j`; `undefined` outside the matrix. */
  at(i: number, j: number): number | undefined {
    const [rows, cols] = this.shape;
    return i >= 0 && i < rows && j >= 0 && j < cols ? this.data[i * cols + j] : undefined;
  }

  /** Row `i` as a view (no copy): writing to it writes to the matrix. Throws RangeError outside the matrix. */
  row(i: number): T {
    const [rows, cols] = this.shape;
    if (!(Number.isInteger(i) && i >= 0 && i < rows)) throw new RangeError(`row ${i} of a matrix with ${rows} rows`);
    return this.data.subarray(i * cols, (i + 1) * cols) as T;
  }

  /** What JSON.stringify writes: the elements as plain numbers. */
  toJSON(): MatrixJson {
    return { ...this, data: Array.from(this.data) };
  }
}

function refuseParts(data: unknown, shape: unknown): never {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    fail('data', 'a Float32Array or a Float64Array', describe(data));
  }
  if (!isShape(shape)) fail('shape', '[rows, cols], two whole numbers,', describeShape(shape));
  const [rows, cols] = shape;
  return fail('data', `rows x cols = ${rows * cols} elements`, `${data.length}`);
}

function isShape(shape: unknown): shape is [rows: number, cols: number] {
  return Array.isArray(shape) && shape.length === 2 && isSize(shape[0]) && isSize(shape[1]);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
