// All pairs of a job by (row, col). The shards of a strip share its rows, and their columns follow each other: row for row, the
// pairs of one come before those of the next. Holds a frame of each shard of a strip.

import type { Job } from '../job/job.js';
import type { Frame } from '../job/part.js';
import { type PairArrays, PairsBuffer } from './pairs-buffer.js';
import { checkComplete, framesOfPart } from './read-parts.js';

/** Parts whose files are open side by side. */
const MAX_HELD = 256;
/** Pairs handed over at a time. */
const BATCH = 2 ** 18;

/** Reads every part, strip by strip. Throws JobError. */
export async function* mergePairs(job: Job, signal: AbortSignal): AsyncGenerator<PairArrays> {
  await checkComplete(job);
  const { shards } = job.manifest;
  for (let first = 0; first < shards.length; ) {
    let end = first;
    while (shards[end]?.[0] === shards[first]?.[0]) end++;
    yield* mergeStrip(job, first, end, signal);
    first = end;
  }
}

async function* mergeStrip(job: Job, first: number, end: number, signal: AbortSignal): AsyncGenerator<PairArrays> {
  const cursors = Array.from(
    { length: end - first },
    (_, at) => new Cursor(framesOfPart(job, first + at, end - first <= MAX_HELD)),
  );
  try {
    for (const cursor of cursors) {
      signal.throwIfAborted();
      await cursor.nextFrame();
    }
    let batch = new PairsBuffer(BATCH, job.manifest.dtype);
    for (;;) {
      const row = cursors.reduce((least, cursor) => Math.min(least, cursor.row), Number.POSITIVE_INFINITY);
      if (row === Number.POSITIVE_INFINITY) break;
      for (const cursor of cursors) {
        while (cursor.row === row) {
          batch.add(row, cursor.cols[cursor.at] as number, cursor.scores[cursor.at] as number);
          if (batch.isFull) {
            yield batch.take();
            // Whoever has it may keep it.
            batch = new PairsBuffer(BATCH, job.manifest.dtype);
          }
          if (!cursor.advance()) continue;
          signal.throwIfAborted();
          await cursor.nextFrame();
        }
      }
    }
    if (batch.length > 0) yield batch.take();
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** A place in the pairs of a shard. */
class Cursor implements PairArrays {
  rows = new Uint32Array(0);
  cols = new Uint32Array(0);
  scores: PairArrays['scores'] = new Float32Array(0);
  at = 0;

  constructor(private readonly frames: AsyncGenerator<Frame>) {}

  /** Beyond all rows where there is no pair any more. */
  get row(): number {
    return this.rows[this.at] ?? Number.POSITIVE_INFINITY;
  }

  /** To the next pair; true where that is in the next frame. */
  advance(): boolean {
    return ++this.at === this.rows.length;
  }

  async nextFrame(): Promise<void> {
    const { value } = await this.frames.next();
    const { rows, cols, scores } = (value?.arrays ?? {}) as Partial<PairArrays>;
    this.rows = (rows ?? new Uint32Array(0)) as Uint32Array<ArrayBuffer>;
    this.cols = (cols ?? new Uint32Array(0)) as Uint32Array<ArrayBuffer>;
    this.scores = scores ?? this.scores;
    this.at = 0;
  }

  async close(): Promise<void> {
    await this.frames.return(undefined);
  }
}
