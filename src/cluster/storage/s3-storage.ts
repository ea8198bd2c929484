// A job in a bucket. The key of an object is the prefix of the job plus the object's name.

import type { Readable } from 'node:stream';
import { type BucketOptions, connect, parseBucketUrl, unlessAbsent } from './bucket.js';
import { chunksOf, openObject } from './object-bytes.js';
import { upload } from './object-upload.js';
import type { JobStorage } from './storage.js';

/**
 * Objects below s3://bucket/prefix. Throws BucketError if they cannot be listed, UnsupportedError if the SDK is not installed,
 * ArgumentError for any other address.
 */
export async function openBucket(url: string, options: BucketOptions = {}): Promise<JobStorage> {
  const { Bucket, Key } = parseBucketUrl(url);
  const prefix = Key.replace(/\/*$/, (_, at) => (at > 0 ? '/' : ''));
  const name = `s3://${Bucket}/${prefix}`.replace(/\/$/, '');
  const bucket = await connect(Bucket, options);
  const list = async (about: string, begin = about): Promise<string[]> => {
    const found: string[] = [];
    for (let ContinuationToken: string | undefined; ; ) {
      const page = await bucket.ask(about, (s3, attempt) =>
        s3.listObjectsV2({ Bucket, Prefix: begin, ContinuationToken }, { abortSignal: attempt.signal }),
      );
      for (const { Key } of page.Contents ?? []) if (Key) found.push(Key.slice(prefix.length));
      ContinuationToken = page.NextContinuationToken;
      if (!ContinuationToken) return found.sort();
    }
  };
  try {
    // Responses about single objects do not distinguish a missing bucket from a missing object, so list a name that no object has.
    await list(prefix, `${prefix}.none`);
  } catch (error) {
    bucket.close();
    throw error;
  }
  return {
    name,
    read: (object) =>
      unlessAbsent(
        bucket.ask(prefix + object, async (s3, attempt, at) => {
          const { Body } = await s3.getObject(at, { abortSignal: attempt.signal });
          const chunks: Uint8Array[] = [];
          for await (const chunk of chunksOf(Body as Readable, attempt)) chunks.push(chunk);
          return Buffer.concat(chunks);
        }),
      ),
    open: (object) => openObject(bucket, prefix + object, `${name}/${object}`),
    write: (object, pieces, writing) => upload(bucket, prefix + object, pieces, writing),
    list: (begin) => list(prefix + begin),
    async remove(object) {
      await unlessAbsent(
        bucket.ask(prefix + object, (s3, attempt, at) => s3.deleteObject(at, { abortSignal: attempt.signal })),
      );
    },
    async close() {
      bucket.close();
    },
  };
}
