// Decompression, and the checksum of zips, by Node's zlib. The build for browsers takes zlib-web.ts in its place.

import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { unzstdByScript } from './zstd-by-script.js';

const PIECE_BYTES = 256 * 1024;

/** What the DEFLATE stream in `packed` becomes, a piece at a time. Throws an Error where it is damaged, and what `packed` throws. */
export function inflateRaw(packed: Packed): Unpacked {
  return decompress(packed, zlib.createInflateRaw({ chunkSize: PIECE_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH }));
}

/** The same for gzip, of one member or several. */
export function gunzip(packed: Packed): Unpacked {
  return decompress(packed, zlib.createGunzip({ chunkSize: PIECE_BYTES }));
}

/** The same for zstd, of one frame or several: by Node's own decoder where it has one, else by fzstd. */
export async function* unzstdStream(packed: Packed): Unpacked {
  const { createZstdDecompress } = zlib as NewerZlib;
  if (createZstdDecompress) yield* decompress(packed, createZstdDecompress({ chunkSize: PIECE_BYTES }));
  else yield* unzstdByScript(packed);
}

type Packed = AsyncIterable<Uint8Array<ArrayBuffer>>;
type Unpacked = AsyncGenerator<Uint8Array, void, undefined>;

async function* decompress(packed: Packed, stream: Transform): Unpacked {
  const feeding = feed(packed, stream);
  // The reader gets a failure to feed as the stream's own.
  feeding.catch((error) => stream.destroy(error));
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    stream.destroy();
  }
}

async function feed(packed: AsyncIterable<Uint8Array>, inflate: Transform): Promise<void> {
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

/** The same from zstd; undefined where there is nothing for it. Newer versions of Node have it. */
export const unzstd: ((input: Uint8Array, length: number) => Uint8Array) | undefined = zstdOf(zlib as NewerZlib);

interface NewerZlib {
  readonly zstdDecompressSync?: typeof zlib.unzipSync;
  readonly createZstdDecompress?: typeof zlib.createUnzip;
}

function zstdOf({ zstdDecompressSync }: NewerZlib): typeof unzstd {
  return zstdDecompressSync && ((input, length) => zstdDecompressSync(input, { maxOutputLength: length }));
}
