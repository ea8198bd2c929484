// Decompression and the zip checksum, with Node's zlib. The browser build uses zlib-web.ts instead.

import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

const PIECE_BYTES = 256 * 1024;
const MIN_PIECE_BYTES = 1024;

/**
 * Decompresses the DEFLATE stream in `packed` a piece at a time; `size` is the expected length of the result. Throws an Error if it is damaged, and
 * what `packed` throws.
 */
export function inflateRaw(
  packed: Packed,
  size: number = PIECE_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  // One byte more, so that the end of the stream comes with the last bytes.
  const chunkSize = Math.min(PIECE_BYTES, Math.max(MIN_PIECE_BYTES, size + 1));
  return pieces(packed, zlib.createInflateRaw({ chunkSize, finishFlush: zlib.constants.Z_SYNC_FLUSH }));
}

/** A piece needs to be valid only until the next one is requested. */
type Packed = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** Like `inflateRaw`, for gzip and zlib. */
export function unzipPieces(packed: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return pieces(packed, zlib.createUnzip({ chunkSize: PIECE_BYTES }));
}

/** Like `inflateRaw`, for brotli. */
export function unbrotliPieces(packed: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return pieces(packed, zlib.createBrotliDecompress({ chunkSize: PIECE_BYTES }));
}

async function* pieces(packed: Packed, inflate: Transform): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const feeding = feed(packed, inflate);
  // The stream ends with this error, so its reader receives it.
  feeding.catch((error) => inflate.destroy(error));
  try {
    yield* inflate as AsyncIterable<Uint8Array<ArrayBuffer>>;
  } finally {
    inflate.destroy();
  }
}

async function feed(packed: Packed, inflate: Transform): Promise<void> {
  for await (const piece of packed) {
    if (inflate.destroyed) return;
    await write(inflate, piece);
    if (inflate.destroyed) return;
  }
  inflate.end();
}

/** Resolves when `piece` is not used any more. */
function write(inflate: Transform, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      inflate.off('close', done);
      resolve();
    };
    inflate.on('close', done);
    inflate.write(piece, done);
  });
}

/** Returns the checksum of bytes that follow others with the checksum `before`. */
export function crc32(bytes: Uint8Array, before: number): number {
  return zlib.crc32(bytes, before);
}

/** Decompresses at most `length` bytes of gzip or zlib; throws an Error if there are more. */
export async function unzip(input: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  return zlib.unzipSync(input, { maxOutputLength: length });
}

/** Decompresses at most `length` bytes of brotli; throws an Error if there are more. */
export async function unbrotli(input: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  return zlib.brotliDecompressSync(input, { maxOutputLength: length });
}
