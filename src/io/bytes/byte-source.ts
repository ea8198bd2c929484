// Bytes to read from any place: the one thing that readers of formats ask for. A file, a Blob of a page, or bytes in memory.

import { FormatError } from '../../errors.js';
import { namingFile } from './file-error.js';

/** What `openRows` reads that comes from elsewhere than a file: an object store, an archive, bytes in memory. */
export interface ByteSource {
  /** Names the source in errors. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset` on, in a buffer of the caller's own that begins at byte 0 of its ArrayBuffer, or in
   * `into`. Throws FormatError where the source ends before. Readers ask for no more than they have checked to make sense.
   */
  read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** One call of the system moves at most this many bytes: Linux takes no more than 2 GiB, and a Blob's are copied. */
const CHUNK_BYTES = 64 * 2 ** 20;

/** What is needed of a file: tests put faults here. */
export interface ReadableFile {
  read(into: Uint8Array, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** Bytes that `handle` reads. The caller closes them, and `handle` with them. */
export function bytesOfFile(handle: ReadableFile, name: string, size: number): ByteSource {
  return {
    name,
    size,
    async read(offset, length, into = new Uint8Array(checkRange(name, size, offset, length))) {
      checkRange(name, size, offset, length);
      for (let done = 0; done < length; ) {
        const piece = Math.min(CHUNK_BYTES, length - done);
        const { bytesRead } = await handle.read(into, done, piece, offset + done).catch((error) => {
          throw namingFile(error, name);
        });
        if (bytesRead === 0) throw new FormatError(name, offset + done, 'the file became shorter while it was read');
        done += bytesRead;
      }
      return into.length === length ? into : into.subarray(0, length);
    },
    close: () => handle.close(),
  };
}

/** Bytes that are there already; they are never changed. */
export function bytesInMemory(bytes: Uint8Array, name: string): ByteSource {
  const { length: size } = bytes;
  return {
    name,
    size,
    async read(offset, length, into = new Uint8Array(checkRange(name, size, offset, length))) {
      checkRange(name, size, offset, length);
      into.set(bytes.subarray(offset, offset + length));
      return into.length === length ? into : into.subarray(0, length);
    },
    async close() {},
  };
}

/** Nothing is allocated for bytes that cannot be there. */
function checkRange(name: string, size: number, offset: number, length: number): number {
  if (offset >= 0 && length >= 0 && offset + length <= size) return length;
  throw new FormatError(
    name,
    Math.min(size, Math.max(0, offset)),
    `the file ends at byte ${size}, ${length} more were expected`,
  );
}
