// A bucket of S3 or of an S3-compatible server, through the package @aws-sdk/client-s3. The SDK finds credentials, region and endpoint;
// retries are our own.

import process from 'node:process';
import type { HeadObjectCommandOutput, S3 } from '@aws-sdk/client-s3';
import { ArgumentError, UnsupportedError } from '../../errors.js';
import { type Attempt, type AttemptOptions, type Patience, untilAnswered } from './attempts.js';
import { BucketError } from './bucket-error.js';

export interface BucketOptions extends Partial<Patience> {
  /** Part size of a multipart upload; up to four parts are in memory. Servers require at least 5 MiB and at most 10,000 parts. */
  readonly partBytes?: number;
}

export interface Bucket {
  readonly partBytes: number;
  /** Sends requests about the object `key`, or a prefix, until they are answered. */
  ask<T>(key: string, run: (s3: S3, attempt: Attempt, at: ObjectAddress) => Promise<T>, options?: AttemptOptions): Promise<T>;
  /** Returns undefined if the object does not exist. */
  head(key: string, signal?: AbortSignal): Promise<HeadObjectCommandOutput | undefined>;
  close(): void;
}

export interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

const SCHEME = 's3://';

export const isBucket = (place: string): boolean => place.startsWith(SCHEME);

/** Address of an object, s3://bucket/key. */
export function parseBucketUrl(url: string): ObjectAddress {
  const [, Bucket, Key = ''] = /^s3:\/\/([\w.-]+)(?:\/(.*))?$/s.exec(url) ?? [];
  // The text before an @ may be a secret.
  if (!Bucket) throw new ArgumentError('place', `expected s3://bucket/prefix, got ${url.replace(/\/\/.*@/s, '//...@')}`);
  return { Bucket, Key };
}

export async function connect(name: string, options: BucketOptions = {}): Promise<Bucket> {
  const { attempts = 8, silenceMs = 60_000, partBytes = 16 * 2 ** 20 } = options;
  const s3 = await openClient();
  const bucket: Bucket = {
    partBytes,
    ask(key, run, asking) {
      const place = `${SCHEME}${name}/${key}`;
      return untilAnswered((attempt) => run(s3, attempt, { Bucket: name, Key: key }), place, { attempts, silenceMs }, asking);
    },
    head: (key, signal) =>
      unlessAbsent(bucket.ask(key, (_, attempt, at) => s3.headObject(at, { abortSignal: attempt.signal }), { signal })),
    close: () => s3.destroy(),
  };
  return bucket;
}

/** A missing bucket is an error, a missing object is not. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof BucketError && error.status === 404 && error.reason !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

async function openClient(): Promise<S3> {
  const { S3 } = await loadSdk();
  const ownEndpoint = (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL) !== undefined;
  const settings = {
    maxAttempts: 1,
    // Servers other than Amazon's have no host name per bucket and only one region.
    forcePathStyle: ownEndpoint,
    followRegionRedirects: !ownEndpoint,
    // Many of them reject the checksums that the SDK would add.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const;
  const s3 = new S3(settings);
  const region = await s3.config.region().catch(() => undefined);
  if (region) return s3;
  s3.destroy();
  return new S3({ ...settings, region: 'us-east-1' });
}

async function loadSdk(): Promise<typeof import('@aws-sdk/client-s3')> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch {
    throw new UnsupportedError('a bucket needs the package @aws-sdk/client-s3:', { advice: 'npm install @aws-sdk/client-s3' });
  }
}
