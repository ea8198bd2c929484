// Memory of linkage: the scores of all pairs, some bytes per row, and blocks of the matrix while the scores are filled in.

import { mention, say } from '../message.js';
import type { BlocksProblem, LinkageProblem } from '../problem.js';
import { type DType, elementBytes } from '../rows/dtype.js';
import { type BlockUse, planBlocks } from './dense-blocks-plan.js';
import type { Plan, ResultSize } from './plan.js';
import type { Setting } from './setting.js';

/** Rows per block: small compared with the scores of all pairs. */
const BLOCK_ROWS = 1024;
/** Bytes per row: its merge, its cluster, its position in the triangle, and the result. */
const BYTES_PER_ROW = 112;

/** Throws MemoryError if the call does not fit in memory. */
export function planLinkage(problem: LinkageProblem, setting: Setting): Plan {
  return planBlocks(blocksOf(problem), setting, useOf(problem));
}

/** The matrix in blocks, which account for half of the progress. */
export function blocksOf(problem: LinkageProblem): BlocksProblem {
  const { onProgress } = problem;
  const halved = onProgress && (({ done, total }: { done: number; total: number }) => onProgress({ done, total: 2 * total }));
  return { ...problem, blockRows: undefined, skip: undefined, onProgress: halved };
}

export function useOf(problem: LinkageProblem): BlockUse {
  return { held: sizeOfLinkage(problem), mostRows: BLOCK_ROWS };
}

export function sizeOfLinkage({ x, dtype }: LinkageProblem): ResultSize {
  return {
    bytes: condensedBytes(x.rows, dtype) + BYTES_PER_ROW * x.rows,
    what: `the ${dtype} scores of all pairs of ${x.rows} rows`,
    advice: say`${mention.call('groups')} holds no scores; or cluster a sample of the rows.`,
  };
}

/** Bytes of the scores of all pairs. */
export function condensedBytes(rows: number, dtype: DType): number {
  // Rounded up to whole float64 elements, because the same bytes may become float64.
  return 8 * Math.ceil((pairsOf(rows) * elementBytes(dtype)) / 8);
}

export function pairsOf(rows: number): number {
  return (rows * Math.max(0, rows - 1)) / 2;
}
