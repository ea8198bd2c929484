// One shard of a job: reads its rows, computes, and writes its part. Done twice, or by two machines at once, it is the same.

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
  /** Bytes to allocate at most. */
  readonly memory?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * Computes shard `index` of the job at `place` (a folder or s3://...) and writes its part; false where a right part is there
 * already, or somebody else was faster. Throws JobError, FormatError where the rows are not what they were when the job was
 * planned, UnsupportedError where this machine has not the kernels of the job.
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
    checkKernels(job);
    // A part that is damaged is replaced; where there was none, whoever comes first has made it.
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

/** Throws JobError where this machine would make other bits, UnsupportedError where it has not the kernels at all. */
function checkKernels({ manifest: { backend, dtype, fingerprint } }: Job): void {
  if (kernelFingerprint(backend, dtype) === fingerprint) return;
  throw new JobError(
    `${backend} rounds otherwise on this machine than where the job was planned, and the result would be of neither. Plan the job ` +
      'for kernels that all machines have: --backend native-sse2 (or native-avx2) is the same on all of x64, native-neon on arm64',
  );
}

/** Opens the rows of a job for as long as `work` takes. */
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
