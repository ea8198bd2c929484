// Decompression of parts of files: the file states how long the result is, and no more than that is made, nor
// more than the method can yield.

import type { ByteSource } from '../bytes/byte-source.js';
import { ByteFeed } from './byte-feed.js';
import { inflateLz4Block, inflateSnappy } from './lz-pieces.js';
import { decodeLz4Block, decodeLz4Hadoop, inflateLz4Frame } from './lz4.js';
import { unbrotli, unbrotliPieces, unzip, unzipPieces } from './zlib-node.js';
import { unzstdPieces } from './zstd.js';

/** Exactly `length` bytes from `input`, or an Error. */
export type Decompress = (input: Uint8Array<ArrayBuffer>, length: number) => Promise<Uint8Array<ArrayBuffer>>;

export type Compression = keyof typeof MAX_EXPANSION;

/** Bytes that one byte can become at most, rounded up: snappy copies 64 for 3, LZ4 255 for 1, DEFLATE 258 for two bits. */
const MAX_EXPANSION = {
  SNAPPY: 22,
  LZ4: 256,
  LZ4_RAW: 256,
  LZ4_FRAME: 256,
  GZIP: 1040,
  // A block of zstd repeats one byte 131,072 times for 4 bytes; brotli has no such end, and what is beyond has no rows.
  ZSTD: 32768,
  BROTLI: 32768,
};

/** The largest part that is decompressed whatever its size; larger ones only if most of it really lies in the file. */
const LARGE_BYTES = 64 * 2 ** 20;
const LARGE_EXPANSION = 4;

export function isCompression(name: string): name is Compression {
  return Object.hasOwn(MAX_EXPANSION, name);
}

/** Throws an Error where `packed` bytes cannot, or should not, become `length`. */
export function checkExpansion(method: Compression, packed: number, length: number): void {
  if (length > packed * MAX_EXPANSION[method] + 64) {
    throw new Error(`${packed} bytes of ${method} cannot become ${length}`);
  }
  if (length > Math.max(LARGE_BYTES, LARGE_EXPANSION * packed)) {
    throw new Error(`a part of ${length} bytes, from ${packed} of ${method}; at most ${LARGE_BYTES} are taken`);
  }
}

/** Finds the decoder for `method`; loads it first where it needs a package. */
export async function openDecompress(method: Compression): Promise<Decompress> {
  const decode = await decoderOf(method);
  return async (input, length) => {
    checkExpansion(method, input.length, length);
    if (length === 0) return new Uint8Array(0);
    const output = await decode(input, length);
    if (output.length !== length) throw new Error(`${output.length} bytes of ${method} came out, ${length} were stated`);
    // Not as a Buffer, whose slices are no copies.
    return new Uint8Array(output.buffer as ArrayBuffer, output.byteOffset, length);
  };
}

type Decode = (input: Uint8Array<ArrayBuffer>, length: number) => Uint8Array | Promise<Uint8Array>;

async function decoderOf(method: Compression): Promise<Decode> {
  switch (method) {
    case 'LZ4':
      return decodeLz4Hadoop;
    case 'LZ4_RAW':
      return decodeLz4Block;
    case 'GZIP':
      return unzip;
    case 'BROTLI':
      return unbrotli;
    case 'SNAPPY': {
      const { snappyUncompressor } = await import('hysnappy');
      snappy ??= snappyUncompressor();
      return decodeSnappy;
    }
    case 'LZ4_FRAME':
    case 'ZSTD':
      return (input, length) => gather(inflatePieces(method, piecesOf(input)), length);
  }
}

async function* piecesOf(bytes: Uint8Array<ArrayBuffer>): Pieces {
  yield bytes;
}

async function gather(pieces: Pieces, length: number): Promise<Uint8Array> {
  const output = new Uint8Array(length);
  let at = 0;
  for await (const piece of pieces) {
    if (piece.length > length - at) throw new Error(`more than ${length} bytes came out`);
    output.set(piece, at);
    at += piece.length;
  }
  return output.subarray(0, at);
}

export type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/** Methods of which a part can be decompressed a piece at a time. */
export function hasPieces(method: Compression): boolean {
  // Whether Hadoop's lengths stand before its blocks shows only when all of them have been decoded.
  return method !== 'LZ4';
}

/** What `packed` becomes, a piece at a time, each valid until the next one is asked for. The caller counts them. */
export function inflatePieces(method: Compression, packed: AsyncIterable<Uint8Array<ArrayBuffer>>): Pieces {
  switch (method) {
    case 'LZ4_RAW':
      return inflateLz4Block(packed);
    case 'LZ4_FRAME':
      return inflateLz4Frame(ByteFeed.from(packed));
    case 'GZIP':
      return unzipPieces(packed);
    case 'BROTLI':
      return unbrotliPieces(packed);
    case 'SNAPPY':
      return inflateSnappy(packed);
    case 'ZSTD':
      // Not by Node's own decoder: before Node 26 it ends at the first of several frames, and takes a cut one for whole, without a word.
      return unzstdPieces(ByteFeed.from(packed));
    case 'LZ4':
      throw new Error('LZ4 of Hadoop is decompressed whole');
  }
}

/**
 * Exactly `length` bytes from the `packedBytes` in `packed`, a piece at a time; each is valid until the next one is asked for. Throws an Error
 * where more or fewer come.
 */
export async function* decompressPieces(
  method: Compression,
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  packedBytes: number,
  length: number,
): Pieces {
  checkExpansion(method, packedBytes, length);
  let left = length;
  if (length === 0) return;
  for await (const piece of inflatePieces(method, packed)) {
    if (piece.length > left) throw new Error(`more than ${length} bytes of ${method} came out`);
    left -= piece.length;
    yield piece;
  }
  if (left > 0) throw new Error(`${length - left} bytes of ${method} came out, ${length} were stated`);
}

/** hysnappy's decoder, which has a memory of its own, once it has been needed. */
let snappy: ((input: Uint8Array, length: number) => Uint8Array) | undefined;

function decodeSnappy(input: Uint8Array, length: number): Uint8Array {
  // The decoder writes as much as the stream states, not as much as there is room for.
  if (snappyLength(input) !== length) throw new Error(`snappy states another length than ${length}`);
  return (snappy as NonNullable<typeof snappy>)(input, length);
}

function snappyLength(input: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < 5 && i < input.length; i++) {
    const byte = input[i] as number;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 128) return length;
  }
  return -1;
}

const PACKED_PIECE_BYTES = 2 ** 18;

/** Bytes of a file in order, a piece at a time. The next is read while one is used. */
export async function* piecesOfSource(source: ByteSource, offset: number, length: number): Pieces {
  const read = (at: number) => {
    const piece = source.read(offset + at, Math.min(PACKED_PIECE_BYTES, length - at));
    // A reader that stops early asks for it no more.
    piece.catch(() => {});
    return piece;
  };
  let next = length > 0 ? read(0) : undefined;
  for (let at = PACKED_PIECE_BYTES; next; at += PACKED_PIECE_BYTES) {
    const piece: Uint8Array<ArrayBuffer> = await next;
    next = at < length ? read(at) : undefined;
    yield piece;
  }
}
