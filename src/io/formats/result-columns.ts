// Recognises the columns of a query result by a sample of its rows, and converts their cells to vectors.

import { mayBeFloats } from '../columns/bytes-element.js';
import type { Column } from '../columns/column.js';
import type { BytesElement } from '../columns/declared-elements.js';
import {
  areDamagedVectors,
  bytesOfTexts,
  isNullText,
  LISTS_WITH_COMMAS,
  parseNumber,
  parseVectorText,
  sampleVectors,
} from '../columns/vector-text.js';
import { putBytes, sampleBytes } from './bytes-vectors.js';
import { nameValue } from './query-rows.js';

/** A column as the engine describes it. */
export interface ResultColumn {
  readonly name: string;
  /** True if it is declared to hold floating-point numbers or decimals, whatever its values are. */
  readonly floating: boolean;
}

type Target = Float32Array | Float64Array;

/** A column of a result, or a field of one, with its cells, in the form that choosing the rows needs. */
export interface CellColumn {
  readonly column: Column;
  /** True if its vectors need float64. */
  readonly wide: boolean;
  get(row: readonly unknown[]): unknown;
  /** Writes a cell that is not null to its row. Returns an error message if this fails. */
  put(cell: unknown, target: Target): string | undefined;
}

/** Limit for nested fields; deeper ones are not columns. */
const MAX_NESTING = 4;
/** Limit for the columns that fields are divided into. */
const MAX_COLUMNS = 10_000;

/** Describes the columns of `rows`, a sample of a result; fields of structs are columns of their own. */
export function describeResult(
  columns: readonly ResultColumn[],
  rows: readonly (readonly unknown[])[],
  element: BytesElement | undefined,
): CellColumn[] {
  const found: CellColumn[] = [];
  const describe = (name: string, get: CellColumn['get'], floating: boolean, nesting: number): void => {
    const cells = rows.map(get).filter((cell) => !isNull(cell));
    if (nesting < MAX_NESTING && cells.length > 0 && cells.every(isStruct)) {
      for (const field of Object.keys(cells[0] as object)) {
        if (found.length < MAX_COLUMNS) describe(`${name}.${field}`, (row) => fieldOf(get(row), field), false, nesting + 1);
      }
    } else {
      const { kind, type, put = putNumber, wide = false, ...more } = describeCells(cells, floating, element);
      found.push({ column: { name, kind, type, ...more }, wide, get, put });
    }
  };
  for (const [i, { name, floating }] of columns.entries()) describe(name, (row) => row[i], floating, 0);
  return found;
}

type Described = Pick<Column, 'kind' | 'type' | 'length' | 'remedy' | 'mostly' | 'undeclared'> &
  Partial<Pick<CellColumn, 'put' | 'wide'>>;

export function isNull(cell: unknown): boolean {
  return cell === null || cell === undefined || (typeof cell === 'string' && isNullText(cell));
}

function isStruct(cell: unknown): boolean {
  return typeof cell === 'object' && cell !== null && Object.getPrototypeOf(cell) === Object.prototype;
}

function fieldOf(cell: unknown, field: string): unknown {
  return isStruct(cell) && Object.hasOwn(cell as object, field) ? (cell as Record<string, unknown>)[field] : undefined;
}

/** Describes cells that are not null. */
function describeCells(cells: readonly unknown[], floating: boolean, element: BytesElement | undefined): Described {
  if (cells.length === 0) return { kind: 'null', type: 'nothing but NULL' };
  if (cells.every(isNumber)) {
    const whole = !floating && cells.every((cell) => typeof cell === 'bigint' || Number.isInteger(cell));
    return whole ? { kind: 'integer', type: 'whole numbers' } : { kind: 'float', type: 'numbers' };
  }
  if (cells.every((cell) => typeof cell === 'string')) return describeTexts(cells, element);
  if (cells.every((cell) => cell instanceof Uint8Array)) return describeBytes(cells, 'bytes', element);
  if (cells.every(Array.isArray)) return describeLists(cells);
  const types = [...new Set(cells.map((cell) => nameType(cell)))];
  return { kind: 'other', type: types.join(' and ') };
}

function isNumber(cell: unknown): cell is number | bigint {
  return typeof cell === 'number' || typeof cell === 'bigint';
}

function nameType(cell: unknown): string {
  if (cell instanceof Uint8Array) return 'bytes';
  if (Array.isArray(cell)) return 'lists';
  if (cell instanceof Date) return 'dates';
  return (
    { number: 'numbers', bigint: 'whole numbers', string: 'text', boolean: 'booleans' }[typeof cell as string] ?? 'objects'
  );
}

function describeTexts(cells: readonly string[], element: BytesElement | undefined): Described {
  const numbers = cells.map(parseNumber);
  if (numbers.every((number) => number !== undefined)) {
    return numbers.every(Number.isInteger) && !cells.some((cell) => cell.includes('.'))
      ? { kind: 'integer', type: 'whole numbers as text' }
      : { kind: 'float', type: 'numbers as text' };
  }
  const sampled = sampleVectors(cells);
  if (sampled.kind === 'vectors') {
    return { kind: 'vector', type: 'vectors as text', length: sampled.length, put: putText };
  }
  const damaged = sampled.kind !== 'bytes' && areDamagedVectors(cells) ? ({ mostly: 'vector' } as const) : {};
  if (sampled.kind === 'cut') {
    return {
      kind: 'other',
      type: 'text',
      ...damaged,
      remedy: "its vectors were cut ('...') when they were printed; write them in full",
    };
  }
  if (sampled.kind === 'commas') return { kind: 'other', ...LISTS_WITH_COMMAS, mostly: 'vector' };
  if (sampled.kind === 'bytes') {
    return describeBytes(bytesOfTexts(cells), 'bytes as text', element);
  }
  const { reason } = sampled;
  return { kind: 'other', type: reason === undefined ? 'text' : `text with ${reason}`, ...damaged };
}

function describeBytes(cells: readonly Uint8Array[], type: string, element: BytesElement | undefined): Described {
  const sampled = sampleBytes(cells, element);
  if ('remedy' in sampled) {
    return { kind: 'other', type, remedy: sampled.remedy, ...(mayBeFloats(cells) && { undeclared: true }) };
  }
  const name = sampled.type === 'npy' ? '.npy' : sampled.type;
  return {
    kind: 'vector',
    type: `${type} (${name})`,
    length: sampled.length,
    wide: sampled.wide,
    put: (cell, target) => {
      const bytes = typeof cell === 'string' ? parseVectorText(cell) : undefined;
      if (bytes?.kind === 'bytes') return putBytes(bytes.bytes, sampled.type, target);
      return cell instanceof Uint8Array ? putBytes(cell, sampled.type, target) : `expected ${type}, got ${nameValue(cell)}`;
    },
  };
}

/** Describes lists of numbers, or lists that contain only such a list. The reader refuses those whose length differs from the first. */
function describeLists(cells: readonly unknown[][]): Described {
  const inner = cells.map(withoutOuterList);
  const sample = inner.flatMap((list) => list.slice(0, SAMPLED_ELEMENTS));
  const length = inner.find((list) => list.length > 0)?.length;
  if (length === undefined) return { kind: 'other', type: 'empty lists' };
  const numbers = sample.filter((each) => each !== null);
  if (numbers.length > 0 && numbers.every(isNumber)) {
    return { kind: 'vector', type: 'lists of numbers', length, put: putList };
  }
  const entry = sample.find((each) => each !== null);
  if (isStruct(entry)) {
    const remedy = 'a map has no order of its own; select its values in order as a list';
    return { kind: 'other', type: 'lists of objects, or a map', remedy };
  }
  return { kind: 'other', type: entry === undefined ? 'lists of NULL' : `lists of ${nameType(entry)}` };
}

/** Number of elements of a list that are sampled. */
const SAMPLED_ELEMENTS = 64;

function withoutOuterList(list: unknown[]): unknown[] {
  return list.length === 1 && Array.isArray(list[0]) ? list[0] : list;
}

function putList(cell: unknown, target: Target): string | undefined {
  return Array.isArray(cell) ? putNumbers(withoutOuterList(cell), target) : `expected a list, got ${nameValue(cell)}`;
}

function putText(cell: unknown, target: Target): string | undefined {
  const parsed = typeof cell === 'string' ? parseVectorText(cell) : undefined;
  return parsed?.kind === 'vector' ? putNumbers(parsed.values, target) : `expected a vector, got ${nameValue(cell)}`;
}

function putNumbers(values: ArrayLike<unknown>, target: Target): string | undefined {
  if (values.length !== target.length) return `expected ${target.length} numbers, got ${values.length}`;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!isNumber(value)) return `expected a number as element ${i + 1}, got ${nameValue(value)}`;
    target[i] = Number(value);
  }
  return undefined;
}

/** Writes a cell that is one element of a row. */
function putNumber(cell: unknown, target: Target): string | undefined {
  const value = typeof cell === 'string' ? parseNumber(cell) : isNumber(cell) ? Number(cell) : undefined;
  if (value === undefined) return `expected a number, got ${nameValue(cell)}`;
  target[0] = value;
  return undefined;
}
