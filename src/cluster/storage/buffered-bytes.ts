// Buffers small sequential reads: asks for larger pieces, because each may be a request to a bucket.

import type { ByteSource } from '../../io/bytes/byte-source.js';

const PIECE_BYTES = 2 ** 18;

/** For one reader. */
export function bufferedBytes(source: ByteSource): ByteSource {
  const { name, size } = source;
  let piece: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let start = 0;
  return {
    name,
    size,
    async read(offset, length, into) {
      // Reads that are too large, or beyond the end, go to the source.
      if (length >= PIECE_BYTES || offset + length > size) return source.read(offset, length, into);
      if (offset < start || offset + length > start + piece.length) {
        piece = await source.read(offset, Math.min(PIECE_BYTES, size - offset));
        start = offset;
      }
      const bytes = piece.subarray(offset - start, offset - start + length);
      if (!into) return bytes.slice();
      into.set(bytes);
      return into.length === length ? into : into.subarray(0, length);
    },
    close: () => source.close(),
  };
}
