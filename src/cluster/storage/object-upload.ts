// Uploads an object to a bucket, in one request or, if it is larger than a part, in several parts. It appears with the last request.
//
// If a response is lost, the server may have done what was asked and then reject the repeated request. Every write therefore stores a
// unique mark in the object's metadata, which shows whether the existing object came from this write.

import { randomUUID } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.js';
import { BucketError } from './bucket-error.js';
import type { WriteOptions } from './storage.js';

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
type Condition = { readonly IfNoneMatch?: '*' };

/** Parts sent at the same time; one more is being filled. */
const PARTS_UNDER_WAY = 3;

/** How long to wait for the end of a failed upload. */
const FORGET_MS = 10_000;

/** Returns false if `ifAbsent` is set and the object exists. */
export async function upload(bucket: Bucket, key: string, pieces: Pieces, options: WriteOptions = {}): Promise<boolean> {
  const { ifAbsent, signal } = options;
  // Saves an upload. Some servers also ignore the condition of a request.
  if (ifAbsent && (await bucket.head(key, signal))) return false;
  const parts = inParts(pieces, bucket.partBytes);
  try {
    const begin = [await parts.next(), await parts.next()].flatMap(({ value }) => value ?? []);
    if (begin.length === 2) return await sendInParts(bucket, key, drain(begin, parts), options);
    const Body = begin[0] ?? new Uint8Array();
    return await finish(bucket, key, randomUUID(), options, (condition, Metadata) =>
      bucket.ask(
        key,
        (s3, attempt, at) => s3.putObject({ ...at, ...condition, Metadata, Body }, { abortSignal: attempt.signal }),
        { signal, bytes: Body.length },
      ),
    );
  } finally {
    await parts.return();
  }
}

async function sendInParts(
  bucket: Bucket,
  key: string,
  parts: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<boolean> {
  const { signal } = options;
  const mark = randomUUID();
  const { UploadId } = await bucket.ask(
    key,
    (s3, attempt, at) => s3.createMultipartUpload({ ...at, Metadata: { writer: mark } }, { abortSignal: attempt.signal }),
    { signal },
  );
  let written = false;
  try {
    const Parts = await sendParts(bucket, key, UploadId, parts, signal);
    written = await finish(bucket, key, mark, options, (condition) =>
      bucket.ask(
        key,
        (s3, attempt, at) => {
          const whole = { ...at, ...condition, UploadId, MultipartUpload: { Parts } };
          return s3.completeMultipartUpload(whole, { abortSignal: attempt.signal });
        },
        { signal },
      ),
    );
    return written;
  } finally {
    if (!written) await forget(bucket, key, UploadId);
  }
}

/** Sends the request that makes the object appear, and interprets its rejection. */
async function finish(
  bucket: Bucket,
  key: string,
  mark: string,
  { ifAbsent, signal }: WriteOptions,
  send: (condition: Condition, metadata: { writer: string }) => Promise<unknown>,
): Promise<boolean> {
  try {
    await send(ifAbsent ? { IfNoneMatch: '*' } : {}, { writer: mark });
    return true;
  } catch (error) {
    if (!(error instanceof BucketError)) throw error;
    const there = await bucket.head(key, signal).catch(() => undefined);
    if (there?.Metadata?.writer === mark) return true;
    if (ifAbsent && there) return false;
    // On a server without conditional writes, both of two simultaneous writers may succeed.
    if (!ifAbsent || error.status !== 501) throw error;
    return finish(bucket, key, mark, { signal }, send);
  }
}

async function sendParts(
  bucket: Bucket,
  key: string,
  UploadId: string | undefined,
  parts: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<CompletedPart[]> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const sent: CompletedPart[] = [];
  const underWay = new Set<Promise<void>>();
  const send = async (PartNumber: number, Body: Uint8Array): Promise<void> => {
    const { ETag } = await bucket.ask(
      key,
      (s3, attempt, at) => s3.uploadPart({ ...at, UploadId, PartNumber, Body }, { abortSignal: attempt.signal }),
      { signal: either, bytes: Body.length },
    );
    sent[PartNumber - 1] = { PartNumber, ETag };
  };
  let number = 0;
  try {
    for await (const part of parts) {
      const sending: Promise<void> = send(++number, part).then(() => void underWay.delete(sending));
      underWay.add(sending);
      // Failures are reported below, even if the next piece takes long to arrive.
      sending.catch(() => {});
      if (underWay.size >= PARTS_UNDER_WAY) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(underWay);
    throw error;
  }
  return sent;
}

/** Unfinished parts cost money. If this fails too, the bucket's lifecycle rules can remove them. */
async function forget(bucket: Bucket, key: string, UploadId: string | undefined): Promise<void> {
  await bucket
    .ask(key, (s3, attempt, at) => s3.abortMultipartUpload({ ...at, UploadId }, { abortSignal: attempt.signal }), {
      signal: AbortSignal.timeout(FORGET_MS),
    })
    .catch(() => {});
}

/** Servers accept 10,000 parts, so the part size doubles after this many. */
const PARTS_OF_A_SIZE = 1_000;

/** Copies `pieces` into parts of `first` bytes, later larger ones; the last part may be shorter. */
async function* inParts(pieces: Pieces, first: number): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let size = first;
  let count = 0;
  for await (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      const copy = new Uint8Array(piece.subarray(from, from + size - bytes));
      held.push(copy);
      bytes += copy.length;
      from += copy.length;
      if (bytes < size) continue;
      const part = Buffer.concat(held);
      held = [];
      bytes = 0;
      if (++count % PARTS_OF_A_SIZE === 0) size *= 2;
      yield part;
    }
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/** `begin` is emptied as it is read, so that a part is freed once it has been sent. */
async function* drain(begin: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for (let part = begin.shift(); part; part = begin.shift()) yield part;
  yield* rest;
}
