// The commonest call in one function: all scores of a few rows of floats with each other, without options. In a fresh process a call costs by
// the functions that it runs through and by the properties that they read, and ten times what the arithmetic does: here are few of both.

import type { Backend } from './backends/backend.js';
import { isSmallDense } from './engine/small.js';
import { Matrix } from './rows/dense-matrix.js';
import { BACKEND_NAMES, type BackendName } from './types.js';

/** What the checks of rows read, beside `data` and `shape`, before they take an object with both as rows one after another. */
interface PlainRows {
  readonly [property: string]: unknown;
  readonly data: unknown;
  readonly shape: unknown;
}

const { getPrototypeOf } = Object;
const { ownKeys } = Reflect;
const { isSafeInteger } = Number;
const { isArray } = Array;
const plainPrototype = Object.prototype;
const matrixPrototype = Matrix.prototype;

/**
 * The similarity of every row of `value` with every row, if it is a plain object, or a Matrix, with nothing but floats and a shape of two sizes,
 * and small; `options` are undefined or name a backend and no more. Undefined, and nothing has happened, for all that the general path is to
 * compute or to refuse.
 */
export function similarityOfPlainRows(
  value: unknown,
  options: unknown,
  backendNow: (name?: BackendName) => Backend | undefined,
): Matrix | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== plainPrototype && prototype !== matrixPrototype) return undefined;
  const rows = value as PlainRows;
  const { data, shape } = rows;
  const isFloat32 = data instanceof Float32Array;
  if (!(isFloat32 || data instanceof Float64Array) || !isArray(shape) || shape.length !== 2) return undefined;
  const count: unknown = shape[0];
  const depth: unknown = shape[1];
  if (typeof count !== 'number' || typeof depth !== 'number' || !isSafeInteger(count) || !isSafeInteger(depth)) return undefined;
  if (count < 0 || depth < 0 || data.length !== count * depth) return undefined;
  if (rows.dims !== undefined || rows.stride !== undefined || rows.strides !== undefined || rows.offset !== undefined) return undefined;
  if (rows.order !== undefined || rows.fortranOrder !== undefined || rows.fortran_order !== undefined) return undefined;
  if (rows.type !== undefined || rows.dtype !== undefined || rows.layout !== undefined) return undefined;
  if (rows.dataSync !== undefined || rows.then !== undefined) return undefined;
  const name = options === undefined ? undefined : backendAlone(options);
  if (options !== undefined && name === undefined) return undefined;
  const backend = backendNow(name);
  if (!backend?.computeSmall || !isSmallDense(count, count, depth, true, backend)) return undefined;
  const length = count * count;
  const scores = isFloat32 ? new Float32Array(length) : new Float64Array(length);
  if (!backend.computeSmall(scores, depth, false, data, 0, count, undefined, 0, 0)) return undefined;
  return new Matrix(scores, [count, count]);
}

/** The backend that options name, if they are nothing else. */
function backendAlone(options: unknown): BackendName | undefined {
  if (typeof options !== 'object' || options === null || getPrototypeOf(options) !== plainPrototype) return undefined;
  const keys = ownKeys(options);
  if (keys.length !== 1 || keys[0] !== 'backend') return undefined;
  const { backend } = options as { readonly backend: unknown };
  return BACKEND_NAMES.includes(backend as BackendName) ? (backend as BackendName) : undefined;
}
