// Decompression, and the checksum of zips, by Node's zlib. The build for browsers takes zlib-web.ts in its place.

import * as zlib from 'node:zlib';

const PIECE_BYTES = 256 * 1024;

/** What the DEFLATE stream in `packed` becomes, a piece at a time. Throws an Error where it is damaged, and what `packed` throws. */
export async function* inflateRaw(packed: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = zlib.createInflateRaw({ chunkSize: PIECE_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const feeding = feed(packed, inflate);
  // Whoever reads learns of its failure: it ends the stream with it.
  feeding.catch((error) => inflate.destroy(error));
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } finally {
    inflate.destroy();
  }
}

async function feed(packed: AsyncIterable<Uint8Array>, inflate: zlib.InflateRaw): Promise<void> {
  for await (const piece of packed) {
    if (inflate.destroyed) return;
    if (!inflate.write(piece)) await drained(inflate);
    if (inflate.destroyed) return;
  }
  inflate.end();
}

function drained(inflate: zlib.InflateRaw): Promise<void> {
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

/** The same from zstd; undefined where there is nothing for it. Newer versions of Node have it. */
export const unzstd: ((input: Uint8Array, length: number) => Uint8Array) | undefined = zstdOf(zlib as NewerZlib);

interface NewerZlib {
  readonly zstdDecompressSync?: typeof zlib.unzipSync;
}

function zstdOf({ zstdDecompressSync }: NewerZlib): typeof unzstd {
  return zstdDecompressSync && ((input, length) => zstdDecompressSync(input, { maxOutputLength: length }));
}
