// Yields all pairs of a job by (row, col). The shards of a strip share its rows, and their columns are in order, so within a row the
// pairs of one shard come before those of the next. Holds one frame of each shard in a strip.

import type { Job } from '../job/job.js';
import type { Frame } from '../job/part.js';
import { type PairArrays, PairsBuffer } from './pairs-buffer.js';
import { checkComplete, framesOfPart } from './read-parts.js';

/** Parts whose files may be open at the same time. */
const MAX_HELD = 256;
/** Pairs per batch. */
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
            // The consumer may keep the batch, so the next one needs a new buffer.
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

/** A position in the pairs of a shard. */
class Cursor implements PairArrays {
  rows = new Uint32Array(0);
  cols = new Uint32Array(0);
  scores: PairArrays['scores'] = new Float32Array(0);
  at = 0;

  constructor(private readonly frames: AsyncGenerator<Frame>) {}

  /** Infinity after the last pair. */
  get row(): number {
    return this.rows[this.at] ?? Number.POSITIVE_INFINITY;
  }

  /** Moves to the next pair; returns true if that is in the next frame. */
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
