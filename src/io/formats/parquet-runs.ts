// The integers inside Parquet pages: levels and dictionary indices as runs, and delta-coded numbers. They are decoded a piece at a time, so
// a run of a billion equal values costs nothing until they are requested. All functions throw a plain Error for an invalid byte.
//
// https://github.com/apache/parquet-format/blob/master/Encodings.md

import type { ByteFeed } from './byte-feed.js';

/** Decodes the hybrid of repeated values and bit-packed groups of eight. */
export class RunReader {
  #at = 0;
  /** Number of values left in this run. */
  #left = 0;
  /** Position of the next bit of a packed run, or -1 in a repeated run. */
  #bit = -1;
  #value = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly width: number,
  ) {
    if (width > 32) throw new Error(`values of ${width} bits`);
  }

  /** Decodes packed values only, without runs. */
  static ofPacked(bytes: Uint8Array, width: number): RunReader {
    const reader = new RunReader(bytes, width);
    reader.#left = Math.floor((bytes.length * 8) / width);
    reader.#bit = 0;
    reader.#at = bytes.length;
    return reader;
  }

  /**
   * Returns how many of the next values equal `value`: at most `most`, and within one run. Returns 0 for packed values that cross bytes.
   */
  countEqual(value: number, most: number): number {
    while (this.#left === 0) this.#openRun();
    const end = Math.min(this.#left, most);
    if (this.#bit < 0) return this.#value === value ? end : 0;
    const { bytes, width } = this;
    if (width === 0 || 8 % width !== 0) return 0;
    const mask = (1 << width) - 1;
    const perByte = 8 / width;
    const whole = value * (255 / mask);
    let bit = this.#bit;
    let count = 0;
    while (count < end) {
      const byte = bytes[bit >>> 3] as number;
      if ((bit & 7) === 0 && byte === whole && count + perByte <= end) {
        count += perByte;
        bit += 8;
      } else if (((byte >>> (bit & 7)) & mask) === value) {
        count += 1;
        bit += width;
      } else break;
    }
    return count;
  }

  /** Skips values that `countEqual` counted. */
  skip(count: number): void {
    this.#left -= count;
    if (this.#bit >= 0) this.#bit += count * this.width;
  }

  /** Writes the next `count` values to the beginning of `target`. */
  read(target: Uint8Array | Uint32Array, count: number): void {
    for (let done = 0; done < count; ) {
      while (this.#left === 0) this.#openRun();
      const part = Math.min(this.#left, count - done);
      if (this.#bit < 0) target.fill(this.#value, done, done + part);
      else if (this.width <= 16) this.#unpack(target, done, part);
      else this.#unpackWide(target, done, part);
      this.#left -= part;
      done += part;
    }
  }

  #openRun(): void {
    const { bytes, width } = this;
    let header: number;
    [header, this.#at] = readCount(bytes, this.#at);
    if (header % 2 === 1) {
      const packed = Math.floor(header / 2) * width;
      // Some writers omit the bytes after the last value.
      const there = Math.min(packed, bytes.length - this.#at);
      this.#left = width === 0 ? Math.floor(header / 2) * 8 : Math.floor((there * 8) / width);
      this.#bit = this.#at * 8;
      this.#at += there;
      if (there < packed && this.#left === 0) throw new Error('packed values pass the end');
      return;
    }
    this.#left = header / 2;
    this.#bit = -1;
    this.#value = 0;
    const size = (width + 7) >> 3;
    if (size > bytes.length - this.#at) throw new Error('a repeated value passes the end');
    for (let i = 0; i < size; i++) this.#value += (bytes[this.#at++] as number) * 2 ** (8 * i);
  }

  #unpack(target: Uint8Array | Uint32Array, at: number, count: number): void {
    const { bytes, width } = this;
    const mask = (1 << width) - 1;
    let bit = this.#bit;
    for (let i = at; i < at + count; i++, bit += width) {
      const byte = bit >>> 3;
      const three = (bytes[byte] as number) | ((bytes[byte + 1] as number) << 8) | ((bytes[byte + 2] as number) << 16);
      target[i] = (three >>> (bit & 7)) & mask;
    }
    this.#bit = bit;
  }

  #unpackWide(target: Uint8Array | Uint32Array, at: number, count: number): void {
    const { bytes, width } = this;
    for (let i = at; i < at + count; i++, this.#bit += width) {
      const byte = this.#bit >>> 3;
      let five = 0;
      for (let k = 4; k >= 0; k--) five = five * 256 + (bytes[byte + k] ?? 0);
      target[i] = Math.floor(five / 2 ** (this.#bit & 7)) % 2 ** width;
    }
  }
}

/** Number of groups of eight packed values read at a time. */
const GROUPS = 512;

/** Decodes the same runs from bytes that arrive in pieces. */
export class FeedRuns {
  /** Values left of a repeated run, and groups left of a packed run. */
  #left = 0;
  #groups = 0;
  #value = 0;
  /** State of the packed run. */
  #packed: RunReader | undefined;
  #packedLeft = 0;

  constructor(
    private readonly feed: ByteFeed,
    private readonly width: number,
  ) {
    if (width > 32) throw new Error(`values of ${width} bits`);
  }

  /** Writes the next `count` values to the beginning of `target`. */
  async read(target: Uint32Array, count: number): Promise<void> {
    for (let done = 0; done < count; ) {
      if (this.#left > 0) {
        const part = Math.min(this.#left, count - done);
        target.fill(this.#value, done, done + part);
        this.#left -= part;
        done += part;
      } else if (this.#packedLeft > 0) {
        const part = Math.min(this.#packedLeft, count - done);
        this.#packed?.read(target.subarray(done, done + part), part);
        this.#packedLeft -= part;
        done += part;
      } else if (this.#groups > 0) await this.#unpack();
      else await this.#openRun();
    }
  }

  async #openRun(): Promise<void> {
    let header = 0;
    for (let i = 0; ; i++) {
      if (i === 5) throw new Error('a count of more than 32 bits');
      const byte = (await this.feed.take(1))[0] as number;
      header += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 128) break;
    }
    if (header % 2 === 1 && this.width > 0) {
      this.#groups = Math.floor(header / 2);
      return;
    }
    this.#left = header % 2 === 1 ? Math.floor(header / 2) * 8 : header / 2;
    this.#value = 0;
    const size = (this.width + 7) >> 3;
    const bytes = size > 0 ? await this.feed.take(size) : [];
    for (const [i, byte] of bytes.entries()) this.#value += byte * 2 ** (8 * i);
  }

  async #unpack(): Promise<void> {
    const groups = Math.min(this.#groups, GROUPS);
    const wanted = groups * this.width;
    const bytes = new Uint8Array(wanted);
    let filled = 0;
    while (filled < wanted) {
      const part = await this.feed.takeUpTo(wanted - filled);
      if (part.length === 0) break;
      bytes.set(part, filled);
      filled += part.length;
    }
    // Some writers omit the bytes after the last value.
    this.#groups = filled < wanted ? 0 : this.#groups - groups;
    this.#packed = RunReader.ofPacked(bytes.subarray(0, filled), this.width);
    this.#packedLeft = Math.floor((filled * 8) / this.width);
    if (this.#packedLeft === 0) throw new Error('packed values pass the end');
  }
}

/** Returns a varint (groups of seven bits) and the position after it. */
function readCount(bytes: Uint8Array, at: number): [count: number, at: number] {
  let count = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    count += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 128) return [count, at + i + 1];
  }
  throw new Error(`a count that does not end at byte ${at} of a page`);
}

/** DELTA_BINARY_PACKED: returns all `count` numbers modulo 2^64, and the position after them. `most` limits `count`. */
export function readDeltas(bytes: Uint8Array, start: number, most: number): [values: BigInt64Array, at: number] {
  let at = start;
  const nextCount = (): number => {
    let count: number;
    [count, at] = readCount(bytes, at);
    return count;
  };
  const nextSigned = (): bigint => {
    let value = 0n;
    for (let i = 0n; i < 10n; i++) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 128) return (value >> 1n) ^ -(value & 1n);
    }
    throw new Error('a delta that does not end');
  };
  const block = nextCount();
  const minis = nextCount();
  const count = nextCount();
  if (minis === 0 || block > 2 ** 20 || block % (8 * minis) !== 0) throw new Error(`deltas in ${minis} parts of ${block}`);
  if (count > most) throw new Error(`${count} deltas where ${most} values are`);
  const values = new BigInt64Array(count);
  let value = nextSigned();
  if (count > 0) values[0] = value;
  for (let done = 1; done < count; ) {
    const least = nextSigned();
    const widths = at;
    at += minis;
    if (at > bytes.length) throw new Error('deltas pass the end');
    for (let mini = 0; mini < minis && done < count; mini++) {
      const width = bytes[widths + mini] as number;
      const size = ((block / minis) * width) / 8;
      if (width > 64 || size > bytes.length - at) throw new Error('deltas pass the end');
      const end = Math.min(count, done + block / minis);
      for (let bit = at * 8; done < end; bit += width) {
        value = BigInt.asIntN(64, value + least + readBits(bytes, bit, width));
        values[done++] = value;
      }
      at += size;
    }
  }
  return [values, at];
}

function readBits(bytes: Uint8Array, bit: number, width: number): bigint {
  if (width === 0) return 0n;
  const first = Math.floor(bit / 8);
  let value = 0n;
  for (let byte = Math.floor((bit + width - 1) / 8); byte >= first; byte--)
    value = (value << 8n) | BigInt(bytes[byte] as number);
  return (value >> BigInt(bit % 8)) & ((1n << BigInt(width)) - 1n);
}
