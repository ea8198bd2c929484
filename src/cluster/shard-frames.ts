// What a shard finds, as frames of its part, under the row numbers of the whole.

import { type Options, type PartOptions, RowRanges, type StoredRows, streamMatrix, streamPairs, topK } from '../index.js';
import type { Job } from './job.js';
import type { Frame } from './part.js';
import { isOnDiagonal, type Shard } from './shards.js';

/** The rows of a shard alone, and which part of their answer it is. */
export interface ShardProblem {
  readonly x: RowRanges;
  readonly y: RowRanges | undefined;
  readonly part: PartOptions;
  /** Rows of x, and what they are compared with, by their numbers in the whole. */
  rowInWhole(row: number): number;
  colInWhole(col: number): number;
}

/** A shard of `rows` with `others`, or with themselves. */
export function problemOf(shard: Shard, rows: StoredRows, others: StoredRows | undefined): ShardProblem {
  const { rowFrom, rowTo, colFrom, colTo } = shard;
  if (others) {
    const x = new RowRanges(rows, [[rowFrom, rowTo]]);
    const y = new RowRanges(others, [[colFrom, colTo]]);
    return { x, y, part: {}, rowInWhole: (row) => rowFrom + row, colInWhole: (col) => colFrom + col };
  }
  const endRow = rowTo - rowFrom;
  if (isOnDiagonal(shard, true)) {
    const inWhole = (row: number) => rowFrom + row;
    return {
      x: new RowRanges(rows, [[rowFrom, colTo]]),
      y: undefined,
      part: { endRow },
      rowInWhole: inWhole,
      colInWhole: inWhole,
    };
  }
  // One after another, in the order of the whole: so of equal scores the lower index is the lower one here too.
  const inWhole = (row: number) => (row < endRow ? rowFrom + row : colFrom + row - endRow);
  const x = new RowRanges(rows, [
    [rowFrom, rowTo],
    [colFrom, colTo],
  ]);
  return { x, y: undefined, part: { endRow, fromCol: endRow }, rowInWhole: inWhole, colInWhole: inWhole };
}

/** Computes `problem` as `job` asks. */
export function framesOf(job: Job, problem: ShardProblem, options: Options): AsyncGenerator<Frame> {
  const { question } = job.manifest;
  const asked = { ...optionsOfJob(job), ...options };
  if (question.kind === 'topk') return listsOf(problem, question.k, asked);
  if (question.kind === 'pairs') return pairsOf(problem, question.threshold, asked);
  return blocksOf(problem, asked);
}

/** What every machine computes with. Rows were looked at for NaN and infinity when the job was planned. */
function optionsOfJob({ manifest: { dtype, backend } }: Job): Options {
  return { dtype, backend, nonFinite: 'zero' };
}

/** Lists in a frame. */
const ROWS_AT_ONCE = 2 ** 16;

async function* listsOf(
  { x, y, part, rowInWhole, colInWhole }: ShardProblem,
  k: number,
  options: Options,
): AsyncGenerator<Frame> {
  const { indices, scores, shape } = await topK(x, y, { ...options, ...part, k });
  const [rows, width] = shape;
  if (width === 0) return;
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] as number;
    if (index !== NO_INDEX) indices[at] = colInWhole(index);
  }
  // Rows of a frame follow each other in the whole.
  const edge = y ? rows : (part.fromCol ?? rows);
  for (let from = 0; from < rows; ) {
    const to = Math.min(from + ROWS_AT_ONCE, from < edge ? edge : rows);
    const arrays = { indices: indices.subarray(from * width, to * width), scores: scores.subarray(from * width, to * width) };
    yield { meta: { fromRow: rowInWhole(from), k: width }, arrays };
    from = to;
  }
}

/** Where a list is not full (PartOptions). */
export const NO_INDEX = 0xffffffff;

async function* pairsOf(problem: ShardProblem, threshold: number, options: Options): AsyncGenerator<Frame> {
  const { x, y, part, rowInWhole, colInWhole } = problem;
  const frame = new PairsFrame(options.dtype);
  for await (const { rows, cols, scores, length } of streamPairs(x, y, { ...options, ...part, threshold })) {
    for (let at = 0; at < length; at++) {
      frame.add(rowInWhole(rows[at] as number), colInWhole(cols[at] as number), scores[at] as number);
      if (frame.length === PAIRS_AT_ONCE) yield frame.take();
    }
  }
  if (frame.length > 0) yield frame.take();
}

/** Pairs in a frame: the same cuts whatever memory there is; whoever merges holds one frame of each shard side by side. */
const PAIRS_AT_ONCE = 2 ** 14;

class PairsFrame {
  length = 0;
  private readonly rows = new Uint32Array(PAIRS_AT_ONCE);
  private readonly cols = new Uint32Array(PAIRS_AT_ONCE);
  private readonly scores: Float32Array | Float64Array;

  constructor(dtype: Options['dtype']) {
    this.scores = dtype === 'float64' ? new Float64Array(PAIRS_AT_ONCE) : new Float32Array(PAIRS_AT_ONCE);
  }

  add(row: number, col: number, score: number): void {
    this.rows[this.length] = row;
    this.cols[this.length] = col;
    this.scores[this.length++] = score;
  }

  take(): Frame {
    const { length } = this;
    this.length = 0;
    const { rows, cols, scores } = this;
    // Written before more is added.
    return {
      meta: {},
      arrays: { rows: rows.subarray(0, length), cols: cols.subarray(0, length), scores: scores.subarray(0, length) },
    };
  }
}

async function* blocksOf({ x, y, part, rowInWhole, colInWhole }: ShardProblem, options: Options): AsyncGenerator<Frame> {
  for await (const { row, col, matrix, mirrored } of streamMatrix(x, y, { ...options, ...part })) {
    const [rows, cols] = matrix.shape;
    yield { meta: { row: rowInWhole(row), col: colInWhole(col), rows, cols, mirrored }, arrays: { scores: matrix.data } };
  }
}
