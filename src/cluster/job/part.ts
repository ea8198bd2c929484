// A part is the result of a shard in one object: a head that identifies the shard, frames of arrays, and an end that counts the frames.
// Each has its own checksum (io/runs/saved-arrays.ts), so a part can be read as a stream.

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

/** Bytes written at a time. Arrays may be in a SharedArrayBuffer, which some writers cannot read, so each piece is copied. */
const PIECE_BYTES = 2 ** 20;

/** Encodes a part. */
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

/** Yields the frames of a part, each verified. Throws FormatError if the part is damaged or belongs to another shard. */
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
      if (frame.meta.end !== count || at !== source.size) throw damaged(at, 'damaged: it is too short or too long');
      return;
    }
    yield frame;
  }
}

/** Checks whether shard `index` has a part, and whether it is whole. */
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
