// The parts of a job, to be put together.

import { FormatError } from '../errors.js';
import { formatRanges } from './index-ranges.js';
import type { Job } from './job.js';
import { JobError } from './job-error.js';
import { type Frame, readPart } from './part.js';

/** Throws JobError where a part is missing. */
export async function checkComplete(job: Job): Promise<void> {
  const done = await job.partsDone();
  const missing = job.manifest.shards.flatMap((_, index) => (done.has(index) ? [] : [index]));
  if (missing.length === 0) return;
  throw new JobError(
    `${job.storage.name}: ${missing.length} of ${job.manifest.shards.length} shards are not done: ${formatRanges(missing)}`,
  );
}

/** The frames of one part. Throws FormatError where it is damaged: the shard has to be run again. */
export async function* framesOfPart(job: Job, index: number): AsyncGenerator<Frame> {
  const source = await job.storage.open(job.partName(index));
  if (!source) throw new JobError(`${job.storage.name}: the part of shard ${index} is not there any more`);
  try {
    yield* readPart(job, index, source);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new JobError(`${error.message}. "allpairs run-shard ${job.storage.name} --index ${index}" makes it anew`, {
      cause: error,
    });
  } finally {
    await source.close();
  }
}
