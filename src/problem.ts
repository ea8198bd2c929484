// What a call is to do, once its arguments are checked: check.ts makes it, the engine works on it.

import { CsrRows } from './rows/csr-rows.js';
import type { RowId } from './rows/dense-matrix.js';
import type { DType, ScoreArray } from './rows/dtype.js';
import type { AnyRows } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';
import type { BackendName, Progress, Transform, TransformOptions, ZeroRows } from './types.js';

/** What every call has in common. */
export interface Problem {
  readonly x: AnyRows;
  /** Undefined where x is compared with itself. */
  readonly y: AnyRows | undefined;
  /** The argument that the rows of y came as. */
  readonly colArgument: string;
  /** The ids that came with the rows of x, and with those that they are compared with (of y, or of x again). */
  readonly rowIds: readonly RowId[] | undefined;
  readonly colIds: readonly RowId[] | undefined;
  readonly dtype: DType;
  /** What is done with the rows before they are compared: with x and y as they are here it is still to be done. */
  readonly transform?: { readonly given: Transform } | { readonly fit: TransformOptions } | undefined;
  /** Rows [rowStart, rowEnd) of x are computed: what comes before is known already, what comes after is another's part. */
  readonly rowStart: number;
  readonly rowEnd: number;
  /** The first column to compute: of x with itself rowStart or less, for all from the diagonal on, or rowEnd or more. */
  readonly colStart: number;
  /** Of cosineSimilarity alone. */
  readonly out: ScoreArray | undefined;
  readonly threads: number | undefined;
  readonly backend: BackendName | undefined;
  readonly zeroNonFinite: boolean;
  /** What is done with zero rows: 'zero' if undefined. Of those that are excluded no pair counts. */
  readonly zeroRows?: ZeroRows | undefined;
  /** Which pairs count; all of them if undefined. Given where zero rows are excluded. */
  readonly grouping?: RowGrouping | undefined;
  /** The threshold of each row, of pairs: the higher one of both rows counts. */
  readonly thresholds?: OfRows<Float64Array> | undefined;
  readonly memoryBudget: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** Something for each row of x, and of y where there is one. */
export interface OfRows<T> {
  readonly x: T;
  readonly y: T | undefined;
}

/** 'within': pairs of one group count; 'across': pairs of two. */
export interface RowGrouping extends OfRows<Uint32Array> {
  readonly kind: 'across' | 'within';
}

/** Bytes of what rows are marked with. */
export function bytesOfMarks({ grouping, thresholds }: Problem): number {
  return [grouping?.x, grouping?.y, thresholds?.x, thresholds?.y].reduce((sum, marks) => sum + (marks?.byteLength ?? 0), 0);
}

/** The same for rows of x in another order, with themselves. */
export function reordered<T extends Uint32Array | Float64Array>({ x }: OfRows<T>, order: Uint32Array): OfRows<T> {
  const marks = x.slice(0, order.length);
  for (const [at, row] of order.entries()) marks[at] = x[row] as number;
  return { x: marks as T, y: undefined };
}

export interface BlocksProblem extends Problem {
  /** Rows and columns of a block; chosen by memory if undefined. */
  readonly blockRows: number | undefined;
  readonly skip: ((index: number) => boolean) | undefined;
}

export interface TopKProblem extends Problem {
  /** Whether pairs may be excluded without being computed. */
  readonly pruning: boolean;
  readonly k: number;
  readonly checkpoint: Checkpoint | undefined;
}

export interface PairsProblem extends Problem {
  /** Whether pairs may be excluded without being computed. */
  readonly pruning: boolean;
  /** Of rows with thresholds of their own the lowest. */
  readonly threshold: number;
  /** The lowest cosine that is too high; Infinity where none is. */
  readonly below: number;
  /** Bytes of what is made of the pairs; none if undefined. */
  readonly heldBytes?: number;
}

export interface BestPairsProblem extends Problem {
  readonly pruning: boolean;
  readonly count: number;
  /** The lowest cosine that is too high; Infinity where none is. */
  readonly below: number;
}

export interface HistogramProblem extends Problem {
  readonly bins: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** Row i of x is compared with row i of y alone. */
export interface PairedProblem extends Problem {
  readonly y: AnyRows;
}

export interface GroupsProblem extends PairsProblem {
  readonly method: 'components' | 'complete' | 'community';
  readonly minimumSize: number;
  /** How many rows are to be left; undefined where the threshold alone decides. */
  readonly keep: number | undefined;
  /** Whether the lowest score inside each group is wanted. */
  readonly explain: boolean;
  readonly checkpoint: Checkpoint | undefined;
}

export interface LinkageProblem extends Problem {
  readonly method: 'average' | 'complete' | 'single';
}

/** y are the rows that are kept already. */
export interface DedupeProblem extends PairsProblem {
  readonly method: 'greedy' | 'components';
  /** Of each row: a higher one is kept rather. */
  readonly priority: Float64Array | BigInt64Array | BigUint64Array | undefined;
}

/** Whether a problem is computed from the stored elements of sparse rows alone. */
export function isSparse<T extends Problem>(
  problem: T,
): problem is T & { readonly x: CsrRows; readonly y: CsrRows | undefined } {
  const { x, y } = problem;
  return x instanceof CsrRows && (y === undefined || y instanceof CsrRows);
}

/** Elements of a row that are read; of sparse rows the mean of those that are stored. */
export function elementsOfRow(problem: Problem): number {
  if (!isSparse(problem)) return problem.x.depth;
  const { x, y } = problem;
  const rows = Math.max(1, x.rows + (y?.rows ?? 0));
  return Math.ceil((x.mostNonzeros(x.rows) + (y?.mostNonzeros(y.rows) ?? 0)) / rows);
}

/** Work of a problem in multiply-adds, or what takes as long. */
export function workOf(problem: Problem): number {
  const { x, y } = problem;
  const elements = elementsOfRow(problem);
  return productsOf(problem) * (elements + WORK_PER_SCORE) + (x.rows + (y?.rows ?? 0)) * elements * WORK_PER_ELEMENT;
}

/** Products of two rows that are to be computed. */
export function productsOf(problem: Problem): number {
  const rows = problem.rowEnd - problem.rowStart;
  return rows * colsBeside(problem) + (hasDiagonal(problem) ? (rows * (rows + 1)) / 2 : 0);
}

/** Scores of the result that are computed, transposes included. */
export function scoresOfProblem(problem: Problem): number {
  const rows = problem.rowEnd - problem.rowStart;
  return (problem.y ? 1 : 2) * rows * colsBeside(problem) + (hasDiagonal(problem) ? rows * rows : 0);
}

/** Whether rows are compared with themselves. */
export function hasDiagonal({ y, rowStart, rowEnd, colStart }: Problem): boolean {
  return !y && colStart <= rowStart && rowStart < rowEnd;
}

/** Columns that all rows are compared with, beside those rows themselves. */
export function colsBeside(problem: Problem): number {
  const { x, y, rowEnd, colStart } = problem;
  return (y ?? x).rows - (hasDiagonal(problem) ? rowEnd : colStart);
}

/** Whether a part is the whole. */
export function isWhole({ x, rowStart, rowEnd, colStart }: Problem): boolean {
  return rowStart === 0 && rowEnd === x.rows && colStart === 0;
}

/** Writing a score, and reading and packing an element, in multiply-adds: small depths and thin results are mostly that. */
const WORK_PER_SCORE = 64;
const WORK_PER_ELEMENT = 16;
