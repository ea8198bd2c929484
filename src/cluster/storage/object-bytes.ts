// Reads an object in a bucket by range. All bytes belong to the version that was opened.

import type { Readable } from 'node:stream';
import { AllpairsError } from '../../errors.js';
import { type ByteSource, bytesOfFile } from '../../io/bytes/byte-source.js';
import type { Attempt } from './attempts.js';
import type { Bucket } from './bucket.js';
import { BucketError } from './bucket-error.js';

/** Returns undefined if the object does not exist. `close` is called when the bytes are closed. */
export async function openObject(bucket: Bucket, key: string, name: string, close = () => {}): Promise<ByteSource | undefined> {
  const head = await bucket.head(key);
  if (!head) return undefined;
  const { ETag, ContentLength: size = 0 } = head;
  const changed = () =>
    new AllpairsError('ERR_ALLPAIRS_STORAGE', `${name}: the object changed while it was being read`, {
      advice: 'run the command again',
    });
  const file = {
    /** Keeps what arrives before a body breaks off, and requests the rest next. */
    async read(into: Uint8Array, at: number, length: number, position: number) {
      const bytesRead = await bucket
        .ask(key, async (s3, attempt, address) => {
          const Range = `bytes=${position}-${position + length - 1}`;
          const range = { ...address, Range, IfMatch: ETag };
          const answer = await s3.getObject(range, { abortSignal: attempt.signal });
          const body = answer.Body as Readable;
          // Not every server respects If-Match or Range.
          const wrong = answer.ETag !== ETag || (answer.ContentRange ?? `bytes 0-`).indexOf(`bytes ${position}-`) !== 0;
          if (wrong) body.destroy();
          if (answer.ETag !== ETag) return undefined;
          if (wrong) throw new AllpairsError('ERR_ALLPAIRS_STORAGE', `${name}: the server does not support range requests`);
          return receive(body, into.subarray(at, at + length), attempt);
        })
        .catch((error) => {
          if (error instanceof BucketError && (error.status === 412 || error.status === 404)) return undefined;
          throw error;
        });
      if (bytesRead === undefined) throw changed();
      return { bytesRead };
    },
    async close() {
      close();
    },
  };
  return bytesOfFile(file, name, size);
}

async function receive(body: Readable, into: Uint8Array, attempt: Attempt): Promise<number> {
  let done = 0;
  try {
    for await (const chunk of chunksOf(body, attempt)) {
      const fitting = chunk.subarray(0, into.length - done);
      into.set(fitting, done);
      done += fitting.length;
    }
  } catch (error) {
    if (done === 0) throw error;
  }
  return done;
}

/** Stops when no data arrives for too long. */
export async function* chunksOf(body: Readable, { signal, alive }: Attempt): AsyncGenerator<Uint8Array, void, undefined> {
  const stop = () => body.destroy(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of body) {
      alive();
      yield chunk;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
