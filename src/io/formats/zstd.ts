// Decompresses Zstandard a block at a time, for browsers and for versions of Node without a decoder. Every table is checked before it is
// used and every loop is limited by the input or by the stated output, so damaged input ends in an error at once.
//
// https://datatracker.ietf.org/doc/html/rfc8878

import type { XXHash, XXHashAPI } from 'xxhash-wasm';
import type { ByteFeed } from './byte-feed.js';
import { copyMatch } from './lz4.js';

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAX_BLOCK_BYTES = 2 ** 17;
/** `zstd --ultra --long=27` needs this much; writers of column formats need less. */
const MAX_WINDOW_BYTES = 2 ** 27;
const MAX_HUFFMAN_BITS = 11;

/** A finite state entropy table. For each state: its symbol, the number of bits that follow, and the base they are added to. */
interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

interface HuffmanTable {
  readonly maxBits: number;
  /** symbol * 16 + bits. */
  readonly entries: Uint16Array;
}

function fseTable(counts: Int16Array | readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = counts[symbol] as number;
    if (count === -1) symbols[high--] = symbol;
    next[symbol] = Math.abs(count);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  for (let symbol = 0, at = 0; symbol < counts.length; symbol++) {
    for (let i = 0; i < (counts[symbol] as number); i++) {
      symbols[at] = symbol;
      // This ends: the step and the size have no common divisor, and position 0 is always free.
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  }
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] as number;
    const count = next[symbol] as number;
    next[symbol] = count + 1;
    bits[state] = log - highBit(count);
    bases[state] = (count << (bits[state] as number)) - size;
  }
  return { log, symbols, bits, bases };
}

/** Returns the index of the highest set bit. */
function highBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** Reads a distribution of symbols at byte `start`. Returns it as a table, and the position after it. */
function readFseTable(bytes: Uint8Array, start: number, maxLog: number, maxSymbol: number): [table: FseTable, end: number] {
  let bit = start * 8;
  const peek = (): number => {
    const at = bit >>> 3;
    return ((byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16)) >>> (bit & 7)) & 0xffff;
  };
  const log = (peek() & 15) + 5;
  bit += 4;
  if (log > maxLog) throw new Error('zstd: a table that is too large');
  const counts = new Int16Array(maxSymbol + 1);
  let remaining = (1 << log) + 1;
  let threshold = 1 << log;
  let width = log + 1;
  let symbol = 0;
  while (remaining > 1) {
    if (symbol > maxSymbol) throw new Error('zstd: a table of too many symbols');
    const most = 2 * threshold - 1 - remaining;
    const value = peek();
    let count = value & (threshold - 1);
    if (count < most) bit += width - 1;
    else {
      count = value & (2 * threshold - 1);
      if (count >= threshold) count -= most;
      bit += width;
    }
    count--;
    remaining -= Math.abs(count);
    counts[symbol++] = count;
    for (let more = count === 0 ? 3 : 0; more === 3; ) {
      more = peek() & 3;
      bit += 2;
      symbol += more;
      if (symbol > maxSymbol + 1) throw new Error('zstd: a table of too many symbols');
    }
    while (remaining < threshold) {
      width--;
      threshold >>= 1;
    }
  }
  const end = (bit + 7) >>> 3;
  if (remaining !== 1 || end > bytes.length) throw new Error('zstd: a damaged table');
  return [fseTable(counts.subarray(0, symbol), log), end];
}

function byteAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (bytes[at] as number) : 0;
}

/** Returns a table with one symbol, which takes no bits. */
function singleTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** Reads bits from the end of `bytes` to its start. */
class BackwardBits {
  /** Bits left; negative if more were requested. */
  left: number;

  constructor(
    readonly bytes: Uint8Array,
    private readonly start: number,
    end: number,
  ) {
    const last = end > start ? (bytes[end - 1] as number) : 0;
    if (last === 0) throw new Error('zstd: a stream of bits without its end');
    this.left = (end - start - 1) * 8 + highBit(last);
  }

  /** Returns the next `count` bits, at most 31; zeros after the last one. */
  read(count: number): number {
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 2 ** 16 + this.read(16);
    }
    this.left -= count;
    let { left } = this;
    let missing = 0;
    if (left < 0) {
      missing = Math.min(count, -left);
      left = 0;
    }
    const { bytes } = this;
    const at = this.start + (left >>> 3);
    const three = (bytes[at] as number) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16);
    return (((three >>> (left & 7)) & ((1 << (count - missing)) - 1)) << missing) >>> 0;
  }
}

/** Reads the Huffman tree of literals at byte `start`. Returns it, and the position after it. */
function readHuffmanTable(bytes: Uint8Array, start: number): [table: HuffmanTable, end: number] {
  const header = byteAt(bytes, start);
  const weights = new Uint8Array(256);
  let count = 0;
  let end: number;
  if (header < 128) {
    end = start + 1 + header;
    if (end > bytes.length) throw new Error('zstd: a tree passes the end');
    const [table, at] = readFseTable(bytes.subarray(0, end), start + 1, 6, MAX_HUFFMAN_BITS + 1);
    count = readWeights(new BackwardBits(bytes, at, end), table, weights);
  } else {
    count = header - 127;
    end = start + 1 + ((count + 1) >> 1);
    if (end > bytes.length) throw new Error('zstd: a tree passes the end');
    for (let i = 0; i < count; i++) {
      const byte = bytes[start + 1 + (i >> 1)] as number;
      weights[i] = i % 2 === 0 ? byte >> 4 : byte & 15;
    }
  }
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i] as number;
    if (weight > MAX_HUFFMAN_BITS) throw new Error('zstd: a damaged tree');
    sum += weight > 0 ? 1 << (weight - 1) : 0;
  }
  const maxBits = sum > 0 ? highBit(sum) + 1 : 0;
  const left = (1 << maxBits) - sum;
  if (sum === 0 || maxBits > MAX_HUFFMAN_BITS || (left & (left - 1)) !== 0) throw new Error('zstd: a damaged tree');
  weights[count++] = highBit(left) + 1;
  const entries = new Uint16Array(1 << maxBits);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight++) {
    for (let symbol = 0; symbol < count; symbol++) {
      if (weights[symbol] !== weight) continue;
      const next = at + (1 << (weight - 1));
      entries.fill(symbol * 16 + maxBits + 1 - weight, at, next);
      at = next;
    }
  }
  return [{ maxBits, entries }, end];
}

/** Two states alternate; the stream ends when one requests bits that do not exist. */
function readWeights(bits: BackwardBits, table: FseTable, weights: Uint8Array): number {
  const states = [bits.read(table.log), bits.read(table.log)];
  for (let count = 0; count < 254; ) {
    const turn = count & 1;
    const state = states[turn] as number;
    weights[count++] = table.symbols[state] as number;
    states[turn] = (table.bases[state] as number) + bits.read(table.bits[state] as number);
    if (bits.left >= 0) continue;
    weights[count++] = table.symbols[states[1 - turn] as number] as number;
    return count;
  }
  throw new Error('zstd: a tree of too many symbols');
}

/** Decodes symbols of `bytes` from `start` to before `end`, into `target` from `at` to before `to`. */
function readHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  { maxBits, entries }: HuffmanTable,
  target: Uint8Array,
  at: number,
  to: number,
): void {
  const last = end > start && end <= bytes.length ? (bytes[end - 1] as number) : 0;
  if (last === 0) throw new Error('zstd: literals without their end');
  let left = (end - start - 1) * 8 + highBit(last);
  const mask = (1 << maxBits) - 1;
  for (let i = at; i < to; i++) {
    const bit = left - maxBits;
    let index: number;
    if (bit >= 0) {
      const byte = start + (bit >>> 3);
      index =
        (((bytes[byte] as number) | (byteAt(bytes, byte + 1) << 8) | (byteAt(bytes, byte + 2) << 16)) >>> (bit & 7)) & mask;
    } else {
      if (left < 0) throw new Error('zstd: literals pass their end');
      const two = (bytes[start] as number) | (byteAt(bytes, start + 1) << 8);
      index = ((two & ((1 << left) - 1)) << -bit) & mask;
    }
    const entry = entries[index] as number;
    target[i] = entry >>> 4;
    left -= entry & 15;
  }
  if (left !== 0) throw new Error('zstd: literals of another length than stated');
}

const LITERAL_BITS = [...Array<number>(16).fill(0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_BITS = [...Array<number>(32).fill(0), ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]];
const LITERAL_BASES = basesOf(LITERAL_BITS, 0);
const MATCH_BASES = basesOf(MATCH_BITS, 3);
const MAX_OFFSET_CODE = 31;

function basesOf(bits: readonly number[], first: number): Uint32Array {
  let base = first;
  return Uint32Array.from(bits, (width) => {
    base += 2 ** width;
    return base - 2 ** width;
  });
}

/** Tables for blocks that define none. */
const DEFAULT_TABLES: readonly FseTable[] = [
  fseTable([4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1], 6),
  fseTable([...Array<number>(6).fill(1), 2, 2, 2, ...Array<number>(15).fill(1), -1, -1, -1, -1, -1], 5),
  fseTable([1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array<number>(37).fill(1), ...Array<number>(7).fill(-1)], 6),
];
/** For literal lengths, offsets and match lengths, in the order of the format. */
const MAX_LOGS = [9, 8, 9];
const MAX_CODES = [LITERAL_BITS.length - 1, MAX_OFFSET_CODE, MATCH_BITS.length - 1];

/** Buffers up to this size are kept for the next frame: a page of a column may be one. */
const MAX_SPARE_BYTES = 2 ** 20;
let spareOutput: Uint8Array<ArrayBuffer> | undefined;
let spareLiterals: Uint8Array | undefined;

/** Decodes the blocks of one frame, which share tables and offsets. */
class ZstdBlocks {
  #huffman: HuffmanTable | undefined;
  #tables: (FseTable | undefined)[] = [];
  readonly #offsets = [1, 4, 8];
  #literalCount = 0;

  /** `literals` is a buffer with any contents. */
  constructor(private readonly literals: Uint8Array) {}

  /**
   * Decodes a compressed block to `output` from `at` to at most `end`; matches reach back to index 0. Returns the index after the output.
   */
  decode(block: Uint8Array, output: Uint8Array, at: number, end: number): number {
    let from = this.#readLiterals(block);
    let count = byteAt(block, from++);
    if (count > 127) {
      if (count < 255) count = ((count - 128) << 8) + byteAt(block, from++);
      else {
        count = byteAt(block, from) + (byteAt(block, from + 1) << 8) + 0x7f00;
        from += 2;
      }
    }
    if (from > block.length) throw new Error('zstd: a block ends too early');
    if (count === 0) {
      if (from !== block.length) throw new Error('zstd: bytes after a block of literals');
      return this.#copyLiterals(output, at, end, 0, this.#literalCount);
    }
    const modes = byteAt(block, from++);
    if (modes & 3) throw new Error('zstd: unknown bits in a block');
    for (let i = 0; i < 3; i++) from = this.#readTable(block, from, i, (modes >> (6 - 2 * i)) & 3);
    return this.#runSequences(new BackwardBits(block, from, block.length), count, output, at, end);
  }

  #readLiterals(block: Uint8Array): number {
    const first = byteAt(block, 0);
    const type = first & 3;
    const format = (first >> 2) & 3;
    const five = first + byteAt(block, 1) * 2 ** 8 + byteAt(block, 2) * 2 ** 16 + byteAt(block, 3) * 2 ** 24;
    if (type < 2) {
      const [headerBytes, count] =
        format === 1 ? [2, (five & 0xffff) >> 4] : format === 3 ? [3, (five & 0xffffff) >> 4] : [1, first >> 3];
      this.#checkLiterals(count);
      const end = headerBytes + (type === 0 ? count : 1);
      if (end > block.length) throw new Error('zstd: literals pass the end of a block');
      if (type === 0) this.literals.set(block.subarray(headerBytes, end));
      else this.literals.fill(block[headerBytes] as number, 0, count);
      return end;
    }
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const headerBytes = format < 2 ? 3 : format + 2;
    const whole = five + byteAt(block, 4) * 2 ** 32;
    const count = Math.floor(whole / 16) % 2 ** width;
    const packed = Math.floor(whole / 2 ** (4 + width)) % 2 ** width;
    this.#checkLiterals(count);
    const end = headerBytes + packed;
    if (end > block.length) throw new Error('zstd: literals pass the end of a block');
    let from = headerBytes;
    if (type === 2) [this.#huffman, from] = readHuffmanTable(block.subarray(0, end), from);
    const table = this.#huffman;
    if (!table) throw new Error('zstd: literals without a tree');
    if (format === 0) {
      readHuffman(block, from, end, table, this.literals, 0, count);
      return end;
    }
    const part = (count + 3) >> 2;
    if (3 * part > count) throw new Error('zstd: four streams of too few literals');
    let start = from + 6;
    for (let i = 0; i < 4; i++) {
      const stop = i === 3 ? end : start + byteAt(block, from + 2 * i) + (byteAt(block, from + 2 * i + 1) << 8);
      if (stop > end) throw new Error('zstd: literals pass the end of a block');
      readHuffman(block, start, stop, table, this.literals, i * part, i === 3 ? count : (i + 1) * part);
      start = stop;
    }
    return end;
  }

  #checkLiterals(count: number): void {
    if (count > MAX_BLOCK_BYTES) throw new Error(`zstd: ${count} literals in a block`);
    this.#literalCount = count;
  }

  #readTable(block: Uint8Array, from: number, kind: number, mode: number): number {
    if (mode === 0) this.#tables[kind] = DEFAULT_TABLES[kind];
    else if (mode === 1) {
      const symbol = byteAt(block, from);
      if (symbol > (MAX_CODES[kind] as number)) throw new Error('zstd: a code that does not exist');
      this.#tables[kind] = singleTable(symbol);
      return from + 1;
    } else if (mode === 2) {
      const [table, end] = readFseTable(block, from, MAX_LOGS[kind] as number, MAX_CODES[kind] as number);
      this.#tables[kind] = table;
      return end;
    } else if (!this.#tables[kind]) throw new Error('zstd: a block without its tables');
    return from;
  }

  #runSequences(bits: BackwardBits, count: number, output: Uint8Array, start: number, end: number): number {
    const [lengths, offsets, matches] = this.#tables as [FseTable, FseTable, FseTable];
    let at = start;
    let literal = 0;
    let lengthState = bits.read(lengths.log);
    let offsetState = bits.read(offsets.log);
    let matchState = bits.read(matches.log);
    for (let i = 0; i < count; i++) {
      const offsetCode = offsets.symbols[offsetState] as number;
      const matchCode = matches.symbols[matchState] as number;
      const lengthCode = lengths.symbols[lengthState] as number;
      const value = 2 ** offsetCode + bits.read(offsetCode);
      const match = (MATCH_BASES[matchCode] as number) + bits.read(MATCH_BITS[matchCode] as number);
      const length = (LITERAL_BASES[lengthCode] as number) + bits.read(LITERAL_BITS[lengthCode] as number);
      if (i < count - 1) {
        lengthState = (lengths.bases[lengthState] as number) + bits.read(lengths.bits[lengthState] as number);
        matchState = (matches.bases[matchState] as number) + bits.read(matches.bits[matchState] as number);
        offsetState = (offsets.bases[offsetState] as number) + bits.read(offsets.bits[offsetState] as number);
      }
      if (bits.left < 0) throw new Error('zstd: sequences pass the end of a block');
      const distance = this.#distanceOf(value, length === 0);
      at = this.#copyLiterals(output, at, end, literal, length);
      literal += length;
      if (distance < 1 || distance > at) throw new Error(`zstd: a match ${distance} bytes back, of ${at}`);
      if (match > end - at) throw new Error('zstd: a match passes the end');
      at = copyMatch(output, at, distance, match);
    }
    if (bits.left !== 0) throw new Error('zstd: bits are left after the sequences of a block');
    return this.#copyLiterals(output, at, end, literal, this.#literalCount - literal);
  }

  /** Values up to 3 stand for recent distances. */
  #distanceOf(value: number, withoutLiterals: boolean): number {
    const recent = this.#offsets as [number, number, number];
    if (value > 3) {
      recent[2] = recent[1];
      recent[1] = recent[0];
      recent[0] = value - 3;
      return recent[0];
    }
    const index = value - 1 + (withoutLiterals ? 1 : 0);
    if (index === 0) return recent[0];
    const distance = index === 3 ? recent[0] - 1 : (recent[index] as number);
    if (index > 1) recent[2] = recent[1];
    recent[1] = recent[0];
    recent[0] = distance;
    return distance;
  }

  #copyLiterals(output: Uint8Array, at: number, end: number, from: number, count: number): number {
    if (count > end - at) throw new Error('zstd: literals pass the end');
    if (from + count > this.#literalCount) throw new Error('zstd: more literals than a block has');
    const { literals } = this;
    if (count > 32) output.set(literals.subarray(from, from + count), at);
    else for (let i = 0; i < count; i++) output[at + i] = literals[from + i] as number;
    return at + count;
  }
}

/** Decompresses consecutive frames a block at a time. A piece is valid until the next one is requested. */
export async function* unzstdPieces(packed: ByteFeed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  while (!(await packed.ended())) {
    const magic = numberOf(await packed.take(4));
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      for (let left = numberOf(await packed.take(4)); left > 0; ) {
        const count = Math.min(left, MAX_BLOCK_BYTES);
        await packed.take(count);
        left -= count;
      }
      continue;
    }
    if (magic !== MAGIC) throw new Error('zstd: not a frame');
    yield* frameOf(packed);
  }
}

async function* frameOf(packed: ByteFeed): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const flags = byteAt(await packed.take(1), 0);
  if (flags & 11) throw new Error('zstd: a frame with a dictionary of its own, or of an unknown kind');
  const singleSegment = (flags & 32) !== 0;
  const descriptor = singleSegment ? 0 : byteAt(await packed.take(1), 0);
  const sizeBytes = flags >> 6 ? 1 << (flags >> 6) : singleSegment ? 1 : 0;
  const size = numberOf(await packed.take(sizeBytes)) + (sizeBytes === 2 ? 256 : 0);
  const power = 2 ** (10 + (descriptor >> 3));
  const window = singleSegment ? size : power + (power / 8) * (descriptor & 7);
  if (window > MAX_WINDOW_BYTES)
    throw new Error(`zstd: a window of ${window} bytes; at most ${MAX_WINDOW_BYTES} are supported`);
  const literals = spareLiterals ?? new Uint8Array(MAX_BLOCK_BYTES);
  const blocks = new ZstdBlocks(literals);
  // Grows as blocks arrive, whatever the header states.
  let output = spareOutput ?? new Uint8Array(Math.min(window, MAX_BLOCK_BYTES) + MAX_BLOCK_BYTES);
  spareLiterals = undefined;
  spareOutput = undefined;
  const mostBytes = window + 8 * MAX_BLOCK_BYTES;
  const checksum = flags & 4 ? await startChecksum() : undefined;
  let at = 0;
  let made = 0;
  for (let last = false; !last; ) {
    const header = numberOf(await packed.take(3));
    last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const length = header >> 3;
    if (type === 3 || length > MAX_BLOCK_BYTES) throw new Error(`zstd: a block of ${length} bytes`);
    const block = await packed.take(type === 1 ? 1 : length);
    if (output.length - at < MAX_BLOCK_BYTES) {
      if (output.length < mostBytes) output = grown(output, at, Math.min(mostBytes, 2 * output.length));
      else {
        output.copyWithin(0, at - window, at);
        at = window;
      }
    }
    const start = at;
    const end = at + MAX_BLOCK_BYTES;
    if (type === 2) at = blocks.decode(block, output, at, end);
    else {
      if (type === 0) output.set(block, at);
      else output.fill(block[0] as number, at, at + length);
      at += length;
    }
    made += at - start;
    checksum?.update(output.subarray(start, at));
    if (at > start) yield output.subarray(start, at);
  }
  if (sizeBytes > 0 && made !== size) throw new Error(`zstd: expected ${size} bytes from a frame, got ${made}`);
  if (checksum && numberOf(await packed.take(4)) !== lowerHalf(checksum.digest())) {
    throw new Error('zstd: the checksum of a frame is wrong');
  }
  spareLiterals = literals;
  if (output.length <= MAX_SPARE_BYTES) spareOutput = output;
}

let hashes: Promise<XXHashAPI> | undefined;

/** Starts the checksum of a frame: XXH64, of which the frame holds the lower half. */
async function startChecksum(): Promise<XXHash<bigint>> {
  hashes ??= import('xxhash-wasm').then(({ default: load }) => load());
  return (await hashes).create64();
}

function lowerHalf(digest: bigint): number {
  return Number(BigInt.asUintN(32, digest));
}

function grown(bytes: Uint8Array, used: number, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes.subarray(0, used));
  return larger;
}

/** Reads a little-endian number of up to 8 bytes. */
function numberOf(bytes: Uint8Array): number {
  let value = 0;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + (bytes[i] as number);
  return value;
}
