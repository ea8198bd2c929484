// Assembles the whole matrix in a .npy file from the blocks of all parts.

import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, temporaryBeside } from '../../io/bytes/atomic-file.js';
import { namingFile } from '../../io/bytes/file-error.js';
import { type BlockPlace, createMatrixFile, MatrixFileWriter } from '../../io/matrix-file.js';
import type { Job } from '../job/job.js';
import type { Frame } from '../job/part.js';
import { checkComplete, framesOfPart } from './read-parts.js';

/** Writes `path`, whole or not at all. Throws JobError. */
export async function mergeMatrix(job: Job, path: string, signal: AbortSignal): Promise<void> {
  const { x, y, dtype } = job.manifest;
  await checkComplete(job);
  const temporary = temporaryBeside(path);
  const { rows } = x.layout;
  const shape = { path: temporary, dtype, rows, cols: (y ?? x).layout.rows, symmetric: !y };
  try {
    const writer = new MatrixFileWriter(await createMatrixFile(shape, false));
    try {
      for await (const { meta, arrays } of oneAhead(framesOf(job))) {
        signal.throwIfAborted();
        const place = meta as unknown as BlockPlace;
        await writer.write({ ...place, scores: (arrays.scores as Float32Array).buffer });
      }
      await writer.sync();
    } finally {
      await writer.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    const ofOutput = (error as NodeJS.ErrnoException).path === temporary;
    throw ofOutput ? namingFile(error, path) : error;
  }
}

async function* framesOf(job: Job): AsyncGenerator<Frame> {
  for (const index of job.manifest.shards.keys()) yield* framesOfPart(job, index);
}

/** Reads and verifies the next item while the current one is used. */
async function* oneAhead(frames: AsyncGenerator<Frame>): AsyncGenerator<Frame> {
  let next = frames.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = frames.next();
      // The consumer receives the rejection; this prevents an unhandled one if there is no consumer.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await frames.return(undefined);
  }
}
