// The .npy format, versions 1 to 3: a magic string, a header that is a Python dictionary literal, then the elements. The header is checked
// against the actual size of the file before it is trusted.
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, type ElementType, elementsOf, MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { LiteralFault, type PythonValue, parsePythonLiteral } from './python-literal.js';
import { inexactMessage, readWideIntegers } from './wide-integers.js';

/** The contents of a header, checked against the size of the file. */
export interface NpyHeader {
  /** Byte order of the elements; undefined for one-byte elements. */
  readonly littleEndian: boolean | undefined;
  /** 'f4', 'u1', ...; 'record' if each element has fields. */
  readonly type: NpyType | 'record';
  readonly fields: readonly NpyField[];
  /** Bytes of an element, with all its fields. */
  readonly itemBytes: number;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Number of elements, and the position of the first. */
  readonly length: number;
  readonly dataOffset: number;
}

/** A field of a record. */
export interface NpyField {
  readonly name: string;
  /** Undefined if it does not hold numbers. */
  readonly type: NpyType | undefined;
  /** Its type as written in the header. */
  readonly descr: string;
  readonly littleEndian: boolean | undefined;
  readonly shape: readonly number[];
  /** Position in the record. */
  readonly offset: number;
}

export type NpyType = keyof typeof ELEMENT_BYTES;

const ELEMENT_BYTES = { f2: 2, f4: 4, f8: 8, i1: 1, i2: 2, i4: 4, i8: 8, u1: 1, u2: 2, u4: 4, u8: 8, b1: 1 };
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** Limit for the length of a header; the longest for two dimensions has about 150 bytes. */
const MAX_HEADER_BYTES = 65536;
/** Number of bytes that always contain the magic string, the version and the length of the header. */
export const NPY_PREFIX_BYTES = 12;

/** Returns how many bytes from the start contain the whole header; `prefix` is the first NPY_PREFIX_BYTES of the file, or all of it. */
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
    throw new FormatError(file, 8, `expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`);
  return 8 + lengthBytes + length;
}

/** Parses a header; `bytes` holds at least `npyHeaderBytes` of a file of `fileBytes`. */
export function parseNpyHeader(bytes: Uint8Array, fileBytes: number, file: string): NpyHeader {
  const dataOffset = npyHeaderBytes(bytes, file);
  if (bytes.length < dataOffset) throw new FormatError(file, bytes.length, 'the file ends within the header');
  const start = bytes[6] === 1 ? 10 : 12;
  const text = new TextDecoder(bytes[6] === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataOffset));
  const header = parseDictionary(text, file, start);

  const element = readElement(header.get('descr'), file, start);
  const fortranOrder = header.get('fortran_order');
  if (typeof fortranOrder !== 'boolean') throw new FormatError(file, start, 'fortran_order is neither True nor False');
  const shape = header.get('shape');
  if (!Array.isArray(shape) || !shape.every((size) => typeof size === 'number'))
    throw new FormatError(file, start, 'shape is not a tuple');

  let length = 1;
  for (const size of shape as number[]) {
    length *= size;
    // An empty dimension may hide one that overflows.
    if (!Number.isSafeInteger(length) || !Number.isSafeInteger(size))
      throw new FormatError(file, start, `shape (${shape.join(', ')}) is too large`);
  }
  const dataBytes = length * element.itemBytes;
  if (dataBytes !== fileBytes - dataOffset) {
    throw new FormatError(
      file,
      Math.min(fileBytes, dataOffset + dataBytes),
      `shape (${shape.join(', ')}) of ${element.type} takes ${dataBytes} bytes, but ${fileBytes - dataOffset} follow the header`,
    );
  }
  return { ...element, fortranOrder, shape: shape as number[], length, dataOffset };
}

/** The description of an element in a header. */
type NpyElement = Pick<NpyHeader, 'littleEndian' | 'type' | 'fields' | 'itemBytes'>;

function readElement(descr: PythonValue | undefined, file: string, offset: number): NpyElement {
  if (Array.isArray(descr)) return readRecord(descr, file, offset);
  const { type, littleEndian, bytes } = readDescr(descr);
  if (type !== undefined) return { type, littleEndian, fields: [], itemBytes: bytes as number };
  if (descr === '|O' || descr === 'O') throw new FormatError(file, offset, PICKLED, { advice: AS_NUMBERS });
  const supported = Object.keys(ELEMENT_BYTES).join(', ');
  const given = descr === undefined ? 'undefined' : typeof descr === 'string' ? JSON.stringify(descr.slice(0, 40)) : 'unknown';
  throw new FormatError(file, offset, `elements of type ${given}; supported are ${supported}`);
}

const PICKLED = 'the array holds Python objects (dtype object), which only Python can read';
const AS_NUMBERS = 'write its vectors as numbers: a = np.load(path, allow_pickle=True); np.save(path, np.stack(a))';

/** Parses a type in 'descr' such as '<f4'; `bytes` is undefined if the size is unknown. */
function readDescr(descr: PythonValue | undefined): {
  readonly type: NpyType | undefined;
  readonly littleEndian: boolean | undefined;
  readonly bytes: number | undefined;
} {
  const match = typeof descr === 'string' ? /^([<>|=]?)([a-zA-Z])(\d{0,6})(?:\[[\w/]{1,20}\])?$/.exec(descr) : null;
  if (!match) return { type: undefined, littleEndian: undefined, bytes: undefined };
  const [, order, kind, size] = match as unknown as [string, string, string, string];
  const name = `${kind}${size}`;
  // '=' is the byte order of the machine that wrote the file; NumPy's current platforms are little-endian.
  if (isNpyType(name)) {
    const bytes = ELEMENT_BYTES[name];
    return { type: name, littleEndian: bytes === 1 ? undefined : order !== '>', bytes };
  }
  // Text, bytes, times and complex numbers are not supported, but their size is needed for fields.
  const bytes = kind === 'U' ? 4 * Number(size) : /[SaVMmcfiub]/.test(kind) && size !== '' ? Number(size) : undefined;
  return { type: undefined, littleEndian: undefined, bytes };
}

function isNpyType(name: string): name is NpyType {
  return Object.hasOwn(ELEMENT_BYTES, name);
}

/** Parses fields in NumPy's notation, (name, type) or (name, type, shape), which are stored one after another. */
function readRecord(descr: readonly PythonValue[], file: string, offset: number): NpyElement {
  const fields: NpyField[] = [];
  let itemBytes = 0;
  for (const entry of descr) {
    const [title, given, sizes = []] = Array.isArray(entry) ? entry : [];
    // A field with a title: (title, name).
    const name = Array.isArray(title) ? title[1] : title;
    const shape = Array.isArray(sizes) ? sizes : [sizes];
    if (typeof name !== 'string' || !shape.every((size) => typeof size === 'number')) {
      throw new FormatError(file, offset, 'malformed header: expected fields as (name, type) or (name, type, shape)');
    }
    if (given === '|O' || given === 'O') throw new FormatError(file, offset, PICKLED, { advice: AS_NUMBERS });
    const { type, littleEndian, bytes } = Array.isArray(given)
      ? { type: undefined, littleEndian: undefined, bytes: readRecord(given, file, offset).itemBytes }
      : readDescr(given);
    if (bytes === undefined) {
      throw new FormatError(file, offset, `field ${JSON.stringify(name)}: elements of an unknown type`);
    }
    const described = typeof given === 'string' ? given : 'fields';
    fields.push({ name, type, descr: described, littleEndian, shape: shape as number[], offset: itemBytes });
    itemBytes += (shape as number[]).reduce((product, size) => product * size, bytes);
    if (!Number.isSafeInteger(itemBytes)) throw new FormatError(file, offset, 'the records have too many bytes');
  }
  return { type: 'record', littleEndian: undefined, fields: fields.filter(({ name }) => name !== ''), itemBytes };
}

/** Reads the header of a file and checks it against the file's size. Throws FormatError. */
export async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const { name, size } = source;
  const prefix = await source.read(0, Math.min(size, NPY_PREFIX_BYTES));
  return parseNpyHeader(await source.read(0, Math.min(size, npyHeaderBytes(prefix, name))), size, name);
}

/** Parses the dictionary of a header. */
function parseDictionary(text: string, file: string, offset: number): Map<string, PythonValue> {
  try {
    const header = parsePythonLiteral(text);
    if (header instanceof Map) return header;
  } catch (error) {
    if (!(error instanceof LiteralFault)) throw error;
    throw new FormatError(file, offset + error.at, `malformed header: ${error.message}`);
  }
  throw new FormatError(file, offset, 'malformed header: expected {');
}

/** Rows of numbers as stored in a file. They have the structure that calls accept as rows. */
export interface NpyRows {
  readonly data: NumericArray;
  readonly shape: [rows: number, cols: number];
  /** Distance in elements from one row, and from one column, to the next. Fortran order therefore needs no copy. */
  readonly stride: [number, number];
}

/** Creates a two-dimensional array from the bytes of its elements, which may be used in place or changed. */
export function rowsFromNpyData(header: NpyHeader, bytes: Uint8Array<ArrayBuffer>, file: string): NpyRows {
  if (header.type === 'record') {
    throw new FormatError(file, 0, 'the array has records', {
      advice: 'open it with openRows, whose option column names a field',
    });
  }
  const [rows, cols] = shapeOfRows(header, file);
  return {
    data: decodeElements(header, bytes, file),
    shape: [rows, cols],
    stride: header.fortranOrder ? [1, rows] : [cols, 1],
  };
}

/**
 * Returns the two dimensions of rows, without dimensions of 1 if the array has more than two. Throws FormatError with a position from the
 * beginning of the .npy.
 */
export function shapeOfRows({ shape }: Pick<NpyHeader, 'shape'>, file: string): readonly [rows: number, depth: number] {
  const [rows, depth, ...more] = squeezed(shape);
  if (rows !== undefined && depth !== undefined && more.length === 0) return [rows, depth];
  const given = `(${shape.slice(0, 8).join(', ')}${shape.length === 1 ? ',' : shape.length > 8 ? ', …' : ''})`;
  const remedy =
    shape.length < 2
      ? 'give it two dimensions: np.save(path, a.reshape(rows, -1))'
      : 'make one vector of each row: np.save(path, a.reshape(len(a), -1))';
  throw new FormatError(file, 0, `expected a two-dimensional array (rows, columns), got shape ${given}`, { advice: remedy });
}

/** Removes dimensions of 1 from a shape while it has more than two dimensions. */
export function squeezed(shape: readonly number[]): readonly number[] {
  let beyond = shape.length - 2;
  return beyond > 0 ? shape.filter((size) => size !== 1 || beyond-- <= 0) : shape;
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
  b1: 'uint8',
} as const satisfies Record<Exclude<NpyType, 'i8' | 'u8'>, ElementType>;

/** Returns the element type of numbers; 64-bit integers are converted to float64. */
export function elementTypeOf(type: NpyType): ElementType {
  return isWide(type) ? 'float64' : ELEMENT_TYPES[type];
}

/** True for 64-bit integers, which must be converted. */
export function isWide(type: NpyType): type is 'i8' | 'u8' {
  return type === 'i8' || type === 'u8';
}

/** Returns the elements after a header. Throws FormatError if a 64-bit integer has no exact float64. */
export function decodeElements(header: NpyHeader, bytes: Uint8Array<ArrayBuffer>, file: string): NumericArray {
  const type = header.type as NpyType;
  const littleEndian = header.littleEndian !== false;
  if (isWide(type)) return wideElements(bytes, type, littleEndian, header.length, file, header.dataOffset);
  const element = elementTypeOf(type);
  const aligned = bytes.byteOffset % bytesOfElement(element) === 0 ? bytes : bytes.slice();
  return elementsOf(aligned, element, littleEndian, header.length);
}

/** Converts 64-bit integers, located at byte `offset` of the file. Throws FormatError if one has no exact float64. */
export function wideElements(
  bytes: Uint8Array,
  type: 'i8' | 'u8',
  littleEndian: boolean,
  count: number,
  file: string,
  offset: number,
): Float64Array<ArrayBuffer> {
  const read = readWideIntegers(bytes, type === 'i8', littleEndian, count);
  if ('values' in read) return read.values;
  throw new FormatError(file, offset + 8 * read.inexact, inexactMessage(read.value));
}

/** Returns the vector in a .npy file in memory: an array with one dimension, not counting dimensions of 1. Throws FormatError. */
export function npyVector(
  bytes: Uint8Array,
  file: string,
): { readonly length: number; readonly wide: boolean; values(): NumericArray } {
  const header = parseNpyHeader(bytes, bytes.length, file);
  const { type, shape, length } = header;
  if (type === 'record' || shape.length === 0 || shape.some((size) => size !== 1 && size !== length)) {
    throw new FormatError(file, 0, `expected one vector, got ${type} of shape (${shape.join(', ')})`);
  }
  const wide = ['f8', 'i4', 'u4', 'i8', 'u8'].includes(type);
  return { length, wide, values: () => decodeElements(header, new Uint8Array(bytes.subarray(header.dataOffset)), file) };
}

/**
 * Decodes the rows in the bytes of a .npy file: a two-dimensional array of a type that `readNpy` supports. The bytes are copied.
 *
 * @param bytes the contents of the file
 * @param file the name of the file in errors, 'input' by default
 * @returns the array, of shape (rows, columns)
 * @throws {FormatError} if the bytes are not a valid .npy file of numbers in two dimensions
 */
export function decodeNpy(bytes: Uint8Array, file = 'input'): NpyRows {
  const header = parseNpyHeader(bytes, bytes.length, file);
  // Copied, so the caller's bytes stay unchanged.
  return rowsFromNpyData(header, new Uint8Array(bytes.subarray(header.dataOffset)), file);
}

/** Returns the header of a C-ordered array, version 1, padded so that the elements begin at a multiple of 64 bytes. */
export function encodeNpyHeader(dtype: 'float32' | 'float64', shape: readonly number[]): Uint8Array<ArrayBuffer> {
  return encodeHeader(`'${BYTE_ORDER}${dtype === 'float32' ? 'f4' : 'f8'}'`, shape);
}

/** The type of one field of a record, or of the elements of a plain array. */
export type NpyFieldType = 'u4' | 'i4' | 'u8' | 'i8' | 'f4' | 'f8' | `U${number}` | `S${number}`;

/** Returns the size of one element. Texts (U) have four bytes per character. */
export function bytesOfNpyField(type: NpyFieldType): number {
  return Number(type.slice(1)) * (type.startsWith('U') ? 4 : 1);
}

/** Like `encodeNpyHeader`, for elements of any type, or for records with named fields (structured arrays in NumPy). */
export function encodeNpyHeaderOf(
  type: NpyFieldType | readonly (readonly [name: string, type: NpyFieldType])[],
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  const ordered = (field: NpyFieldType) => `'${field.startsWith('S') ? '|' : BYTE_ORDER}${field}'`;
  if (typeof type === 'string') return encodeHeader(ordered(type), shape);
  return encodeHeader(`[${type.map(([name, field]) => `('${name}', ${ordered(field)})`).join(', ')}]`, shape);
}

const BYTE_ORDER = MACHINE_IS_LITTLE_ENDIAN ? '<' : '>';

/** Space for any shape, so that a header can be replaced once the shape is known. */
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
