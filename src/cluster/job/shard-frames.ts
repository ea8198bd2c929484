// Computes the frames of a shard's part. Row numbers are those of the whole input.

import { NO_INDEX } from '../../backends/constants.js';
import { type Options, type StoredRows, streamMatrix, streamPairs, topK } from '../../index.js';
import { RowRanges } from '../../io/rows/row-ranges.js';
import type { PartOptions } from '../../part-options.js';
import { PairsBuffer } from '../merge/pairs-buffer.js';
import type { Job } from './job.js';
import type { Frame } from './part.js';
import { isOnDiagonal, type Shard } from './shards.js';

/** The rows of a shard, and which part of their result it is. */
export interface ShardProblem {
  readonly x: RowRanges;
  readonly y: RowRanges | undefined;
  readonly part: PartOptions;
}

/** Rows of `rows` against `others`, or against themselves. */
export function problemOf(shard: Shard, rows: StoredRows, others: StoredRows | undefined): ShardProblem {
  const { rowStart, rowEnd, colStart, colEnd } = shard;
  if (others) {
    return { x: new RowRanges(rows, [[rowStart, rowEnd]]), y: new RowRanges(others, [[colStart, colEnd]]), part: {} };
  }
  const height = rowEnd - rowStart;
  if (isOnDiagonal(shard, true)) {
    return { x: new RowRanges(rows, [[rowStart, colEnd]]), y: undefined, part: { rowEnd: height } };
  }
  // The rows are in the same order as in the input, so equal scores rank the same way.
  const both = new RowRanges(rows, [
    [rowStart, rowEnd],
    [colStart, colEnd],
  ]);
  return { x: both, y: undefined, part: { rowEnd: height, colStart: height } };
}

/** Computes `problem` as `job` asks. */
export function framesOf(job: Job, problem: ShardProblem, options: Options): AsyncGenerator<Frame> {
  const { question } = job.manifest;
  const asked = { ...optionsOfJob(job), ...options };
  if (question.kind === 'topk') return listsOf(problem, question.k, asked);
  if (question.kind === 'pairs') return pairsOf(problem, question.threshold, asked);
  return blocksOf(problem, asked);
}

/** Options that all machines share. Planning has already checked the rows for NaN and infinity. */
export function optionsOfJob({ manifest: { dtype, backend } }: Job): Options {
  return { dtype, backend, nonFinite: 'zero' };
}

/** Lists per frame. */
const ROWS_AT_ONCE = 2 ** 16;

async function* listsOf({ x, y, part }: ShardProblem, k: number, options: Options): AsyncGenerator<Frame> {
  const { indices, scores, shape } = await topK(x, y, { ...options, ...part, k });
  const [rows, width] = shape;
  if (width === 0) return;
  const others = y ?? x;
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] as number;
    if (index !== NO_INDEX) indices[at] = others.rowInSource(index);
  }
  // The rows of a frame are contiguous.
  const edge = y ? rows : (part.colStart ?? rows);
  for (let from = 0; from < rows; ) {
    const to = Math.min(from + ROWS_AT_ONCE, from < edge ? edge : rows);
    const arrays = { indices: indices.subarray(from * width, to * width), scores: scores.subarray(from * width, to * width) };
    yield { meta: { rowStart: x.rowInSource(from), k: width }, arrays };
    from = to;
  }
}

async function* pairsOf({ x, y, part }: ShardProblem, threshold: number, options: Options): AsyncGenerator<Frame> {
  const others = y ?? x;
  const buffer = new PairsBuffer(PAIRS_AT_ONCE, options.dtype);
  for await (const { rows, cols, scores, length } of streamPairs(x, y, { ...options, ...part, threshold })) {
    for (let at = 0; at < length; at++) {
      buffer.add(x.rowInSource(rows[at] as number), others.rowInSource(cols[at] as number), scores[at] as number);
      // The buffer is written before more pairs are added.
      if (buffer.isFull) yield { meta: {}, arrays: { ...buffer.take() } };
    }
  }
  if (buffer.length > 0) yield { meta: {}, arrays: { ...buffer.take() } };
}

/** Pairs per frame. The cuts do not depend on the memory, and a merge holds one frame of each shard in a strip. */
const PAIRS_AT_ONCE = 2 ** 14;

async function* blocksOf({ x, y, part }: ShardProblem, options: Options): AsyncGenerator<Frame> {
  const others = y ?? x;
  for await (const { row, col, matrix, mirrored } of streamMatrix(x, y, { ...options, ...part })) {
    const [rows, cols] = matrix.shape;
    yield {
      meta: { row: x.rowInSource(row), col: others.rowInSource(col), rows, cols, mirrored },
      arrays: { scores: matrix.data },
    };
  }
}
