// The problem that a call describes, after its arguments have been checked. check.ts creates it; the engine solves it.

import { CsrRows } from './rows/csr-rows.js';
import type { RowId } from './rows/dense-matrix.js';
import type { DType, ScoreArray } from './rows/dtype.js';
import type { AnyRows } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';
import type { BackendName, Progress, Transform, TransformOptions, ZeroRows } from './types.js';

/** What all calls have in common. */
export interface Problem {
  readonly x: AnyRows;
  /** Undefined if x is compared with itself. */
  readonly y: AnyRows | undefined;
  /** The name of the argument that contains the rows of y. */
  readonly colArgument: string;
  /** The ids that came with the rows of x, and with the rows they are compared with (those of y, or of x again). */
  readonly rowIds: readonly RowId[] | undefined;
  readonly colIds: readonly RowId[] | undefined;
  readonly dtype: DType;
  /** The transform of the rows before they are compared; it has not been applied to x and y here. */
  readonly transform?: { readonly given: Transform } | { readonly fit: TransformOptions } | undefined;
  /** Rows [rowStart, rowEnd) of x are computed. Earlier rows are already known; later rows belong to another part. */
  readonly rowStart: number;
  readonly rowEnd: number;
  /**
   * The first column to compute. In a self-comparison, it is at most rowStart, to compute everything from the diagonal, or at least rowEnd.
   */
  readonly colStart: number;
  /** Only for cosineSimilarity. */
  readonly out: ScoreArray | undefined;
  readonly threads: number | undefined;
  readonly backend: BackendName | undefined;
  readonly zeroNonFinite: boolean;
  /** How zero rows are treated; undefined means 'zero'. Pairs with excluded zero rows do not count. */
  readonly zeroRows?: ZeroRows | undefined;
  /** Which pairs count; undefined if all do. Set if zero rows are excluded. */
  readonly grouping?: RowGrouping | undefined;
  /** For pairs: the threshold of each row; the higher one of both rows counts. */
  readonly thresholds?: OfRows<Float64Array> | undefined;
  readonly memoryBudget: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** A value for each row of x, and of y if there is one. */
export interface OfRows<T> {
  readonly x: T;
  readonly y: T | undefined;
}

/** 'within': pairs in the same group count; 'across': pairs in different groups. */
export interface RowGrouping extends OfRows<Uint32Array> {
  readonly kind: 'across' | 'within';
}

/** Returns the bytes of the marks of rows. */
export function bytesOfMarks({ grouping, thresholds }: Problem): number {
  return [grouping?.x, grouping?.y, thresholds?.x, thresholds?.y].reduce((sum, marks) => sum + (marks?.byteLength ?? 0), 0);
}

/** Returns the same for rows of x in another order, compared with themselves. */
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
  /** True if pairs may be excluded without computing them. */
  readonly pruning: boolean;
  readonly k: number;
  readonly checkpoint: Checkpoint | undefined;
}

export interface PairsProblem extends Problem {
  /** True if pairs may be excluded without computing them. */
  readonly pruning: boolean;
  /** If rows have thresholds of their own, the lowest. */
  readonly threshold: number;
  /** The lowest cosine that is too high; Infinity if there is no limit. */
  readonly below: number;
  /** Bytes of what is made of the pairs; undefined means 0. */
  readonly heldBytes?: number;
}

export interface BestPairsProblem extends Problem {
  readonly pruning: boolean;
  readonly count: number;
  /** The lowest cosine that is too high; Infinity if there is no limit. */
  readonly below: number;
}

export interface HistogramProblem extends Problem {
  readonly bins: number;
  readonly checkpoint: Checkpoint | undefined;
}

/** Row i of x is compared only with row i of y. */
export interface PairedProblem extends Problem {
  readonly y: AnyRows;
}

export interface GroupsProblem extends PairsProblem {
  readonly method: 'components' | 'complete' | 'community';
  readonly minimumSize: number;
  /** How many rows to keep; undefined if only the threshold decides. */
  readonly keep: number | undefined;
  /** True if the lowest score inside each group is requested. */
  readonly explain: boolean;
  readonly checkpoint: Checkpoint | undefined;
}

export interface LinkageProblem extends Problem {
  readonly method: 'average' | 'complete' | 'single';
}

/** y contains the rows that are already kept. */
export interface DedupeProblem extends PairsProblem {
  readonly method: 'greedy' | 'components';
  /** For each row: rows with higher priorities are preferred. */
  readonly priority: Float64Array | BigInt64Array | BigUint64Array | undefined;
}

/** True if a problem is computed only from the stored elements of sparse rows. */
export function isSparse<T extends Problem>(
  problem: T,
): problem is T & { readonly x: CsrRows; readonly y: CsrRows | undefined } {
  const { x, y } = problem;
  return x instanceof CsrRows && (y === undefined || y instanceof CsrRows);
}

/** Returns the number of elements of a row that are read; for sparse rows, the mean number of stored elements. */
export function elementsOfRow(problem: Problem): number {
  if (!isSparse(problem)) return problem.x.depth;
  const { x, y } = problem;
  const rows = Math.max(1, x.rows + (y?.rows ?? 0));
  return Math.ceil((x.mostNonzeros(x.rows) + (y?.mostNonzeros(y.rows) ?? 0)) / rows);
}

/** Returns the work of a problem in multiply-adds, or operations that take as long. */
export function workOf(problem: Problem): number {
  const { x, y } = problem;
  const elements = elementsOfRow(problem);
  return productsOf(problem) * (elements + WORK_PER_SCORE) + (x.rows + (y?.rows ?? 0)) * elements * WORK_PER_ELEMENT;
}

/** Returns the number of products of two rows that are computed. */
export function productsOf(problem: Problem): number {
  const rows = problem.rowEnd - problem.rowStart;
  return rows * colsBeside(problem) + (hasDiagonal(problem) ? (rows * (rows + 1)) / 2 : 0);
}

/** Returns the number of scores of the result that are computed, including transposes. */
export function scoresOfProblem(problem: Problem): number {
  const rows = problem.rowEnd - problem.rowStart;
  return (problem.y ? 1 : 2) * rows * colsBeside(problem) + (hasDiagonal(problem) ? rows * rows : 0);
}

/** True if rows are compared with themselves. */
export function hasDiagonal({ y, rowStart, rowEnd, colStart }: Problem): boolean {
  return !y && colStart <= rowStart && rowStart < rowEnd;
}

/** Returns the number of columns that all rows are compared with, without those rows themselves. */
export function colsBeside(problem: Problem): number {
  const { x, y, rowEnd, colStart } = problem;
  return (y ?? x).rows - (hasDiagonal(problem) ? rowEnd : colStart);
}

/** True if a part is the whole problem. */
export function isWhole({ x, rowStart, rowEnd, colStart }: Problem): boolean {
  return rowStart === 0 && rowEnd === x.rows && colStart === 0;
}

/**
 * The cost of writing a score, and of reading and packing an element, in multiply-adds. They dominate for small depths and small results.
 */
const WORK_PER_SCORE = 64;
const WORK_PER_ELEMENT = 16;
