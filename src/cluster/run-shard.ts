// One shard of a job: reads its rows, computes, and writes its part. Done twice, or by two machines at once, it is the same bytes.

import type { Options, RowFile } from '../index.js';
import { type Job, openJob } from './job.js';
import { encodePart, hasPart } from './part.js';
import { openPlace } from './row-place.js';
import { framesOf, problemOf } from './shard-frames.js';

export interface ShardRun {
  readonly threads?: number | undefined;
  /** Bytes to allocate at most. */
  readonly memory?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * Computes shard `index` of the job at `place` (a folder or s3://...) and writes its part; false where a right part is there
 * already. Throws JobError, FormatError where the rows are not what they were when the job was planned, UnsupportedError where
 * this machine has not the kernels of the job.
 */
export async function runShard(
  place: string,
  index: number,
  { threads, memory, signal, onProgress }: ShardRun,
): Promise<boolean> {
  const job = await openJob(place);
  try {
    const shard = job.shard(index);
    if (await hasPart(job, index)) return false;
    // What is there in its place is none.
    await job.storage.remove(job.partName(index));
    const options: Options = { threads, memoryBudget: memory, signal, onProgress };
    await withRows(job, async (x, y) => {
      const frames = framesOf(job, problemOf(shard, x, y), options);
      await job.storage.write(job.partName(index), encodePart(job, index, frames), { ifAbsent: true, signal });
    });
    return true;
  } finally {
    await job.close();
  }
}

/** Opens the rows of a job for as long as `work` takes. */
export async function withRows<T>(job: Job, work: (x: RowFile, y: RowFile | undefined) => Promise<T>): Promise<T> {
  const { storage, manifest } = job;
  const x = await openPlace(storage, manifest.x);
  try {
    const y = manifest.y && (await openPlace(storage, manifest.y));
    try {
      return await work(x, y);
    } finally {
      await y?.close();
    }
  } finally {
    await x.close();
  }
}
