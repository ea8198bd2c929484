// Where a job lies: a folder that all machines see, or a bucket. Few operations, which both have: objects appear whole or not at all,
// and are read by range.

import type { ByteSource } from '../../io/bytes/byte-source.js';

export interface WriteOptions {
  /** Leaves an object that is there as it is. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface JobStorage {
  /** As people write it: the folder's path, or s3://bucket/prefix. Holds no secret. */
  readonly name: string;
  /** All of a small object; undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** An object to read by range; undefined where there is none. The caller closes it. */
  open(name: string): Promise<ByteSource | undefined>;
  /** Writes an object of all `pieces`, whole or not at all; false where `ifAbsent` and there was one. A piece is used up when the next is asked for. */
  write(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: WriteOptions): Promise<boolean>;
  /** The names that begin with `prefix`, in order. */
  list(prefix: string): Promise<string[]>;
  /** Nothing happens where there is none. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}
