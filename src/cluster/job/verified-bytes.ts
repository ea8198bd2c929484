// Verifies that bytes are the same as when the job was planned: an input may change, or differ on another machine. Each chunk of a file
// has a checksum. Reads cover whole chunks and are verified before they are returned.

import { crc32 } from 'node:zlib';
import { FormatError } from '../../errors.js';
import type { ByteSource } from '../../io/bytes/byte-source.js';

/** Limits on the number and size of chunks, so that the checksums of a file take a few MiB at most. */
const MAX_CHUNKS = 2 ** 20;
const MIN_CHUNK_BYTES = 2 ** 18;
/** Chunks at the ends of reads are kept for the next read, because rows cross them. */
const KEPT = 4;

/** Returns the chunk size for a file of `size` bytes. */
export function chunkBytesFor(size: number): number {
  let bytes = MIN_CHUNK_BYTES;
  while (bytes * MAX_CHUNKS < size) bytes *= 2;
  return bytes;
}

/** Computes chunk checksums of consecutive bytes. */
export class ChunkSums {
  readonly sums: number[] = [];
  private filled = 0;
  private sum = 0;

  constructor(readonly chunkBytes: number) {}

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, this.chunkBytes - this.filled);
      this.sum = crc32(bytes.subarray(at, at + count), this.sum);
      this.filled += count;
      at += count;
      if (this.filled === this.chunkBytes) this.finishChunk();
    }
  }

  /** Returns all checksums, including that of the last chunk. */
  finish(): Uint32Array {
    if (this.filled > 0) this.finishChunk();
    return Uint32Array.from(this.sums);
  }

  private finishChunk(): void {
    this.sums.push(this.sum);
    this.filled = 0;
    this.sum = 0;
  }
}

/** Wraps `source`, whose chunks must have these `sums`. Reading throws FormatError for a chunk that does not. */
export function verifiedBytes(source: ByteSource, chunkBytes: number, sums: Uint32Array): ByteSource {
  const { name, size } = source;
  const kept = new Map<number, Uint8Array<ArrayBuffer>>();

  function check(chunk: number, bytes: Uint8Array): void {
    if (crc32(bytes) === sums[chunk]) return;
    const message = 'it has changed since the job was planned. Restore it, or plan a new job';
    throw new FormatError(name, chunk * chunkBytes, message);
  }

  async function wholeChunk(chunk: number): Promise<Uint8Array<ArrayBuffer>> {
    const there = kept.get(chunk);
    if (there) return there;
    const start = chunk * chunkBytes;
    const bytes = await source.read(start, Math.min(chunkBytes, size - start));
    check(chunk, bytes);
    kept.set(chunk, bytes);
    for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
    return bytes;
  }

  return {
    name,
    size,
    async read(offset, length, into = new Uint8Array(Math.min(length, Math.max(0, size - offset)))) {
      const end = offset + length;
      if (offset < 0 || end > size) throw new FormatError(name, Math.min(offset, size), `the file ends at byte ${size}`);
      for (let at = offset; at < end; ) {
        const chunk = Math.floor(at / chunkBytes);
        const start = chunk * chunkBytes;
        const whole = at === start ? Math.floor((end === size ? end + chunkBytes - 1 - at : end - at) / chunkBytes) : 0;
        if (whole > 0) {
          const stop = Math.min(size, start + whole * chunkBytes);
          await source.read(at, stop - at, into.subarray(at - offset, stop - offset));
          for (let c = 0; c < whole; c++) {
            const from = start + c * chunkBytes - offset;
            check(chunk + c, into.subarray(from, Math.min(from + chunkBytes, size - offset)));
          }
          at = stop;
        } else {
          const stop = Math.min(end, start + chunkBytes);
          into.set((await wholeChunk(chunk)).subarray(at - start, stop - start), at - offset);
          at = stop;
        }
      }
      return into.length === length ? into : into.subarray(0, length);
    },
    close: () => source.close(),
  };
}
