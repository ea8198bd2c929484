import type { DType } from '../matrix/dtype.js';
import type { AnyRows } from '../matrix/stored-rows.js';

/** A checked problem: what every call has in common. */
export interface Problem {
  readonly x: AnyRows;
  /** Undefined where x is compared with itself. */
  readonly y: AnyRows | undefined;
  readonly dtype: DType;
  /** The first row of x to compute: what comes before is known already. */
  readonly fromRow: number;
  readonly zeroNonFinite: boolean;
  readonly memoryBudget: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: { done: number; total: number }) => void) | undefined;
}

/** Work of a problem in multiply-adds, or what takes as long. */
export function workOf(problem: Problem): number {
  const { x, y } = problem;
  return productsOf(problem) * (x.depth + WORK_PER_SCORE) + (x.rows + (y?.rows ?? 0)) * x.depth * WORK_PER_ELEMENT;
}

/** Products of two rows that are to be computed. */
export function productsOf({ x, y, fromRow }: Problem): number {
  const rows = x.rows - fromRow;
  return y ? rows * y.rows : (rows * (rows + 1)) / 2;
}

/** Writing a score, and reading and packing an element, in multiply-adds: small depths and thin results are mostly that. */
const WORK_PER_SCORE = 64;
const WORK_PER_ELEMENT = 16;
