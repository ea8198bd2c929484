// What a shard has found, in one object: a head that says whose it is, frames of arrays, and an end that counts them; each with a
// checksum of its own (io/runs/saved-arrays.ts), so that it can be read from the beginning on without holding it.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import { encodeSaved, readSavedAt, type SavedFile } from '../../io/runs/saved-arrays.js';
import type { SavedArrays } from '../../saved-state.js';
import { bufferedBytes } from '../storage/buffered-bytes.js';
import type { Job } from './job.js';

export interface Frame {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: SavedArrays;
}

/** Written and read at a time: what lies in memory of other threads is copied, which not everybody who writes can read. */
const PIECE_BYTES = 2 ** 20;

/** The bytes of a part. */
export async function* encodePart(job: Job, index: number, frames: AsyncIterable<Frame>): AsyncGenerator<Uint8Array> {
  yield* encodeSaved({ job: job.manifest.id, shard: index }, {});
  let count = 0;
  for await (const { meta, arrays } of frames) {
    for (const bytes of encodeSaved(meta, arrays)) {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
    }
    count++;
  }
  yield* encodeSaved({ end: count }, {});
}

/** The frames of a part, each after its checksum has been found right. Throws FormatError where it is damaged, or another's. */
export async function* readPart(job: Job, index: number, unbuffered: ByteSource): AsyncGenerator<Frame> {
  const source = bufferedBytes(unbuffered);
  const damaged = (at: number, what: string) => new FormatError(source.name, at, what);
  const head = await readSavedAt(source, 0);
  const { job: id, shard } = head.meta;
  if (id !== job.manifest.id || shard !== index) {
    throw damaged(0, `expected shard ${index} of job ${job.manifest.id}, got shard ${shard} of job ${id}`);
  }
  let at = head.end;
  for (let count = 0; ; count++) {
    const frame: SavedFile & { end: number } = await readSavedAt(source, at);
    at = frame.end;
    if (frame.meta.end !== undefined) {
      if (frame.meta.end !== count || at !== source.size) throw damaged(at, 'damaged: it ends too soon, or too late');
      return;
    }
    yield frame;
  }
}

/** Whether there is a part of shard `index`, and it is whole. */
export async function lookAtPart(job: Job, index: number): Promise<'none' | 'whole' | 'damaged'> {
  const source = await job.storage.open(job.partName(index));
  if (!source) return 'none';
  try {
    for await (const _ of readPart(job, index, source));
    return 'whole';
  } catch (error) {
    if (error instanceof FormatError) return 'damaged';
    throw error;
  } finally {
    await source.close();
  }
}
