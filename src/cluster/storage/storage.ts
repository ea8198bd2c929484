// The storage of a job: a folder that all machines see, or a bucket. It has the few operations that both support. Objects appear whole
// or not at all, and are read by range.

import type { ByteSource } from '../../io/bytes/byte-source.js';

export interface WriteOptions {
  /** Keeps an existing object as it is. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface JobStorage {
  /** The folder's path or s3://bucket/prefix, as the user wrote it. Contains no secret. */
  readonly name: string;
  /** Reads a small object; returns undefined if it does not exist. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Opens an object for reading by range; returns undefined if it does not exist. The caller closes it. */
  open(name: string): Promise<ByteSource | undefined>;
  /**
   * Writes `pieces` as one object, whole or not at all; returns false if `ifAbsent` is set and the object exists. A piece may be reused
   * once the next one is requested.
   */
  write(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: WriteOptions): Promise<boolean>;
  /** Lists the names that begin with `prefix`, in order. */
  list(prefix: string): Promise<string[]>;
  /** Removes an object; does nothing if it does not exist. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}
