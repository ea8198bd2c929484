// Decompression of parts of files: whoever wrote the file states how long the result is, and no more than that is made, nor
// more than the method can yield.

import { decodeLz4Block, decodeLz4Frame, decodeLz4Hadoop } from './lz4.js';
import { unbrotli, unzip, unzstd } from './zlib-node.js';

/** Exactly `length` bytes from `input`, or an Error. */
export type Decompress = (input: Uint8Array<ArrayBuffer>, length: number) => Promise<Uint8Array<ArrayBuffer>>;

export type Compression = keyof typeof MOST_EXPANSION;

/** Bytes that one byte can become at most, rounded up: snappy copies 64 for 3, LZ4 255 for 1, DEFLATE 258 for two bits. */
const MOST_EXPANSION = {
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
  return Object.hasOwn(MOST_EXPANSION, name);
}

/** Throws an Error where `packed` bytes cannot, or should not, become `length`. */
export function checkExpansion(method: Compression, packed: number, length: number): void {
  if (length > packed * MOST_EXPANSION[method] + 64) {
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
    case 'LZ4_FRAME':
      return decodeLz4Frame;
    case 'GZIP':
      return unzip;
    case 'BROTLI':
      return unbrotli;
    case 'SNAPPY': {
      const { snappyUncompressor } = await import('hysnappy');
      snappy ??= snappyUncompressor();
      return decodeSnappy;
    }
    case 'ZSTD': {
      if (unzstd) return unzstd;
      const { decompress } = await import('fzstd');
      return (input, length) => decompress(openZstdFrame(input, length));
    }
  }
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

/**
 * The one frame in `input` with a header that states a window no larger than `length` asks for, and no length: the decoder
 * allocates what the header states, and where it states a length gives that many bytes even if fewer came out. Also walks the
 * blocks, which may not repeat single bytes beyond `length`.
 */
function openZstdFrame(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (view.getUint32(0, true) !== 0xfd2fb528) throw new Error('zstd: not a frame');
  const flags = view.getUint8(4);
  const singleSegment = (flags >> 5) & 1;
  if (flags & 11) throw new Error('zstd: a frame with a dictionary of its own');
  const blocks = 6 - singleSegment + (flags >> 6 ? 1 << (flags >> 6) : singleSegment);
  let made = 0;
  for (let at = blocks, last = 0; !last; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const size = header >> 3;
    const type = (header >> 1) & 3;
    last = header & 1;
    if (type < 2) made += size;
    if (made > length) throw new Error('zstd: the blocks make more than was stated');
    at += 3 + (type === 1 ? 1 : size);
    if (at > input.length) throw new Error('zstd: a block passes the end');
  }
  // At least a block, at most the whole; what the header says in between.
  const whole = (Math.max(17, 32 - Math.clz32(length - 1)) - 10) << 3;
  const window = singleSegment ? whole : Math.max((17 - 10) << 3, Math.min(whole, view.getUint8(5)));
  const frame = new Uint8Array(6 + input.length - blocks);
  frame.set(input.subarray(0, 4));
  frame[4] = flags & 4;
  frame[5] = window;
  frame.set(input.subarray(blocks), 6);
  return frame;
}
