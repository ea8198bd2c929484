// Decompression, and the checksum of zips, by Node's zlib. The build for browsers takes zlib-web.ts in its place.

import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

const PIECE_BYTES = 256 * 1024;

/** What the DEFLATE stream in `packed` becomes, a piece at a time. Throws an Error where it is damaged, and what `packed` throws. */
export function inflateRaw(packed: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return pieces(packed, zlib.createInflateRaw({ chunkSize: PIECE_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH }));
}

type Packed = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** The same of gzip and zlib. */
export function unzipPieces(packed: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return pieces(packed, zlib.createUnzip({ chunkSize: PIECE_BYTES }));
}

/** The same of brotli. */
export function unbrotliPieces(packed: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  return pieces(packed, zlib.createBrotliDecompress({ chunkSize: PIECE_BYTES }));
}

async function* pieces(packed: Packed, inflate: Transform): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const feeding = feed(packed, inflate);
  // Whoever reads learns of its failure: it ends the stream with it.
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
    if (!inflate.write(piece)) await drained(inflate);
    if (inflate.destroyed) return;
  }
  inflate.end();
}

function drained(inflate: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      inflate.off('drain', done);
      inflate.off('close', done);
      resolve();
    };
    inflate.on('drain', done);
    inflate.on('close', done);
  });
}

/** The checksum of bytes that follow others, whose checksum is `before`. */
export function crc32(bytes: Uint8Array, before: number): number {
  return zlib.crc32(bytes, before);
}

/** Up to `length` bytes from gzip or zlib, an Error where there are more. */
export async function unzip(input: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  return zlib.unzipSync(input, { maxOutputLength: length });
}

/** Up to `length` bytes from brotli, an Error where there are more. */
export async function unbrotli(input: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  return zlib.brotliDecompressSync(input, { maxOutputLength: length });
}
