// Computes small dense problems at little more than the cost of their arithmetic: one call of the backend, without a plan, passes,
// steps or a job. The general path (dense.ts) is the reference: it handles everything that this path does not, including all errors.

import type { Backend } from '../backends/backend.js';
import { isSparse, type Problem } from '../problem.js';
import type { ScoreArray } from '../rows/dtype.js';
import { ContiguousRows, type RowSource } from '../rows/row-source.js';
import { StoredRows } from '../rows/stored-rows.js';

/** Limits on the scores and elements of a small problem, which need only a few megabytes. */
const MAX_ELEMENTS = 2 ** 18;
/** Cost of writing a score, in multiply-adds. */
const WORK_PER_SCORE = 64;

/** Returns whether a problem of this size, symmetric or not, is small. */
export function isSmallDense(rows: number, cols: number, depth: number, symmetric: boolean, backend: Backend): boolean {
  const scores = rows * cols;
  if (scores === 0 || scores > MAX_ELEMENTS || (rows + cols) * depth > MAX_ELEMENTS) return false;
  return scores * (depth + WORK_PER_SCORE) <= (symmetric ? 2 : 1) * backend.smallWork;
}

/** Returns all scores of a small problem, or undefined without any effect. */
export function computeSmallDense(problem: Problem, backend: Backend): ScoreArray | undefined {
  const { x, y, dtype, out, signal, zeroNonFinite } = problem;
  if (problem.zeroRows === 'throw') return undefined;
  if (!backend.computeSmall || problem.onProgress || signal?.aborted || Number.isFinite(problem.memoryBudget)) return undefined;
  if (x instanceof StoredRows || y instanceof StoredRows || isSparse(problem)) return undefined;
  const { rows, depth } = x;
  const cols = (y ?? x).rows;
  if (!isSmallDense(rows, cols, depth, y === undefined, backend)) return undefined;
  const xFloats = floatsOf(x);
  const yFloats = y && floatsOf(y);
  if (!xFloats || (y && !yFloats)) return undefined;
  const result = out ?? (dtype === 'float32' ? new Float32Array(rows * cols) : new Float64Array(rows * cols));
  const yOffset = y ? offsetOf(y) : 0;
  const done = backend.computeSmall(result, depth, zeroNonFinite, xFloats, offsetOf(x), rows, yFloats, yOffset, y ? cols : 0);
  return done ? result : undefined;
}

/** Returns the array that contains the rows contiguously, or such an array of copies; undefined if the rows are gone. */
function floatsOf(source: RowSource): ScoreArray | undefined {
  if (isInPlace(source)) return source.data;
  const { rows, depth, staged } = source;
  if (!source.isIntact(0, rows)) return undefined;
  const copies = staged === 'float32' ? new Float32Array(rows * depth) : new Float64Array(rows * depth);
  source.copyRows(0, rows, copies, 0);
  return copies;
}

/** Where the first row begins in that array. */
function offsetOf(source: RowSource): number {
  return isInPlace(source) ? source.offset : 0;
}

function isInPlace(source: RowSource): source is ContiguousRows & { readonly data: ScoreArray } {
  return source instanceof ContiguousRows && (source.data instanceof Float32Array || source.data instanceof Float64Array);
}
