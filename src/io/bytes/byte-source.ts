// Bytes read by position from a file, a Blob of a page, or memory. Readers of formats need nothing else.

import { FormatError } from '../../errors.js';
import { namingFile } from './file-error.js';

/** Bytes for `openRows` that come from a place other than a file, such as an object store, an archive or memory. */
export interface ByteSource {
  /** The name of the source in errors. */
  readonly name: string;
  /** Total number of bytes. */
  readonly size: number;
  /**
   * Returns exactly `length` bytes from `offset`, in `into` or in a new buffer that begins at byte 0 of its ArrayBuffer. Throws FormatError
   * if the source ends first. Readers only request plausible lengths.
   */
  read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Maximum number of bytes per system call: Linux accepts no more than 2 GiB, and those of a Blob are copied. */
const CHUNK_BYTES = 64 * 2 ** 20;

/** What is needed of a file; tests inject faults here. */
export interface ReadableFile {
  read(into: Uint8Array, at: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** Returns the bytes that `handle` reads. Closing them also closes `handle`. */
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
        if (bytesRead === 0) throw new FormatError(name, offset + done, 'the file became shorter while it was being read');
        done += bytesRead;
      }
      return into.length === length ? into : into.subarray(0, length);
    },
    close: () => handle.close(),
  };
}

/** Returns bytes in memory as a source; they are never changed. */
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

/** Checks the range first, so nothing is allocated for bytes that cannot exist. */
function checkRange(name: string, size: number, offset: number, length: number): number {
  if (offset >= 0 && length >= 0 && offset + length <= size) return length;
  throw new FormatError(name, Math.min(size, Math.max(0, offset)), `the file ends at byte ${size}; expected ${length} more`);
}
