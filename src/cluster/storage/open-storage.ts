// Opens places as users write them: a path, or s3://bucket/prefix.

import { resolve } from 'node:path';
import { ArgumentError } from '../../errors.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import { openBytes } from '../../io/bytes/file-bytes.js';
import { compareNaturally } from '../../io/rows/input-files.js';
import { formatByExtension } from '../../io/rows/row-formats.js';
import { type BucketOptions, connect, isBucket, parseBucketUrl } from './bucket.js';
import { BucketError } from './bucket-error.js';
import { openFolder } from './folder-storage.js';
import { openObject } from './object-bytes.js';
import { openBucket } from './s3-storage.js';
import type { JobStorage } from './storage.js';

export { isBucket };

/** Makes paths absolute, because other processes have other working directories. */
export function absolutePlace(place: string): string {
  return isBucket(place) ? place : resolve(place);
}

/** Opens a storage, which the caller closes. Throws ArgumentError for other schemes, which would otherwise name an odd folder. */
export async function openStorage(place: string, options?: BucketOptions): Promise<JobStorage> {
  const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(place) ?? [];
  if (scheme && !isBucket(place)) throw new ArgumentError('place', `expected a folder or s3://bucket/prefix, got ${scheme}...`);
  return isBucket(place) ? openBucket(place, options) : openFolder(place);
}

/** Returns the row objects below an address that ends with '/', in natural order, or any other place itself. */
export async function placesOfRows(place: string): Promise<string[]> {
  if (!isBucket(place) || !place.endsWith('/')) return [place];
  const storage = await openStorage(place.slice(0, -1));
  try {
    const names = (await storage.list('')).filter((name) => formatByExtension(name) !== undefined);
    if (names.length === 0) throw new ArgumentError('place', `${place}: there are no objects with rows below this address`);
    return names.sort(compareNaturally).map((name) => `${place}${name}`);
  } finally {
    await storage.close();
  }
}

/** Opens a file, or an object in a bucket; the caller closes it. */
export async function openBytesAt(place: string): Promise<ByteSource> {
  if (!isBucket(place)) return openBytes(place);
  const { Bucket, Key } = parseBucketUrl(place);
  const bucket = await connect(Bucket);
  try {
    const source = await openObject(bucket, Key, place, () => bucket.close());
    if (source) return source;
    throw new BucketError(`${place}: there is no such object, or no such bucket; check the name`, 404, 'NotFound');
  } catch (error) {
    bucket.close();
    throw error;
  }
}
