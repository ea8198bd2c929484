// Decompresses parts of files. The file states the length of the result; the output never exceeds it, nor what the method can produce.

import type { ByteSource } from '../bytes/byte-source.js';
import { piecesOfSource } from '../bytes/source-pieces.js';
import { ByteFeed } from './byte-feed.js';
import { inflateLz4Block, inflateSnappy } from './lz-pieces.js';
import { decodeLz4Block, decodeLz4Hadoop, inflateLz4Frame } from './lz4.js';
import { unbrotli, unbrotliPieces, unzip, unzipPieces } from './zlib-node.js';
import { unzstdPieces } from './zstd.js';

/** Returns exactly `length` bytes from `input`, in a buffer of their own, or throws an Error. */
export type Decompress = (
  input: Uint8Array<ArrayBuffer>,
  length: number,
  allocate?: Allocate,
) => Promise<Uint8Array<ArrayBuffer>>;

/** Returns `length` bytes with any contents. Decoders that bring their own memory do not call it. */
type Allocate = (length: number) => Uint8Array<ArrayBuffer>;

export type Compression = keyof typeof MAX_EXPANSION;

/** Maximum number of bytes that one byte expands to, rounded up: snappy copies 64 for 3, LZ4 255 for 1, DEFLATE 258 for two bits. */
const MAX_EXPANSION = {
  SNAPPY: 22,
  LZ4: 256,
  LZ4_RAW: 256,
  LZ4_FRAME: 256,
  GZIP: 1040,
  // A zstd block repeats one byte 131,072 times in 4 bytes. Brotli has no such limit, but no real rows exceed this one.
  ZSTD: 32768,
  BROTLI: 32768,
};

/** Up to this size, a part is decompressed whatever it expands to; larger parts only if most of it is really stored in the file. */
const LARGE_BYTES = 64 * 2 ** 20;
const LARGE_EXPANSION = 4;

export function isCompression(name: string): name is Compression {
  return Object.hasOwn(MAX_EXPANSION, name);
}

/** Throws an Error if `packed` bytes cannot, or should not, expand to `length`. */
export function checkExpansion(method: Compression, packed: number, length: number): void {
  if (length > packed * MAX_EXPANSION[method] + 64) {
    throw new Error(`${packed} bytes of ${method} cannot decompress to ${length}`);
  }
  if (length > Math.max(LARGE_BYTES, LARGE_EXPANSION * packed)) {
    throw new Error(`expected a part of at most ${LARGE_BYTES} bytes, got ${length} from ${packed} of ${method}`);
  }
}

/** Returns the decoder for `method`, loading a package if necessary. */
export async function openDecompress(method: Compression): Promise<Decompress> {
  const decode = await decoderOf(method);
  return async (input, length, allocate = (bytes) => new Uint8Array(bytes)) => {
    checkExpansion(method, input.length, length);
    if (length === 0) return new Uint8Array(0);
    const output = await decode(input, length, allocate);
    if (output.length !== length) throw new Error(`expected ${length} bytes of ${method}, got ${output.length}`);
    // Not a Buffer, because slices of Buffers share memory.
    return new Uint8Array(output.buffer as ArrayBuffer, output.byteOffset, length);
  };
}

type Decode = (input: Uint8Array<ArrayBuffer>, length: number, allocate: Allocate) => Uint8Array | Promise<Uint8Array>;

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
      return (input, length, allocate) => gather(inflatePieces(method, piecesOf(input)), allocate(length));
  }
}

async function* piecesOf(bytes: Uint8Array<ArrayBuffer>): Pieces {
  yield bytes;
}

async function gather(pieces: Pieces, output: Uint8Array): Promise<Uint8Array> {
  const { length } = output;
  let at = 0;
  for await (const piece of pieces) {
    if (piece.length > length - at) throw new Error(`more than ${length} bytes came out`);
    output.set(piece, at);
    at += piece.length;
  }
  return output.subarray(0, at);
}

export type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/** True for methods that can decompress a piece at a time. */
export function hasPieces(method: Compression): boolean {
  // Whether Hadoop's lengths precede the blocks is known only after all of them have been decoded.
  return method !== 'LZ4';
}

/**
 * Decompresses `packed` a piece at a time; each piece, of `packed` as well, needs to be valid only until the next one is requested. The
 * caller checks the total length.
 */
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
      // Node's decoder is not used: before Node 26 it stops silently after the first of several frames, or at a truncated one.
      return unzstdPieces(ByteFeed.from(packed));
    case 'LZ4':
      throw new Error('LZ4 of Hadoop is decompressed whole');
  }
}

/**
 * Yields exactly `length` bytes from the `packedBytes` in `packed`, a piece at a time; each is valid until the next one is requested.
 * Throws an Error if there are more or fewer.
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
  if (left > 0) throw new Error(`expected ${length} bytes of ${method}, got ${length - left}`);
}

/** hysnappy's decoder, which has its own memory, once it has been loaded. */
let snappy: ((input: Uint8Array, length: number) => Uint8Array) | undefined;

function decodeSnappy(input: Uint8Array, length: number): Uint8Array {
  // The decoder writes as many bytes as the stream states, even beyond the available space.
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

/** Yields compressed bytes of a file in order. A piece is valid until the next one is requested. */
export function packedPieces(source: ByteSource, offset: number, length: number): Pieces {
  return piecesOfSource(source, offset, length, PACKED_PIECE_BYTES);
}
