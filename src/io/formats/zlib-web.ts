// The functions of zlib-node.ts, with what browsers provide.

import { UnsupportedError } from '../../errors.js';
import type * as node from './zlib-node.js';

/** The output of this many bytes arrives at once; for DEFLATE it is at most 1,032 times as large. */
const PUSHED_BYTES = 16 * 1024;

export const inflateRaw: typeof node.inflateRaw = (packed) => decompress('deflate-raw', packed);

export const unzipPieces: typeof node.unzipPieces = async function* (packed) {
  const iterator = packed[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const rest = { [Symbol.asyncIterator]: () => iterator };
  yield* decompress(isGzip(first.value) ? 'gzip' : 'deflate', startingWith(first.value, rest));
};

export const unbrotliPieces: typeof node.unbrotliPieces = (packed) => decompress('brotli', packed);

async function* startingWith(
  first: Uint8Array<ArrayBuffer>,
  rest: Packed,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield first;
  yield* rest;
}

/** Newer browsers also have brotli. */
type Format = CompressionFormat | 'brotli';

type Packed = AsyncIterable<Uint8Array<ArrayBuffer>>;

async function* decompress(format: Format, packed: Packed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { readable, writable } = openStream(format);
  const feeding = feed(packed, writable.getWriter());
  const reader = readable.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      yield piece.value as Uint8Array<ArrayBuffer>;
  } finally {
    // Also stops the writer if the reader stops early.
    await reader.cancel().catch(() => {});
    await feeding;
  }
}

function openStream(format: Format): DecompressionStream {
  try {
    return new DecompressionStream(format as CompressionFormat);
  } catch {
    throw new UnsupportedError(`this browser cannot decompress ${format}: it has no DecompressionStream for it`, {
      advice: 'write the file with another compression',
    });
  }
}

/** Errors are passed to the reader of the stream. */
async function feed(packed: Packed, writer: WritableStreamDefaultWriter<BufferSource>): Promise<void> {
  try {
    for await (const piece of packed) {
      for (let at = 0; at < piece.length; at += PUSHED_BYTES) await writer.write(piece.subarray(at, at + PUSHED_BYTES));
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
  }
}

export const unzip: typeof node.unzip = (input, length) => unpack(isGzip(input) ? 'gzip' : 'deflate', input, length);

/** Uses the browser's own decoder, because that of hyparquet-compressors does not stop at a given length. */
export const unbrotli: typeof node.unbrotli = (input, length) => unpack('brotli', input, length);

async function unpack(format: Format, input: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array> {
  const output = new Uint8Array(length);
  let filled = 0;
  for await (const piece of decompress(format, piecesOf(input))) {
    if (piece.length > length - filled) throw new Error(`more than ${length} bytes came out`);
    output.set(piece, filled);
    filled += piece.length;
  }
  return output.subarray(0, filled);
}

function isGzip([a, b]: Uint8Array): boolean {
  return a === 0x1f && b === 0x8b;
}

async function* piecesOf(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield bytes;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  return sum;
});

export const crc32: typeof node.crc32 = (bytes, before) => {
  let sum = ~before;
  for (let i = 0; i < bytes.length; i++) {
    sum = (sum >>> 8) ^ (CRC_TABLE[(sum ^ (bytes[i] as number)) & 255] as number);
  }
  return ~sum >>> 0;
};
