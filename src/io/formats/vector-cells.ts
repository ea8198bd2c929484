// Rows whose vectors are cells of bytes or text: recognises them by a sample and converts each to a row.

import { mention, say } from '../../message.js';
import { bytesOfElement, type ElementType, elementsOf } from '../../rows/element-type.js';
import { areFloat32, mayBeFloats } from '../columns/bytes-element.js';
import type { Column } from '../columns/column.js';
import type { BytesElement } from '../columns/declared-elements.js';
import { isTinyRow, TINY_ROW } from '../columns/tiny-rows.js';
import {
  areDamagedVectors,
  bytesOfTexts,
  isNullText,
  LISTS_WITH_COMMAS,
  parseVectorText,
  sampleVectors,
} from '../columns/vector-text.js';
import { elementTypeOf, isWide, parseNpyHeader } from '../rows/npy.js';

/** How the cells of a column become rows. */
export interface VectorCells {
  readonly depth: number;
  readonly type: ElementType;
  /**
   * Returns the elements of a row as they are stored in memory, or undefined for text that stands for a missing value. Throws a plain Error
   * for any other cell.
   */
  decode(cell: Uint8Array): Uint8Array | undefined;
}

/** The result of sampling: a description of the column, and how to read it if its cells are vectors. */
export interface SampledCells {
  readonly column: Column;
  readonly cells?: VectorCells;
}

/** Samples the cells of a column of bytes; `element` is the caller's declaration. */
export function sampleBytes(
  name: string,
  type: string,
  cells: readonly Uint8Array[],
  element: BytesElement | undefined,
): SampledCells {
  const first = cells.find(({ length }) => length > 0);
  if (first && isNpy(first)) return sampleNpy(name, first);
  const lengths = new Set(cells.map(({ length }) => length).filter((length) => length > 0));
  const [length] = lengths;
  if (length === undefined) return { column: { name, kind: 'other', type } };
  if (lengths.size > 1) return { column: { name, kind: 'other', type: `${type} of different lengths` } };
  const declared = element ?? (areFloat32(cells.filter((cell) => cell.length > 0)) ? 'float32' : undefined);
  return bytesOf(name, `${type} of ${length} bytes`, length, declared, cells);
}

function bytesOf(
  name: string,
  type: string,
  length: number,
  element: BytesElement | undefined,
  sample: readonly Uint8Array[],
): SampledCells {
  if (element === undefined) {
    const remedy = say`declare the type of its elements, as in ${mention.option('element', 'float32')}`;
    return { column: { name, kind: 'other', type, remedy, ...(mayBeFloats(sample) && { undeclared: true }) } };
  }
  const size = bytesOfElement(element);
  if (length % size !== 0) {
    return { column: { name, kind: 'other', type: `${type}, which is not a multiple of the ${size} of a ${element}` } };
  }
  const depth = length / size;
  const cells = { depth, type: element, decode: (cell: Uint8Array) => checkedBytes(cell, length) };
  return { column: { name, kind: 'vector', type, length: depth }, cells };
}

function checkedBytes(cell: Uint8Array, length: number): Uint8Array | undefined {
  if (cell.length === 0) return undefined;
  if (cell.length !== length) throw new Error(`has ${cell.length} bytes where others have ${length}`);
  return cell;
}

const NPY_MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function isNpy(cell: Uint8Array): boolean {
  return NPY_MAGIC.every((byte, i) => cell[i] === byte);
}

/** Each cell is a .npy file with one row. */
function sampleNpy(name: string, first: Uint8Array): SampledCells {
  const { length: depth, type } = readNpy(first);
  const decode = (cell: Uint8Array): Uint8Array | undefined => {
    if (cell.length === 0) return undefined;
    const row = readNpy(cell);
    if (row.type === type && row.length === depth) return row.bytes;
    throw new Error(`holds ${row.length} numbers of ${row.type} where the first holds ${depth} of ${type}`);
  };
  return { column: { name, kind: 'vector', type: `.npy of ${type}`, length: depth }, cells: { depth, type, decode } };
}

function readNpy(cell: Uint8Array): { readonly length: number; readonly type: ElementType; readonly bytes: Uint8Array } {
  const header = parseNpyHeader(cell, cell.length, '.npy in a cell');
  if (header.shape.filter((size) => size !== 1).length > 1) {
    throw new Error(`holds an array of shape (${header.shape.join(', ')}), expected one row`);
  }
  if (header.type === 'record' || isWide(header.type)) {
    throw new Error('holds a .npy of 64-bit integers or records; store float32');
  }
  const type = elementTypeOf(header.type);
  const bytes = new Uint8Array(cell.subarray(header.dataOffset));
  // Swaps the byte order in place if necessary; widening is done elsewhere.
  const stored = type === 'float16' ? 'uint16' : type;
  elementsOf(bytes, stored, header.littleEndian !== false, header.length);
  return { length: header.length, type, bytes };
}

/** Samples the cells of a column of text. */
export function sampleTexts(
  name: string,
  type: string,
  texts: readonly string[],
  element: BytesElement | undefined,
): SampledCells {
  const found = sampleVectors(texts);
  if (found.kind === 'vectors') {
    const cells = {
      depth: found.length,
      type: 'float32' as const,
      decode: (cell: Uint8Array) => decodeText(cell, found.length),
    };
    return { column: { name, kind: 'vector', type, length: found.length }, cells };
  }
  if (found.kind === 'bytes') {
    const { column, cells } = bytesOf(
      name,
      `${type} of encoded bytes`,
      found.bytes,
      element ?? (found.float32 ? 'float32' : undefined),
      bytesOfTexts(texts),
    );
    if (!cells) return { column };
    return { column, cells: { ...cells, decode: (cell) => decodeBytesText(cell, found.bytes) } };
  }
  if (found.kind === 'commas') return { column: { name, kind: 'other', ...LISTS_WITH_COMMAS, mostly: 'vector' } };
  const reason =
    found.kind === 'cut' ? `${type} with vectors cut short by "..."` : found.reason ? `${type} with ${found.reason}` : type;
  return { column: { name, kind: 'other', type: reason, ...(areDamagedVectors(texts) && { mostly: 'vector' as const }) } };
}

const decoder = new TextDecoder();

function decodeText(cell: Uint8Array, depth: number): Uint8Array | undefined {
  const text = decoder.decode(cell);
  if (isNullText(text)) return undefined;
  const found = parseVectorText(text);
  if (found.kind !== 'vector') throw new Error(`holds ${quoted(text)}, which is not a vector`);
  if (found.values.length !== depth) throw new Error(`holds ${found.values.length} numbers where others hold ${depth}`);
  if (isTinyRow(found.values)) throw new Error(TINY_ROW);
  return new Uint8Array(Float32Array.from(found.values).buffer);
}

function decodeBytesText(cell: Uint8Array, length: number): Uint8Array | undefined {
  const text = decoder.decode(cell);
  if (isNullText(text)) return undefined;
  const found = parseVectorText(text);
  if (found.kind !== 'bytes') throw new Error(`holds ${quoted(text)}, which is not encoded bytes`);
  return checkedBytes(found.bytes, length);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
