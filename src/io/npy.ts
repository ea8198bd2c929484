// The .npy format, versions 1 to 3: a magic string, a header that is a Python dictionary literal, then the elements.
// Nothing in the header is believed before it has been checked against the bytes that are really there.
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

import { FormatError } from '../errors.js';
import type { NumericArray } from '../matrix/dtype.js';
import { bytesOfElement, type ElementType, elementsOf, MACHINE_IS_LITTLE_ENDIAN } from '../matrix/element-type.js';
import type { ByteSource } from './byte-source.js';

/** What a header says, checked against the size of the file. */
export interface NpyHeader {
  /** Byte order of the elements; undefined where one byte has none. */
  readonly littleEndian: boolean | undefined;
  /** 'f4', 'u1', ... */
  readonly type: NpyType;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Number of elements, and the byte where they begin. */
  readonly length: number;
  readonly dataOffset: number;
}

export type NpyType = keyof typeof ELEMENT_BYTES;

const ELEMENT_BYTES = { f2: 2, f4: 4, f8: 8, i1: 1, i2: 2, i4: 4, u1: 1, u2: 2, u4: 4 };
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** A header longer than this is no array of ours: the longest possible one for two dimensions has some 150 bytes. */
const MAX_HEADER_BYTES = 65536;
/** Bytes that surely hold the magic string, the version and the header's length. */
export const NPY_PREFIX_BYTES = 12;

/** How many bytes from the start hold the whole header; `prefix` is the first NPY_PREFIX_BYTES of the file, or all of it. */
export function npyHeaderBytes(prefix: Uint8Array, file: string): number {
  if (prefix.length === 0) throw new FormatError(file, 'whole', 'the file is empty; expected data as npy');
  for (let i = 0; i < MAGIC.length; i++) {
    if (prefix[i] !== MAGIC[i]) throw new FormatError(file, i, 'not a .npy file: it does not begin with \\x93NUMPY');
  }
  const major = prefix[6];
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const lengthBytes = major === 1 ? 2 : 4;
  if (prefix.length < 8 + lengthBytes) throw new FormatError(file, prefix.length, 'the file ends within the header');
  if (major !== 1 && major !== 2 && major !== 3) {
    throw new FormatError(file, 6, `expected format version 1, 2 or 3, got ${major}`);
  }
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw new FormatError(file, 8, `a header of ${length} bytes; at most ${MAX_HEADER_BYTES} make sense`);
  return 8 + lengthBytes + length;
}

/** Reads a header; `bytes` holds at least `npyHeaderBytes` of a file of `fileBytes`. */
export function parseNpyHeader(bytes: Uint8Array, fileBytes: number, file: string): NpyHeader {
  const dataOffset = npyHeaderBytes(bytes, file);
  if (bytes.length < dataOffset) throw new FormatError(file, bytes.length, 'the file ends within the header');
  const start = bytes[6] === 1 ? 10 : 12;
  const text = new TextDecoder(bytes[6] === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataOffset));
  const fields = parseDictionary(text, file, start);

  const descr = fields.get('descr');
  const match = typeof descr === 'string' ? /^([<>|=]?)([fiu][1248])$/.exec(descr) : null;
  if (!match || !((match[2] as string) in ELEMENT_BYTES)) {
    const supported = Object.keys(ELEMENT_BYTES).join(', ');
    throw new FormatError(file, start, `elements of type ${JSON.stringify(descr)}; supported are ${supported}`);
  }
  const type = match[2] as NpyType;
  const fortranOrder = fields.get('fortran_order');
  if (typeof fortranOrder !== 'boolean') throw new FormatError(file, start, 'fortran_order is neither True nor False');
  const shape = fields.get('shape');
  if (!Array.isArray(shape)) throw new FormatError(file, start, 'shape is no tuple');

  let length = 1;
  for (const size of shape as number[]) {
    length *= size;
    // An empty dimension may hide one that overflows.
    if (!Number.isSafeInteger(length) || !Number.isSafeInteger(size))
      throw new FormatError(file, start, `shape (${shape.join(', ')}) is too large`);
  }
  const dataBytes = length * ELEMENT_BYTES[type];
  if (dataBytes !== fileBytes - dataOffset) {
    throw new FormatError(
      file,
      Math.min(fileBytes, dataOffset + dataBytes),
      `shape (${shape.join(', ')}) of ${type} takes ${dataBytes} bytes, but ${fileBytes - dataOffset} follow the header`,
    );
  }
  // '=' is the order of the machine that wrote the file; all that NumPy runs on today are little-endian.
  const littleEndian = ELEMENT_BYTES[type] === 1 ? undefined : match[1] !== '>';
  return { littleEndian, type, fortranOrder, shape: shape as number[], length, dataOffset };
}

/** The header of a file, checked against the file's size. Throws FormatError. */
export async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const { name, size } = source;
  const prefix = await source.read(0, Math.min(size, NPY_PREFIX_BYTES));
  return parseNpyHeader(await source.read(0, Math.min(size, npyHeaderBytes(prefix, name))), size, name);
}

type Value = string | boolean | number[];

/** The flat dictionary of a header: string keys; strings, True, False and tuples of whole numbers. */
function parseDictionary(text: string, file: string, offset: number): Map<string, Value> {
  const fields = new Map<string, Value>();
  let at = 0;
  const fail = (what: string): never => {
    throw new FormatError(file, offset + at, `malformed header: expected ${what}`);
  };
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    at += match[0].length;
    return match[1] ?? match[0];
  };
  take(/\s*/y);
  take(/\{/y) ?? fail('{');
  while (take(/\s*\}/y) === undefined) {
    const key = take(/\s*'([^'\\]*)'/y) ?? take(/\s*"([^"\\]*)"/y) ?? fail('a key or }');
    take(/\s*:/y) ?? fail(':');
    fields.set(key, parseValue(take) ?? fail('a value'));
    if (take(/\s*,/y) === undefined && !/^\s*\}/.test(text.slice(at))) fail(', or }');
  }
  take(/\s*/y);
  if (at < text.length) fail('nothing after }');
  return fields;
}

function parseValue(take: (pattern: RegExp) => string | undefined): Value | undefined {
  const quoted = take(/\s*'([^'\\]*)'/y) ?? take(/\s*"([^"\\]*)"/y);
  if (quoted !== undefined) return quoted;
  const word = take(/\s*(True|False)\b/y);
  if (word) return word === 'True';
  // No two places for the same space: a header of spaces alone would be tried in every way.
  const tuple = take(/\s*\(((?:\s*\d{1,20}L?\s*,)*(?:\s*\d{1,20}L?)?\s*)\)/y);
  return tuple?.match(/\d+/g)?.map(Number) ?? (tuple === undefined ? undefined : []);
}

/** Rows of numbers as a file holds them. Structurally what the calls take as rows. */
export interface NpyRows {
  readonly data: NumericArray;
  readonly shape: [rows: number, cols: number];
  /** Elements from one row, and from one column, to the next: Fortran order is read without moving anything. */
  readonly stride: [number, number];
}

/** A two-dimensional array from the bytes of its elements, which may be used as they are or changed in place. */
export function rowsFromNpyData(header: NpyHeader, bytes: Uint8Array<ArrayBuffer>, file: string): NpyRows {
  const [rows, cols] = header.shape;
  if (header.shape.length !== 2 || rows === undefined || cols === undefined) {
    throw new FormatError(file, 0, `expected a two-dimensional array (rows, columns), got ${header.shape.length} dimensions`);
  }
  return {
    data: decodeElements(header, bytes),
    shape: [rows, cols],
    stride: header.fortranOrder ? [1, rows] : [cols, 1],
  };
}

const ELEMENT_TYPES = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
} as const satisfies Record<NpyType, ElementType>;

/** The element type of a header. */
export function elementTypeOf({ type }: NpyHeader): ElementType {
  return ELEMENT_TYPES[type];
}

function decodeElements(header: NpyHeader, bytes: Uint8Array<ArrayBuffer>): NumericArray {
  const type = elementTypeOf(header);
  const aligned = bytes.byteOffset % bytesOfElement(type) === 0 ? bytes : bytes.slice();
  return elementsOf(aligned, type, header.littleEndian !== false, header.length);
}

/**
 * The rows in the bytes of a .npy file: a two-dimensional array of what `readNpy` reads. The bytes are copied.
 *
 * @param file names them in errors
 * @throws {FormatError} where they are not what they say
 */
export function decodeNpy(bytes: Uint8Array, file = 'input'): NpyRows {
  const header = parseNpyHeader(bytes, bytes.length, file);
  // A copy: the caller's bytes stay as they are.
  return rowsFromNpyData(header, new Uint8Array(bytes.subarray(header.dataOffset)), file);
}

/** The header of a C-ordered array, version 1, padded so that the elements begin on a multiple of 64 bytes. */
export function encodeNpyHeader(dtype: 'float32' | 'float64', shape: readonly number[]): Uint8Array<ArrayBuffer> {
  return encodeHeader(`'${BYTE_ORDER}${dtype === 'float32' ? 'f4' : 'f8'}'`, shape);
}

/** The type of one field of a record, or of a plain array's elements. */
export type NpyFieldType = 'u4' | 'i4' | 'u8' | 'f4' | 'f8';

/** The same for elements of any type, or for records of named fields (what NumPy calls a structured array). */
export function encodeNpyHeaderOf(
  type: NpyFieldType | readonly (readonly [name: string, type: NpyFieldType])[],
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  if (typeof type === 'string') return encodeHeader(`'${BYTE_ORDER}${type}'`, shape);
  return encodeHeader(`[${type.map(([name, field]) => `('${name}', '${BYTE_ORDER}${field}')`).join(', ')}]`, shape);
}

const BYTE_ORDER = MACHINE_IS_LITTLE_ENDIAN ? '<' : '>';

/** Room for any shape, so that a header can be replaced once the shape is known. */
const SHAPE_CHARACTERS = 40;

function encodeHeader(descr: string, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': ${descr}, 'fortran_order': False, 'shape': (${tuple}), }`;
  const bytes = Math.ceil((10 + dictionary.length - tuple.length + SHAPE_CHARACTERS + 1) / 64) * 64;
  const header = new Uint8Array(bytes).fill(0x20);
  header.set(MAGIC);
  header.set([1, 0, (bytes - 10) & 0xff, (bytes - 10) >> 8], 6);
  header.set(new TextEncoder().encode(dictionary), 10);
  header[bytes - 1] = 0x0a;
  return header;
}
