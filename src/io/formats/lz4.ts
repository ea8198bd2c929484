// LZ4: blocks, the frames around them that Arrow uses, and Hadoop's older framing in early Parquet files. Every length is checked before a
// byte is copied, so hostile input costs no more than its declared output.
//
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md, lz4_Frame_format.md

import type { ByteFeed } from './byte-feed.js';

/** Decodes one block to `output` from `at`; matches may reach back to its start. Returns the index after the last byte written. */
function decodeBlock(input: Uint8Array, output: Uint8Array, at: number): number {
  let to = at;
  for (let from = 0; from < input.length; ) {
    const token = input[from++] as number;
    let literals = token >> 4;
    if (literals === 15) [literals, from] = extendLength(input, from, literals);
    if (literals > input.length - from || literals > output.length - to) throw new Error('LZ4: literals pass the end');
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence has only literals.
    if (from === input.length) return to;
    if (input.length - from < 2) throw new Error('LZ4: the block ends within an offset');
    const distance = (input[from] as number) | ((input[from + 1] as number) << 8);
    from += 2;
    let length = token & 15;
    if (length === 15) [length, from] = extendLength(input, from, length);
    length += 4;
    if (distance === 0 || distance > to) throw new Error(`LZ4: a match ${distance} bytes back, of ${to}`);
    if (length > output.length - to) throw new Error('LZ4: a match passes the end');
    to = copyMatch(output, to, distance, length);
  }
  return to;
}

/** A match may overlap its own output, which repeats its first `distance` bytes. Returns the index after it. */
export function copyMatch(output: Uint8Array, at: number, distance: number, length: number): number {
  const end = at + length;
  if (distance >= length && length > 32) output.copyWithin(at, at - distance, end - distance);
  else for (let i = at; i < end; i++) output[i] = output[i - distance] as number;
  return end;
}

function extendLength(input: Uint8Array, at: number, start: number): [length: number, at: number] {
  let length = start;
  for (let from = at; from < input.length; ) {
    const byte = input[from++] as number;
    length += byte;
    if (byte < 255) return [length, from];
  }
  throw new Error('LZ4: the block ends within a length');
}

/** Decodes a bare block of exactly `length` bytes. */
export function decodeLz4Block(input: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(length);
  expectLength(decodeBlock(input, output, 0), length);
  return output;
}

/** Decodes blocks that are each preceded by Hadoop's two lengths in network byte order, or the bare block that some writers produce. */
export function decodeLz4Hadoop(input: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const output = new Uint8Array(length);
  let to = 0;
  for (let from = 0; from < input.length; ) {
    const [plain, packed] = input.length - from < 8 ? [0, 0] : [view.getUint32(from), view.getUint32(from + 4)];
    if (packed === 0 || packed > input.length - from - 8 || plain > length - to) return decodeLz4Block(input, length);
    from += 8;
    const end = decodeBlock(input.subarray(from, from + packed), output, to);
    if (end !== to + plain) return decodeLz4Block(input, length);
    from += packed;
    to = end;
  }
  expectLength(to, length);
  return output;
}

const FRAME_MAGIC = 0x184d2204;
const STORED = 0x80000000;
/** Maximum distance of a match, which may reach into earlier blocks. */
const WINDOW_BYTES = 2 ** 16;

/** Decompresses one frame a block at a time, without verifying checksums. A piece is valid until the next one is requested. */
export async function* inflateLz4Frame(packed: ByteFeed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const head = viewOf(await packed.take(6));
  const flags = head.getUint8(4);
  if (head.getUint32(0, true) !== FRAME_MAGIC || flags >> 6 !== 1) throw new Error('LZ4: not a frame');
  if (flags & 1) throw new Error('LZ4: a frame with a dictionary of its own');
  await packed.take((flags & 8 ? 8 : 0) + 1);
  // 64 KiB, 256 KiB, 1 MiB or 4 MiB.
  const blockBytes = 2 ** (8 + 2 * Math.max(4, (head.getUint8(5) >> 4) & 7));
  let output = new Uint8Array(0);
  let at = 0;
  for (;;) {
    const header = viewOf(await packed.take(4)).getUint32(0, true);
    if (header === 0) return;
    const size = (header & ~STORED) >>> 0;
    if (size > blockBytes) throw new Error(`LZ4: expected a block of at most ${blockBytes} bytes, got ${size}`);
    const block = await packed.take(size);
    if (output.length === 0) output = new Uint8Array(WINDOW_BYTES + blockBytes);
    if (at > WINDOW_BYTES) {
      output.copyWithin(0, at - WINDOW_BYTES, at);
      at = WINDOW_BYTES;
    }
    const start = at;
    if (header >>> 31) {
      output.set(block, at);
      at += size;
    } else at = decodeBlock(block, output.subarray(0, at + blockBytes), at);
    if (at > start) yield output.subarray(start, at);
    if (flags & 16) await packed.take(4);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function expectLength(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`LZ4: expected ${expected} bytes, got ${actual}`);
}
