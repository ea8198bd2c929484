// Measures how fast this machine computes a job, with a short run on some of its rows.

import { type Options, type RowFile, streamMatrix, streamPairs, topK } from '../../index.js';
import { RowRanges } from '../../io/rows/row-ranges.js';
import type { CostedJob } from './costs.js';

/** Rows of the first run. Later runs take more until a run is long enough to measure. */
const ROWS = 1024;
const MAX_ROWS = 16_384;
const LONG_ENOUGH_MS = 150;
/** A job computes sparse rows as dense ones, and few of those may be large. */
const MAX_BYTES = 2 ** 25;

/** Returns the multiply-adds per second of one thread, including reading and packing the rows. */
export async function measureRate(job: CostedJob, x: RowFile, y: RowFile | undefined, signal: AbortSignal): Promise<number> {
  const { dtype, backend } = job;
  const options = { dtype, backend, nonFinite: 'zero', threads: 1, signal } as const;
  const most = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_BYTES / (8 * Math.max(1, x.depth)))));
  for (let count = Math.min(ROWS, most); ; count *= 2) {
    const rows = Math.min(count, x.rows);
    const others = y && Math.min(count, y.rows);
    const started = performance.now();
    await run(job, new RowRanges(x, [[0, rows]]), y && new RowRanges(y, [[0, others ?? 0]]), options);
    const seconds = (performance.now() - started) / 1000;
    const pairs = others === undefined ? (rows * (rows + 1)) / 2 : rows * others;
    const isAll = rows === x.rows && others === y?.rows;
    if (1000 * seconds >= LONG_ENOUGH_MS || isAll || 2 * count > most) return Math.max(1, (pairs * x.depth) / seconds);
  }
}

async function run({ question }: CostedJob, x: RowRanges, y: RowRanges | undefined, options: Options): Promise<void> {
  if (question.kind === 'topk') await topK(x, y, { ...options, k: question.k });
  else if (question.kind === 'pairs') for await (const _ of streamPairs(x, y, { ...options, threshold: question.threshold }));
  else for await (const _ of streamMatrix(x, y, options));
}
