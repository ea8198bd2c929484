import { describe, describeShape, fail } from '../argument.js';
import type { ScoreArray } from './dtype.js';

/** The name of a row in a Map or an object of vectors. */
export type RowId = string | number | bigint;

/** A matrix as JSON. Every call accepts it as rows, and a matrix that was stringified and parsed has the same scores. */
export interface MatrixJson {
  readonly shape: readonly [rows: number, cols: number];
  /** The elements, row by row. */
  readonly data: number[];
  readonly rowIds?: readonly RowId[];
  readonly colIds?: readonly RowId[];
}

/** A dense row-major matrix: the result of calls, and one form of rows. */
export class Matrix<T extends ScoreArray = ScoreArray> {
  /** The elements, row by row. In a SharedArrayBuffer if threads of JavaScript filled it. */
  declare readonly data: T;
  /** Number of rows and columns. */
  declare readonly shape: readonly [rows: number, cols: number];
  /** The ids of the rows, if the rows of x have ids. */
  declare readonly rowIds?: readonly RowId[];
  /** The ids of the columns, if the rows of y (or of x, without a y) have ids. */
  declare readonly colIds?: readonly RowId[];

  /**
   * Creates a matrix over `data` without copying it.
   *
   * @param data the elements, row by row
   * @param shape number of rows and columns
   * @throws {ArgumentError} if `data` is not a Float32Array or Float64Array of exactly rows x cols elements
   */
  constructor(data: T, shape: readonly [rows: number, cols: number]) {
    const isScores = data instanceof Float32Array || data instanceof Float64Array;
    if (!isScores || !isShape(shape) || data.length !== shape[0] * shape[1]) refuseParts(data, shape);
    this.data = data;
    this.shape = shape;
  }

  /** Returns the element in row `i`, column `j`, or `undefined` outside the matrix. */
  at(i: number, j: number): number | undefined {
    const [rows, cols] = this.shape;
    return i >= 0 && i < rows && j >= 0 && j < cols ? this.data[i * cols + j] : undefined;
  }

  /** Returns row `i` as a view: writing to it changes the matrix. Throws RangeError outside the matrix. */
  row(i: number): T {
    const [rows, cols] = this.shape;
    if (!(Number.isInteger(i) && i >= 0 && i < rows)) throw new RangeError(`row ${i} of a matrix with ${rows} rows`);
    return this.data.subarray(i * cols, (i + 1) * cols) as T;
  }

  /** Returns what JSON.stringify writes: the shape, and the elements as plain numbers. */
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
