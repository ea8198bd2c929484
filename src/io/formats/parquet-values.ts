// The values of a Parquet page in any encoding, as numbers or as byte strings. What a page states is checked against its bytes, and numbers
// that do not fit the element type are refused.
//
// https://github.com/apache/parquet-format/blob/master/Encodings.md

import type { NumericArray } from '../../rows/dtype.js';
import { type ElementType, STORED_ARRAYS, widenElements } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { ByteFeed } from './byte-feed.js';
import { decimalNumber, signedInteger } from './decimal.js';
import type { DataPage } from './parquet-pages.js';
import { FeedRuns, RunReader, readDeltas } from './parquet-runs.js';
import type { ParquetColumn } from './parquet-schema.js';

/** Reads values one after another. Throws a plain Error after the last one. */
export interface NumberReader {
  /**
   * Writes the next `count` values into `target` from index `at`; `target` has the column's own type or is a Float64Array. Synchronous if
   * the bytes are in memory.
   */
  read(target: NumericArray, at: number, count: number): void | Promise<void>;
}

export interface BytesReader {
  /** Returns a view that is valid until the next call. */
  next(): Uint8Array | Promise<Uint8Array>;
}

/** Dictionary indices are read this many at a time into a shared buffer, because there may be thousands of columns. */
const INDEX_PIECE = 2 ** 14;
let indexPiece: Uint32Array | undefined;
/** Deltas are decoded a page at a time, with eight bytes each. */
const MAX_DELTAS = 2 ** 22;
/** Values that share prefixes may take this many times the bytes of their page, or the number of bytes below if that is more. */
const MAX_PREFIX_EXPANSION = 64;
const PREFIX_BYTES = 2 ** 25;

const BYTES_OF: Record<string, number> = { INT32: 4, INT64: 8, FLOAT: 4, DOUBLE: 8, FIXED_LEN_BYTE_ARRAY: 2 };
/** The element types of columns of numbers. */
export type ParquetElement = keyof typeof STORED_ARRAYS;

export function newElements(type: ElementType, length: number): NumericArray {
  return new STORED_ARRAYS[type as ParquetElement](length);
}

/** Returns the first `most` PLAIN numbers in `bytes`, or as many as there are. */
export function plainNumbers(bytes: Uint8Array<ArrayBuffer>, column: ParquetColumn, most: number): NumericArray {
  const size = BYTES_OF[column.physical] as number;
  const count = Math.min(most, Math.floor(bytes.length / size));
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice(0, count * size);
  if (column.physical === 'INT64') return wideNumbers(new BigInt64Array(aligned.buffer, aligned.byteOffset, count), column);
  const { scale } = column;
  if (scale !== undefined) {
    return Float64Array.from(new Int32Array(aligned.buffer, aligned.byteOffset, count), (value) =>
      decimalNumber(BigInt(value), scale),
    );
  }
  return new STORED_ARRAYS[column.element as ParquetElement](aligned.buffer, aligned.byteOffset, count);
}

/** 64-bit integers as float64, which holds integers up to 2^53 exactly. */
function wideNumbers(numbers64: BigInt64Array<ArrayBuffer>, { unsigned, scale }: ParquetColumn): Float64Array {
  if (scale !== undefined)
    return Float64Array.from({ length: numbers64.length }, (_, i) => decimalNumber(numbers64[i] as bigint, scale));
  const { buffer, byteOffset, byteLength, length } = numbers64;
  const values = unsigned ? new BigUint64Array(buffer, byteOffset, length) : numbers64;
  const words = new DataView(buffer, byteOffset, byteLength);
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const high = unsigned ? words.getUint32(i * 8 + 4, true) : words.getInt32(i * 8 + 4, true);
    const number = high * 2 ** 32 + words.getUint32(i * 8, true);
    if (Math.abs(number) >= 2 ** 53 && BigInt(number) !== values[i])
      throw new Error(`${values[i]} is beyond 2^53, and float64 does not hold it exactly`);
    numbers[i] = number;
  }
  return numbers;
}

/** The entries of a dictionary, in the form its values need. */
export type Dictionary = NumericArray | BytesList;

/** True if the values of a column of numbers are stored as byte strings. */
export function areDecimalBytes({ scale, physical }: ParquetColumn): boolean {
  return scale !== undefined && (physical === 'BYTE_ARRAY' || physical === 'FIXED_LEN_BYTE_ARRAY');
}

/** Returns the dictionary in `bytes`, with `count` PLAIN values. */
export function openDictionary(bytes: Uint8Array<ArrayBuffer>, column: ParquetColumn, count: number): Dictionary {
  if (column.element && !areDecimalBytes(column)) return plainNumbers(bytes, column, count);
  return new BytesList(bytes, column.fixedBytes, count);
}

/** Opens the numbers of a page; `dictionary` is that of the chunk. */
export async function openNumbers(
  page: DataPage,
  column: ParquetColumn,
  dictionary: Dictionary | undefined,
): Promise<NumberReader> {
  const { encoding, values, count } = page;
  if (areDecimalBytes(column))
    return new DecimalReader(await openBytes(page, column.fixedBytes, dictionary), column.scale as number);
  switch (encoding) {
    case 'PLAIN':
      return new PlainReader(values, column);
    case 'BYTE_STREAM_SPLIT':
      if (page.store) return new StoredSplitReader(await page.store(), column);
      return new SplitReader(await values.rest(), column);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (!dictionary || dictionary instanceof BytesList) throw new Error('a page needs a dictionary, but none came before');
      if (!values.isWhole) return new IndexedFeed(values, dictionary);
      return new IndexedReader(await values.rest(), dictionary);
    case 'DELTA_BINARY_PACKED': {
      const bytes = deltasAsPlain(await values.rest(), BYTES_OF[column.physical] as number, count);
      return new ArrayReader(plainNumbers(bytes, column, count));
    }
    default:
      throw new Error(`numbers encoded as ${encoding} are not supported`);
  }
}

/** PLAIN values, read as their bytes arrive. */
class PlainReader implements NumberReader {
  readonly #size: number;

  constructor(
    private readonly values: ByteFeed,
    private readonly column: ParquetColumn,
  ) {
    this.#size = BYTES_OF[column.physical] as number;
  }

  read(target: NumericArray, at: number, count: number): void | Promise<void> {
    const { column } = this;
    const length = count * this.#size;
    const place = placeIn(target, column, at, count);
    // Bytes are copied, whatever their alignment.
    if (place) return this.values.copyTo(place);
    const put = (bytes: Uint8Array<ArrayBuffer>) => copyNumbers(plainNumbers(bytes, column, count), target, at);
    const bytes = this.values.take(length);
    if (bytes instanceof Promise) return bytes.then(put);
    put(bytes);
  }
}

/** Returns the bytes of `target` for the numbers from index `at`, if they are the same there as in the file. */
function placeIn(target: NumericArray, column: ParquetColumn, at: number, count: number): Uint8Array<ArrayBuffer> | undefined {
  const { physical, scale, element } = column;
  if (scale !== undefined || physical === 'INT64' || !(target instanceof STORED_ARRAYS[element as ParquetElement]))
    return undefined;
  const size = target.BYTES_PER_ELEMENT;
  return new Uint8Array(target.buffer as ArrayBuffer, target.byteOffset + at * size, count * size);
}

/** BYTE_STREAM_SPLIT: all first bytes, then all second bytes, and so on; joined for as many values as requested. */
class SplitReader implements NumberReader {
  #next = 0;
  readonly #count: number;
  readonly #size: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly column: ParquetColumn,
  ) {
    this.#size = BYTES_OF[column.physical] as number;
    this.#count = Math.floor(bytes.length / this.#size);
  }

  read(target: NumericArray, at: number, count: number): void {
    if (count > this.#count - this.#next) throw new Error('the page has fewer values than it states');
    putSplit(this.bytes, this.#size, this.#next, count, this.column, target, at);
    this.#next += count;
  }
}

/** The same for a page that should not be held whole. */
class StoredSplitReader implements NumberReader {
  #next = 0;
  readonly #size: number;
  readonly #count: number;

  constructor(
    private readonly stored: ByteSource,
    private readonly column: ParquetColumn,
  ) {
    this.#size = BYTES_OF[column.physical] as number;
    this.#count = Math.floor(stored.size / this.#size);
  }

  async read(target: NumericArray, at: number, count: number): Promise<void> {
    if (count > this.#count - this.#next) throw new Error('the page has fewer values than it states');
    const bytes = new Uint8Array(count * this.#size);
    for (let k = 0; k < this.#size; k++) {
      await this.stored.read(k * this.#count + this.#next, count, bytes.subarray(k * count, (k + 1) * count));
    }
    this.#next += count;
    putSplit(bytes, this.#size, 0, count, this.column, target, at);
  }
}

/** Joins the bytes of `count` values, in place if possible. */
function putSplit(
  bytes: Uint8Array,
  size: number,
  from: number,
  count: number,
  column: ParquetColumn,
  target: NumericArray,
  at: number,
): void {
  const place = placeIn(target, column, at, count);
  const joined = joinStreams(bytes, size, from, count, place);
  if (!place) copyNumbers(plainNumbers(joined, column, count), target, at);
}

/** Decimals as big-endian two's complement. */
class DecimalReader implements NumberReader {
  constructor(
    private readonly values: BytesReader,
    private readonly scale: number,
  ) {}

  async read(target: NumericArray, at: number, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const next = this.values.next();
      const bytes = next instanceof Promise ? await next : next;
      if (bytes.length > MAX_DECIMAL_BYTES) throw new Error(`a decimal of ${bytes.length} bytes`);
      target[at + i] = decimalNumber(signedInteger(bytes, false), this.scale);
    }
  }
}

/** The largest decimals that writers produce have 32 bytes. */
const MAX_DECIMAL_BYTES = 64;

class ArrayReader implements NumberReader {
  #next = 0;

  constructor(private readonly values: NumericArray) {}

  read(target: NumericArray, at: number, count: number): void {
    if (count > this.values.length - this.#next) throw new Error('the page has fewer values than it states');
    copyNumbers(this.values.subarray(this.#next, this.#next + count), target, at);
    this.#next += count;
  }
}

/** float16 values are kept as bits and must not be written to arrays of other types. */
function copyNumbers(from: NumericArray, target: NumericArray, at: number): void {
  if (from instanceof Uint16Array && target instanceof Float64Array) {
    widenElements(new Uint8Array(from.slice().buffer), 'float16', true, from.length, target, at);
  } else target.set(from, at);
}

class IndexedReader implements NumberReader {
  readonly #indices: RunReader;
  #dictionary: NumericArray;

  constructor(values: Uint8Array, dictionary: NumericArray) {
    this.#indices = openIndices(values);
    this.#dictionary = dictionary;
  }

  read(target: NumericArray, at: number, count: number): void {
    if (this.#dictionary instanceof Uint16Array && target instanceof Float64Array) {
      const wide = new Float64Array(this.#dictionary.length);
      copyNumbers(this.#dictionary, wide, 0);
      this.#dictionary = wide;
    }
    indexPiece ??= new Uint32Array(INDEX_PIECE);
    for (let done = 0; done < count; ) {
      const part = Math.min(INDEX_PIECE, count - done);
      this.#indices.read(indexPiece, part);
      gather(this.#dictionary, indexPiece, part, target, at + done);
      done += part;
    }
  }
}

/** Indices that arrive in pieces have a buffer of their own, because others are read in between. */
const FEED_PIECE = 2 ** 12;

/** The same for a page that arrives in pieces. */
class IndexedFeed implements NumberReader {
  #indices: FeedRuns | undefined;
  readonly #piece = new Uint32Array(FEED_PIECE);

  constructor(
    private readonly values: ByteFeed,
    private readonly dictionary: NumericArray,
  ) {}

  async read(target: NumericArray, at: number, count: number): Promise<void> {
    const wide = this.dictionary instanceof Uint16Array && target instanceof Float64Array;
    this.#indices ??= new FeedRuns(this.values, (await this.values.take(1))[0] as number);
    for (let done = 0; done < count; ) {
      const part = Math.min(FEED_PIECE, count - done);
      await this.#indices.read(this.#piece, part);
      if (wide) {
        const halfs = new Uint16Array(part);
        gather(this.dictionary, this.#piece, part, halfs, 0);
        copyNumbers(halfs, target, at + done);
      } else gather(this.dictionary, this.#piece, part, target, at + done);
      done += part;
    }
  }
}

function gather(dictionary: NumericArray, indices: Uint32Array, count: number, target: NumericArray, at: number): void {
  for (let i = 0; i < count; i++) {
    const index = indices[i] as number;
    if (index >= dictionary.length) throw new Error(`entry ${index} of a dictionary of ${dictionary.length}`);
    target[at + i] = dictionary[index] as number;
  }
}

export function openIndices(values: Uint8Array): RunReader {
  const width = values[0];
  if (width === undefined) throw new Error('a page of dictionary indices without their width');
  return new RunReader(values.subarray(1), width);
}

/** Returns the values from `from` to before `from + count` of BYTE_STREAM_SPLIT, in `joined`. */
export function joinStreams(
  bytes: Uint8Array,
  size: number,
  from: number,
  count: number,
  joined: Uint8Array<ArrayBuffer> = new Uint8Array(count * size),
): Uint8Array<ArrayBuffer> {
  const all = Math.floor(bytes.length / size);
  for (let k = 0; k < size; k++) {
    for (let i = 0, at = k * all + from; i < count; i++, at++) joined[i * size + k] = bytes[at] as number;
  }
  return joined;
}

/**
 * Opens the byte strings of a page, each with `fixedBytes` bytes unless that is 0; `dictionary` is that of the chunk. Numbers also count as
 * strings of fixed length, in PLAIN encoding.
 */
export async function openBytes(page: DataPage, fixedBytes: number, dictionary: Dictionary | undefined): Promise<BytesReader> {
  const { encoding, values, count } = page;
  switch (encoding) {
    case 'PLAIN':
      return plainBytes(values, fixedBytes);
    case 'DELTA_BINARY_PACKED': {
      if (fixedBytes !== 4 && fixedBytes !== 8) break;
      return plainBytes(ByteFeed.of(deltasAsPlain(await values.rest(), fixedBytes, count)), fixedBytes);
    }
    case 'BYTE_STREAM_SPLIT': {
      if (fixedBytes === 0) break;
      const bytes = await values.rest();
      let at = 0;
      return {
        next() {
          if (at >= Math.floor(bytes.length / fixedBytes)) throw new Error('the page has fewer values than it states');
          return joinStreams(bytes, fixedBytes, at++, 1);
        },
      };
    }
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      if (!(dictionary instanceof BytesList)) throw new Error('a page needs a dictionary, but none came before');
      const indices = openIndices(await values.rest());
      const one = new Uint32Array(1);
      return {
        next() {
          indices.read(one, 1);
          return dictionary.get(one[0] as number);
        },
      };
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return deltaBytes(await values.rest(), undefined, 0, Math.min(count, MAX_DELTAS));
    case 'DELTA_BYTE_ARRAY': {
      const bytes = await values.rest();
      const [prefixes, at] = readDeltas(bytes, 0, Math.min(count, MAX_DELTAS));
      return deltaBytes(bytes, prefixes, at, Math.min(count, MAX_DELTAS));
    }
  }
  throw new Error(`bytes encoded as ${encoding} are not supported`);
}

/** PLAIN: each value has `fixed` bytes or is preceded by its length. */
function plainBytes(values: ByteFeed, fixed: number): BytesReader {
  if (fixed > 0) return { next: () => values.take(fixed) };
  const takeRest = (prefix: Uint8Array) => values.take(lengthOf(prefix));
  return {
    next() {
      const prefix = values.take(4);
      return prefix instanceof Promise ? prefix.then(takeRest) : takeRest(prefix);
    },
  };
}

function lengthOf(prefix: Uint8Array): number {
  return new DataView(prefix.buffer, prefix.byteOffset, 4).getUint32(0, true);
}

/** Returns DELTA_BINARY_PACKED numbers of 4 or 8 bytes in PLAIN encoding, at most `count`. */
export function deltasAsPlain(bytes: Uint8Array, size: number, count: number): Uint8Array<ArrayBuffer> {
  const [deltas] = readDeltas(bytes, 0, Math.min(count, MAX_DELTAS));
  if (size === 8) return new Uint8Array(deltas.buffer as ArrayBuffer);
  // Sums are modulo 2^32.
  const words = Int32Array.from({ length: deltas.length }, (_, i) => Number(BigInt.asIntN(32, deltas[i] as bigint)));
  return new Uint8Array(words.buffer);
}

/** All lengths, then all bytes; with `prefixes`, each value shares a prefix with the previous one. */
function deltaBytes(bytes: Uint8Array, prefixes: BigInt64Array | undefined, start: number, most: number): BytesReader {
  const [lengths, begin] = readDeltas(bytes, start, most);
  let at = begin;
  let i = 0;
  let last: Uint8Array = new Uint8Array(0);
  let made = 0;
  return {
    next() {
      if (i >= lengths.length) throw new Error('the page has fewer values than it states');
      const length = Number(lengths[i]);
      const prefix = Number(prefixes?.[i] ?? 0);
      i++;
      if (length < 0 || length > bytes.length - at || prefix < 0 || prefix > last.length)
        throw new Error('a value passes the end');
      const rest = bytes.subarray(at, at + length);
      at += length;
      if (prefix === 0) last = rest;
      else {
        made += prefix;
        if (made > Math.max(PREFIX_BYTES, MAX_PREFIX_EXPANSION * bytes.length)) throw new Error('values share too much');
        const value = new Uint8Array(prefix + length);
        value.set(last.subarray(0, prefix));
        value.set(rest, prefix);
        last = value;
      }
      return last;
    },
  };
}

/** The byte strings of a dictionary, located by their offsets. */
export class BytesList {
  readonly #ends: Uint32Array;
  readonly #lengths: Uint32Array;

  /** Reads `count` PLAIN values from `bytes`. */
  constructor(
    private readonly bytes: Uint8Array,
    fixed: number,
    count: number,
  ) {
    // Even an empty value has a length.
    if (count * (fixed || 4) > bytes.length) throw new Error(`a dictionary of ${count} values in ${bytes.length} bytes`);
    this.#ends = new Uint32Array(count);
    this.#lengths = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      let length = fixed;
      if (fixed === 0) {
        if (bytes.length - at < 4) throw new Error('a dictionary ends within a length');
        length = lengthOf(bytes.subarray(at));
        at += 4;
      }
      if (length > bytes.length - at) throw new Error(`a value of ${length} bytes where ${bytes.length - at} are left`);
      at += length;
      this.#ends[i] = at;
      this.#lengths[i] = length;
    }
  }

  get(index: number): Uint8Array {
    const end = this.#ends[index];
    if (end === undefined) throw new Error(`entry ${index} of a dictionary of ${this.#ends.length}`);
    return this.bytes.subarray(end - (this.#lengths[index] as number), end);
  }
}
