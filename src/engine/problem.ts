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
export function workOf({ x, y }: Problem): number {
  const pairs = y ? x.rows * y.rows : (x.rows * (x.rows + 1)) / 2;
  return pairs * (x.depth + WORK_PER_SCORE) + (x.rows + (y?.rows ?? 0)) * x.depth * WORK_PER_ELEMENT;
}

/** Writing a score, and reading and packing an element, in multiply-adds: small depths and thin results are mostly that. */
const WORK_PER_SCORE = 64;
const WORK_PER_ELEMENT = 16;
