// Reads the parts of a job for merging.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import { formatRanges } from '../job/index-ranges.js';
import type { Job } from '../job/job.js';
import { JobError } from '../job/job-error.js';
import { type Frame, lookAtPart, readPart } from '../job/part.js';

/** Throws JobError if a part is missing. */
export async function checkComplete(job: Job): Promise<void> {
  const done = await job.partsDone();
  const missing = job.manifest.shards.flatMap((_, index) => (done.has(index) ? [] : [index]));
  if (missing.length === 0) return;
  throw new JobError(
    `${job.storage.name}: ${missing.length} of ${job.manifest.shards.length} shards are not finished: ${formatRanges(missing)}`,
  );
}

/**
 * Yields the frames of one part. With `held`, its file stays open; a process may hold a few hundred. Throws JobError that names all
 * damaged parts if this one is damaged.
 */
export async function* framesOfPart(job: Job, index: number, held = true): AsyncGenerator<Frame> {
  const source = held ? await openPart(job, index) : await reopened(job, index);
  try {
    yield* readPart(job, index, source);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw await damageOf(job, error);
  } finally {
    await source.close();
  }
}

async function openPart(job: Job, index: number): Promise<ByteSource> {
  const source = await job.storage.open(job.partName(index));
  if (source) return source;
  throw new JobError(`${job.storage.name}: the part of shard ${index} no longer exists`);
}

/** Opens the part separately for each read. */
async function reopened(job: Job, index: number): Promise<ByteSource> {
  const reading = async <T>(read: (source: ByteSource) => T): Promise<Awaited<T>> => {
    const source = await openPart(job, index);
    try {
      return await read(source);
    } finally {
      await source.close();
    }
  };
  const { name, size } = await reading(({ name, size }) => ({ name, size }));
  return { name, size, read: (...range) => reading((source) => source.read(...range)), close: async () => {} };
}

/** Finds all damaged parts, so that the user can compute them again at once. */
async function damageOf(job: Job, first: FormatError): Promise<JobError> {
  const damaged: number[] = [];
  for (const index of job.manifest.shards.keys()) if ((await lookAtPart(job, index)) !== 'whole') damaged.push(index);
  const again = `"allpairs run-shard ${job.storage.name} --index ${damaged[0] ?? 0}"`;
  return new JobError(
    `${first.message}. Shards with damaged parts: ${formatRanges(damaged)}. Compute them again, for example: ${again}`,
    {
      cause: first,
    },
  );
}
