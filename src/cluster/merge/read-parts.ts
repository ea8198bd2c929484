// The parts of a job, to be put together.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import { formatRanges } from '../job/index-ranges.js';
import type { Job } from '../job/job.js';
import { JobError } from '../job/job-error.js';
import { type Frame, lookAtPart, readPart } from '../job/part.js';

/** Throws JobError where a part is missing. */
export async function checkComplete(job: Job): Promise<void> {
  const done = await job.partsDone();
  const missing = job.manifest.shards.flatMap((_, index) => (done.has(index) ? [] : [index]));
  if (missing.length === 0) return;
  throw new JobError(
    `${job.storage.name}: ${missing.length} of ${job.manifest.shards.length} shards are not done: ${formatRanges(missing)}`,
  );
}

/**
 * The frames of one part; `held`: its file stays open meanwhile, of which a process may have some hundred. Throws JobError, which
 * names all that are damaged, where it is.
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
  throw new JobError(`${job.storage.name}: the part of shard ${index} is not there any more`);
}

/** Opens the part for each read. */
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

/** All parts that are damaged, so that they can be made anew at once. */
async function damageOf(job: Job, first: FormatError): Promise<JobError> {
  const damaged: number[] = [];
  for (const index of job.manifest.shards.keys()) if ((await lookAtPart(job, index)) !== 'whole') damaged.push(index);
  const again = `"allpairs run-shard ${job.storage.name} --index ${damaged[0] ?? 0}"`;
  return new JobError(`${first.message}. Damaged parts in all: of ${formatRanges(damaged)}; ${again} makes such a part anew`, {
    cause: first,
  });
}
