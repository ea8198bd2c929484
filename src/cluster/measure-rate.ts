// How fast this machine computes such a job: a short run over some of its rows.

import { type Options, type RowFile, RowRanges, streamMatrix, streamPairs, topK } from '../index.js';
import type { CostedJob } from './costs.js';

/** Rows of the first run; of later ones more, until they take long enough. */
const ROWS = 1024;
const MOST_ROWS = 16_384;
const LONG_ENOUGH_MS = 150;

/** Multiply-adds in a second of one thread, of which reading and packing the rows is a part. */
export async function measureRate(job: CostedJob, x: RowFile, signal: AbortSignal): Promise<number> {
  const { dtype, backend } = job;
  const options = { dtype, backend, nonFinite: 'zero', threads: 1, signal } as const;
  for (let count = ROWS; ; count *= 2) {
    const rows = Math.min(count, x.rows);
    const some = new RowRanges(x, [[0, rows]]);
    const started = performance.now();
    await run(job, some, options);
    const seconds = (performance.now() - started) / 1000;
    const rate = (rows * (rows + 1) * x.depth) / 2 / seconds;
    if (1000 * seconds >= LONG_ENOUGH_MS || rows === x.rows || rows >= MOST_ROWS) return Math.max(1, rate);
  }
}

async function run({ question }: CostedJob, x: RowRanges, options: Options): Promise<void> {
  if (question.kind === 'topk') await topK(x, { ...options, k: question.k });
  else if (question.kind === 'pairs') for await (const _ of streamPairs(x, { ...options, threshold: question.threshold }));
  else for await (const _ of streamMatrix(x, options));
}
