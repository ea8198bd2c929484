// A bucket of S3, or of a server that speaks its language, through the package @aws-sdk/client-s3: the SDK's own ways to find
// credentials, region and endpoint, with attempts of ours.

import process from 'node:process';
import type { HeadObjectCommandOutput, S3 } from '@aws-sdk/client-s3';
import { ArgumentError, UnsupportedError } from '../../errors.js';
import { type Attempt, type AttemptOptions, type Patience, untilAnswered } from './attempts.js';
import { BucketError } from './bucket-error.js';

export interface BucketOptions extends Partial<Patience> {
  /** Of an object that is sent in several parts; up to four of them are in memory. Servers want 5 MiB or more, and 10,000 parts at most. */
  readonly partBytes?: number;
}

export interface Bucket {
  readonly partBytes: number;
  /** Sends requests about the object `key`, or a prefix, until answered. */
  ask<T>(key: string, run: (s3: S3, attempt: Attempt, at: ObjectAddress) => Promise<T>, options?: AttemptOptions): Promise<T>;
  /** undefined where there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<HeadObjectCommandOutput | undefined>;
  close(): void;
}

export interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

const SCHEME = 's3://';

export const isBucket = (place: string): boolean => place.startsWith(SCHEME);

/** Of s3://bucket/key. */
export function parseBucketUrl(url: string): ObjectAddress {
  const [, Bucket, Key = ''] = /^s3:\/\/([\w.-]+)(?:\/(.*))?$/s.exec(url) ?? [];
  // What stands before an @ may be a secret.
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

/** A bucket that is missing is an error, an object is not. */
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
    // Servers that are not Amazon's have no host name for each bucket, and one region.
    forcePathStyle: ownEndpoint,
    followRegionRedirects: !ownEndpoint,
    // Many of them refuse the checksums that the SDK would add.
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
