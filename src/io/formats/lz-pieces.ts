// Decompresses Snappy and bare LZ4 blocks a piece at a time, so a whole row group is never in memory at once.
//
// https://github.com/google/snappy/blob/main/format_description.txt, https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

import { copyMatch } from './lz4.js';

/** Literal bytes from `input`, then bytes copied from earlier output. */
interface Sequence {
  literals: number;
  distance: number;
  match: number;
}

/** Reads the next sequence at byte `at` of `input`, which has at least one byte, and returns the position after it. */
type ReadSequence = (input: Uint8Array, at: number, sequence: Sequence) => number;

/**
 * Maximum distance of a match. LZ4 allows 64 KiB; the compressors of Snappy work in blocks of that size, although its format allows more.
 */
const WINDOW_BYTES = 2 ** 20;
const PIECE_BYTES = 2 ** 18;
/** Number of pieces decoded before the window is moved. */
const PIECES = 8;
/** Longest header that is read at once. */
const HEADER_BYTES = 16;

async function* inflate(
  read: ReadSequence,
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const inflater = new Inflater(read);
  for await (const piece of packed) {
    inflater.add(piece);
    while (inflater.run(HEADER_BYTES)) yield inflater.take();
  }
  while (inflater.run(0)) yield inflater.take();
  yield inflater.take();
  inflater.end();
}

class Inflater {
  readonly #output = new Uint8Array(WINDOW_BYTES + PIECES * PIECE_BYTES);
  #at = 0;
  #sent = 0;
  /** Buffer for the rest of a piece and the next one. */
  #room = new Uint8Array(0);
  #input = this.#room;
  #from = 0;
  readonly #sequence: Sequence = { literals: 0, distance: 0, match: 0 };

  constructor(private readonly read: ReadSequence) {}

  add(piece: Uint8Array<ArrayBuffer>): void {
    const left = this.#input.subarray(this.#from);
    const length = left.length + piece.length;
    if (this.#room.length < length) this.#room = new Uint8Array(HEADER_BYTES + length);
    this.#room.set(left);
    this.#room.set(piece, left.length);
    this.#input = this.#room.subarray(0, length);
    this.#from = 0;
  }

  /** Decodes until a piece of the output is full (returns true), or at most `reserve` bytes of input are left (returns false). */
  run(reserve: number): boolean {
    const output = this.#output;
    const input = this.#input;
    const sequence = this.#sequence;
    if (this.#at === output.length) this.#slide();
    const end = Math.min(output.length, this.#sent + PIECE_BYTES);
    let at = this.#at;
    let from = this.#from;
    while (at < end) {
      if (sequence.literals > 0) {
        const count = Math.min(sequence.literals, input.length - from, end - at);
        if (count === 0) break;
        if (count > 32) output.set(input.subarray(from, from + count), at);
        else for (let i = 0; i < count; i++) output[at + i] = input[from + i] as number;
        at += count;
        from += count;
        sequence.literals -= count;
      } else if (sequence.match > 0) {
        const { distance } = sequence;
        if (distance < 1 || distance > at) throw new Error(`a match ${distance} bytes back, of ${at} that are kept`);
        const count = Math.min(sequence.match, end - at);
        at = copyMatch(output, at, distance, count);
        sequence.match -= count;
      } else if (input.length - from > reserve) from = this.read(input, from, sequence);
      else break;
    }
    this.#at = at;
    this.#from = from;
    return at === end;
  }

  /** Returns the output since the last call, valid until the next `run`. */
  take(): Uint8Array<ArrayBuffer> {
    const piece = this.#output.subarray(this.#sent, this.#at);
    this.#sent = this.#at;
    return piece;
  }

  /** Moves the window to the beginning of the buffer. */
  #slide(): void {
    this.#output.copyWithin(0, this.#at - WINDOW_BYTES, this.#at);
    this.#at = WINDOW_BYTES;
    this.#sent = WINDOW_BYTES;
  }

  end(): void {
    if (this.#sequence.literals > 0 || this.#from < this.#input.length) throw new Error('the compressed bytes end too early');
  }
}

/** Decompresses Snappy. Its first bytes state the length of the result, which the caller compares. */
export function inflateSnappy(packed: AsyncIterable<Uint8Array<ArrayBuffer>>) {
  let headerBytes = 0;
  let inHeader = true;
  return inflate((input, start, sequence) => {
    let at = start;
    const tag = input[at++] as number;
    if (inHeader) {
      inHeader = tag > 127;
      if (++headerBytes > 5) throw new Error('snappy: a length of more than 32 bits');
      return at;
    }
    const size = tag >> 2;
    const extra = (tag & 3) === 0 ? Math.max(0, size - 59) : (tag & 3) === 3 ? 4 : tag & 3;
    if (at + extra > input.length) throw new Error('snappy: the bytes end too early');
    let value = 0;
    for (let i = extra - 1; i >= 0; i--) value = value * 256 + (input[at + i] as number);
    at += extra;
    if ((tag & 3) === 0) sequence.literals = (extra > 0 ? value : size) + 1;
    else if ((tag & 3) === 1) {
      sequence.match = (size & 7) + 4;
      sequence.distance = ((tag >> 5) << 8) + value;
    } else {
      sequence.match = size + 1;
      sequence.distance = value;
    }
    return at;
  }, packed);
}

/** Decompresses one bare LZ4 block. */
export function inflateLz4Block(packed: AsyncIterable<Uint8Array<ArrayBuffer>>) {
  let next: 'token' | 'literals' | 'distance' | 'match' = 'token';
  let literals = 0;
  let match = 0;
  return inflate((input, start, sequence) => {
    let at = start;
    if (next === 'token') {
      const token = input[at++] as number;
      literals = token >> 4;
      match = (token & 15) + 4;
      next = 'literals';
      if (literals === 15) return at;
    } else if (next === 'literals' || next === 'match') {
      const byte = input[at++] as number;
      if (next === 'literals') literals += byte;
      else match += byte;
      if (byte === 255) return at;
    } else {
      if (at + 2 > input.length) throw new Error('LZ4: the block ends within an offset');
      sequence.distance = (input[at] as number) | ((input[at + 1] as number) << 8);
      at += 2;
      next = 'match';
      if (match === 19) return at;
    }
    if (next === 'literals') {
      sequence.literals = literals;
      next = 'distance';
    } else {
      sequence.match = match;
      next = 'token';
    }
    return at;
  }, packed);
}
