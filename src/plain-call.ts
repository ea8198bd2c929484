// A fast path for the most common calls: all scores of a few rows of floats, without options other than a backend. In a fresh process, the
// time of a call depends on the functions it passes through and the properties it reads, which took ten times as long as the arithmetic.
// This path has few of both.

import type { Backend } from './backends/backend.js';
import { plainRows } from './check-rows.js';
import { isSmallDense } from './engine/small.js';
import { Matrix } from './rows/dense-matrix.js';
import type { ScoreArray } from './rows/dtype.js';
import { BACKEND_NAMES, type BackendName } from './types.js';

/**
 * Returns the similarity of every row of x with every row of x, or of y. Returns undefined, without any effect, if the general path should
 * compute it or refuse something: rows are not plain, there are many, or there are options other than a backend. Options may be passed
 * instead of y.
 */
export function similarityOfPlainRows(
  x: unknown,
  yOrOptions: unknown,
  lastOptions: unknown,
  backendNow: (name?: BackendName) => Backend | undefined,
): Matrix | undefined {
  const xRows = plainRows(x);
  if (!xRows) return undefined;
  const yRows = yOrOptions === undefined ? undefined : plainRows(yOrOptions);
  if (yRows && yRows.depth !== xRows.depth) return undefined;
  const options = yRows || yOrOptions === undefined ? lastOptions : yOrOptions;
  if (options !== lastOptions && lastOptions !== undefined) return undefined;
  const name = options === undefined ? undefined : backendAlone(options);
  if (options !== undefined && name === undefined) return undefined;
  const { rows, depth } = xRows;
  const cols = yRows ? yRows.rows : rows;
  const backend = backendNow(name);
  if (!backend?.computeSmall || !isSmallDense(rows, cols, depth, !yRows, backend)) return undefined;
  const xData = xRows.data as ScoreArray;
  const yData = yRows?.data as ScoreArray | undefined;
  const isFloat64 = xData instanceof Float64Array || yData instanceof Float64Array;
  const scores = isFloat64 ? new Float64Array(rows * cols) : new Float32Array(rows * cols);
  const done = backend.computeSmall(scores, depth, false, xData, 0, rows, yData, 0, yRows ? cols : 0);
  return done ? new Matrix(scores, [rows, cols]) : undefined;
}

/** Returns the backend that options name, if they contain nothing else. */
function backendAlone(options: unknown): BackendName | undefined {
  if (typeof options !== 'object' || options === null || Object.getPrototypeOf(options) !== Object.prototype) return undefined;
  const keys = Reflect.ownKeys(options);
  if (keys.length !== 1 || keys[0] !== 'backend') return undefined;
  const { backend } = options as { readonly backend: unknown };
  return BACKEND_NAMES.includes(backend as BackendName) ? (backend as BackendName) : undefined;
}
