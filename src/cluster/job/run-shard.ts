// Computes one shard of a job: reads its rows, computes, and writes its part. Running it twice, or on two machines at once, gives the
// same part.

import type { Options, RowFile } from '../../index.js';
import { memoryOf } from './costs.js';
import { type Job, openJob } from './job.js';
import { JobError } from './job-error.js';
import { kernelFingerprint } from './kernel-fingerprint.js';
import { requireMemory } from './least-memory.js';
import { encodePart, lookAtPart } from './part.js';
import { openPlace } from './row-place.js';
import { framesOf, optionsOfJob, problemOf } from './shard-frames.js';

export interface ShardRun {
  readonly threads?: number | undefined;
  /** Largest number of bytes to allocate. */
  readonly memory?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * Computes shard `index` of the job at `place` (a folder or s3://...) and writes its part. Returns false if a whole part already exists
 * or another process has written it first. Throws JobError; FormatError if the rows have changed since the job was planned;
 * UnsupportedError if this machine does not have the kernels of the job.
 */
export async function runShard(
  place: string,
  index: number,
  { threads, memory, signal, onProgress }: ShardRun,
): Promise<boolean> {
  const job = await openJob(place);
  try {
    const shard = job.shard(index);
    const there = await lookAtPart(job, index);
    if (there === 'whole') return false;
    await checkKernels(job);
    // A damaged part is replaced. If there was none, the first writer wins.
    const ifAbsent = there === 'none';
    const options: Options = { threads, memoryBudget: memory, signal, onProgress };
    return await withRows(job, async (x, y) => {
      const problem = problemOf(shard, x, y);
      const planned = { ...optionsOfJob(job), threads };
      await requireMemory(memory, (bytes) => memoryOf(job.manifest.question, problem, { ...planned, memoryBudget: bytes }));
      const frames = framesOf(job, problem, options);
      return job.storage.write(job.partName(index), encodePart(job, index, frames), { ifAbsent, signal });
    });
  } finally {
    await job.close();
  }
}

/** Rejects with a JobError if this machine would compute other bits, an UnsupportedError if it does not have the kernels. */
async function checkKernels({ manifest: { backend, dtype, fingerprint } }: Job): Promise<void> {
  if ((await kernelFingerprint(backend, dtype)) === fingerprint) return;
  throw new JobError(
    `backend "${backend}" rounds differently on this machine than on the one that planned the job, so the parts would not match. Plan the job ` +
      'with --backend native-sse2 or native-avx2 if all machines are x64, or with --backend native-neon if all are arm64',
  );
}

/** Opens the rows of a job while `work` runs. */
async function withRows<T>(job: Job, work: (x: RowFile, y: RowFile | undefined) => Promise<T>): Promise<T> {
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
