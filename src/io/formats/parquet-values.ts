// The values of a Parquet page in any of its encodings, as numbers or as byte strings. What a page states is checked against
// its bytes; numbers that do not fit the element type are refused.
//
// https://github.com/apache/parquet-format/blob/master/Encodings.md

import type { NumericArray } from '../../matrix/dtype.js';
import { type ElementType, widenElements } from '../../matrix/element-type.js';
import type { ParquetColumn } from './parquet-footer.js';
import type { DataPage } from './parquet-pages.js';
import { RunReader, readDeltas } from './parquet-runs.js';

/** Reads values one after another. Throws a plain Error where there are no more. */
export interface NumberReader {
  /** The next `count`, into `target` from index `at` on: of the column's own type, or a Float64Array. */
  read(target: NumericArray, at: number, count: number): void;
  skip(count: number): void;
}

export interface BytesReader {
  /** A view, of the page or of the dictionary. */
  next(): Uint8Array;
}

/** Indices into the dictionary are taken this many at a time, all to the same place: there may be thousands of columns. */
const INDEX_PIECE = 2 ** 14;
let indexPiece: Uint32Array | undefined;
/** Deltas are decoded a page at a time, eight bytes each. */
const MOST_DELTAS = 2 ** 22;
/** Values that share beginnings may take this many times the bytes of their page, or the sum below it. */
const MOST_PREFIX_EXPANSION = 64;
const PREFIX_BYTES = 2 ** 25;

const BYTES_OF: Record<string, number> = { INT32: 4, INT64: 8, FLOAT: 4, DOUBLE: 8, FIXED_LEN_BYTE_ARRAY: 2 };
const ARRAYS = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
};
/** The element types that columns of numbers have. */
export type ParquetElement = keyof typeof ARRAYS;

export function newElements(type: ElementType, length: number): NumericArray {
  return new ARRAYS[type as ParquetElement](length);
}

/** The first `most` PLAIN numbers in `bytes`, or as many as there are. */
export function plainNumbers(bytes: Uint8Array<ArrayBuffer>, column: ParquetColumn, most: number): NumericArray {
  const size = BYTES_OF[column.physical] as number;
  const count = Math.min(most, Math.floor(bytes.length / size));
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice(0, count * size);
  if (column.physical === 'INT64') return wideNumbers(new BigInt64Array(aligned.buffer, aligned.byteOffset, count), column);
  return new ARRAYS[column.element as ParquetElement](aligned.buffer, aligned.byteOffset, count);
}

/** 64-bit whole numbers, as float64 holds them: all up to 2^53. */
function wideNumbers(numbers64: BigInt64Array<ArrayBuffer>, { unsigned }: ParquetColumn): Float64Array {
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

/** The numbers of a page; `dictionary` has those of the chunk. */
export function openNumbers(page: DataPage, column: ParquetColumn, dictionary: NumericArray | undefined): NumberReader {
  const { encoding, values, count } = page;
  switch (encoding) {
    case 'PLAIN':
      return new ArrayReader(plainNumbers(values, column, count));
    case 'BYTE_STREAM_SPLIT':
      return new ArrayReader(plainNumbers(joinStreams(values, BYTES_OF[column.physical] as number), column, count));
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (!dictionary) throw new Error('a page needs a dictionary, but none came before');
      return new IndexedReader(values, dictionary);
    case 'DELTA_BINARY_PACKED': {
      const [deltas] = readDeltas(values, 0, Math.min(count, MOST_DELTAS));
      if (column.physical === 'INT64') return new ArrayReader(wideNumbers(deltas as BigInt64Array<ArrayBuffer>, column));
      // Sums are modulo 2^32, as the conversion to either array is.
      const target = newElements(column.element as ParquetElement, deltas.length);
      for (let i = 0; i < deltas.length; i++) target[i] = Number(BigInt.asIntN(32, deltas[i] as bigint));
      return new ArrayReader(target);
    }
    default:
      throw new Error(`numbers encoded as ${encoding} are not supported`);
  }
}

class ArrayReader implements NumberReader {
  #next = 0;

  constructor(private readonly values: NumericArray) {}

  read(target: NumericArray, at: number, count: number): void {
    if (count > this.values.length - this.#next) throw new Error('the page has fewer values than it states');
    copyNumbers(this.values.subarray(this.#next, this.#next + count), target, at);
    this.#next += count;
  }

  skip(count: number): void {
    this.#next += count;
  }
}

/** float16 comes as its bits, which other arrays do not take for numbers. */
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

  skip(count: number): void {
    indexPiece ??= new Uint32Array(INDEX_PIECE);
    for (let done = 0; done < count; done += INDEX_PIECE) this.#indices.read(indexPiece, Math.min(INDEX_PIECE, count - done));
  }
}

function gather(dictionary: NumericArray, indices: Uint32Array, count: number, target: NumericArray, at: number): void {
  for (let i = 0; i < count; i++) {
    const index = indices[i] as number;
    if (index >= dictionary.length) throw new Error(`entry ${index} of a dictionary of ${dictionary.length}`);
    target[at + i] = dictionary[index] as number;
  }
}

function openIndices(values: Uint8Array): RunReader {
  const width = values[0];
  if (width === undefined) throw new Error('a page of dictionary indices without their width');
  return new RunReader(values.subarray(1), width);
}

/** BYTE_STREAM_SPLIT: all first bytes, then all second ones, ... */
function joinStreams(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const count = Math.floor(bytes.length / size);
  const joined = new Uint8Array(count * size);
  for (let k = 0; k < size; k++) for (let i = 0; i < count; i++) joined[i * size + k] = bytes[k * count + i] as number;
  return joined;
}

/** The byte strings of a page; `dictionary` has those of the chunk. */
export function openBytes(page: DataPage, column: ParquetColumn, dictionary: BytesList | undefined): BytesReader {
  const { encoding, values, count } = page;
  switch (encoding) {
    case 'PLAIN':
      return plainBytes(values, column.fixedBytes);
    case 'BYTE_STREAM_SPLIT':
      if (column.fixedBytes === 0) break;
      return plainBytes(joinStreams(values, column.fixedBytes), column.fixedBytes);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      if (!dictionary) throw new Error('a page needs a dictionary, but none came before');
      const indices = openIndices(values);
      const one = new Uint32Array(1);
      return {
        next() {
          indices.read(one, 1);
          return dictionary.get(one[0] as number);
        },
      };
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return deltaBytes(values, undefined, 0, Math.min(count, MOST_DELTAS));
    case 'DELTA_BYTE_ARRAY': {
      const [prefixes, at] = readDeltas(values, 0, Math.min(count, MOST_DELTAS));
      return deltaBytes(values, prefixes, at, Math.min(count, MOST_DELTAS));
    }
  }
  throw new Error(`bytes encoded as ${encoding} are not supported`);
}

/** PLAIN: each of `fixed` bytes, or after its length. */
function plainBytes(bytes: Uint8Array, fixed: number): BytesReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return {
    next() {
      let length = fixed;
      if (fixed === 0) {
        length = view.getUint32(at, true);
        at += 4;
      }
      if (length > bytes.length - at) throw new Error(`a value of ${length} bytes where ${bytes.length - at} are left`);
      at += length;
      return bytes.subarray(at - length, at);
    },
  };
}

/** All lengths, then all bytes; with `prefixes` each value begins like the one before. */
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
        if (made > Math.max(PREFIX_BYTES, MOST_PREFIX_EXPANSION * bytes.length)) throw new Error('values share too much');
        const value = new Uint8Array(prefix + length);
        value.set(last.subarray(0, prefix));
        value.set(rest, prefix);
        last = value;
      }
      return last;
    },
  };
}

/** The byte strings of a dictionary, found by their places. */
export class BytesList {
  readonly #ends: Uint32Array;
  readonly #lengths: Uint32Array;

  /** `count` PLAIN values in `bytes`. */
  constructor(
    private readonly bytes: Uint8Array,
    fixed: number,
    count: number,
  ) {
    // A value of no bytes still takes its length.
    if (count * (fixed || 4) > bytes.length) throw new Error(`a dictionary of ${count} values in ${bytes.length} bytes`);
    this.#ends = new Uint32Array(count);
    this.#lengths = new Uint32Array(count);
    const values = plainBytes(bytes, fixed);
    for (let i = 0; i < count; i++) {
      const value = values.next();
      this.#ends[i] = value.byteOffset - bytes.byteOffset + value.length;
      this.#lengths[i] = value.length;
    }
  }

  get(index: number): Uint8Array {
    const end = this.#ends[index];
    if (end === undefined) throw new Error(`entry ${index} of a dictionary of ${this.#ends.length}`);
    return this.bytes.subarray(end - (this.#lengths[index] as number), end);
  }
}
