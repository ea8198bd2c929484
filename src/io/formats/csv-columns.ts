// Recognises the columns of a text table by the cells of a sample of rows.

import { mention, say } from '../../message.js';
import { bytesOfElement } from '../../rows/element-type.js';
import { mayBeFloats } from '../columns/bytes-element.js';
import type { Column } from '../columns/column.js';
import { BYTES_ELEMENTS, type BytesElement } from '../columns/declared-elements.js';
import {
  areMostlyLists,
  bytesOfTexts,
  DECIMAL,
  isNullText,
  LISTS_WITH_COMMAS,
  MANY_COMMAS,
  MAX_NUMBER,
  type Point,
  parseNumber,
  parseVectorText,
  sampleVectors,
  usualVector,
} from '../columns/vector-text.js';
import { nameValue } from './query-rows.js';

/** A column of text cells. */
export interface TextColumn extends Column {
  /** For vectors in base64 or hexadecimal: the element type of their bytes. */
  readonly element?: BytesElement;
  /** For vectors: true if the numbers have no brackets around them. */
  readonly bare: boolean;
  /** For vectors: true if the numbers are separated only by blanks. */
  readonly byBlanks: boolean;
  /** For 'other': true if most cells are fractions nevertheless. */
  readonly mostlyFractions: boolean;
  /** For 'other': true if most cells contain a number with a decimal point among other text. */
  readonly holdsFractions?: boolean;
  /** For 'integer': true if the column can only be an id, because it counts from 0 or 1, or is the first column and no number repeats. */
  readonly counts?: boolean;
}

/** Limit for cells that are read as text; lists of numbers may be longer. */
export const MAX_TEXT_CELL: number = 4 * 2 ** 20;

/** Describes the column `name` by its cells; `element` is the caller's declaration for bytes. */
export function describeTextColumn(
  name: string,
  cells: readonly string[],
  point: Point,
  element: BytesElement | undefined,
): TextColumn {
  const plain = { name, bare: false, byBlanks: false, mostlyFractions: false };
  const values = cells.filter((cell) => !isNullText(cell));
  const example = values[0];
  if (example === undefined) {
    // A column that contains only NaN is numeric.
    const numbers = cells.some((cell) => parseNumber(cell) !== undefined);
    return numbers ? { ...plain, kind: 'float', type: 'NaN', onlyNaN: true } : { ...plain, kind: 'null', type: 'empty' };
  }
  const odd = values.find((cell) => numberOfCell(cell, point) === undefined && !isLongNumber(cell, point));
  if (odd === undefined) {
    return values.every((cell) => INTEGER.test(cell))
      ? { ...plain, kind: 'integer', type: 'integer', counts: isId(values.map((cell) => cell.trim())) }
      : { ...plain, kind: 'float', type: 'float' };
  }
  if (values.some((cell) => cell.length > MAX_TEXT_CELL && !/^\s*\[/.test(cell)))
    return { ...plain, kind: 'other', type: 'text' };
  const found = sampleVectors(cells, point);
  if (found.kind === 'commas') return { ...plain, kind: 'other', ...LISTS_WITH_COMMAS, mostly: 'vector' };
  if (found.kind === 'vectors') {
    const bare = isBare(example);
    return { ...plain, kind: 'vector', type: 'text', length: found.length, bare, byBlanks: !example.includes(',') };
  }
  if (found.kind === 'bytes')
    return describeBytes(plain, found.bytes, element ?? (found.float32 ? 'float32' : undefined), values);
  const usual = found.kind === 'cut' || found.reason !== MANY_COMMAS ? usualVector(values) : undefined;
  if (usual !== undefined) {
    const bare = isBare(usual.example);
    const byBlanks = !usual.example.includes(',');
    return { ...plain, kind: 'vector', type: 'text', length: usual.length, bare, byBlanks };
  }
  if (found.kind === 'cut') {
    return {
      ...plain,
      kind: 'other',
      ...(areMostlyLists(values) && { mostly: 'vector' as const }),
      type: "arrays that were cut ('...') when they were printed",
      remedy: 'write whole arrays, for example with json.dumps(vector.tolist())',
    };
  }
  const mixed = values.some((cell) => numberOfCell(cell, point) !== undefined);
  const type = found.reason ?? (mixed ? `numbers and text such as ${nameValue(odd)}` : 'text');
  const fractions = values.filter((cell) => !INTEGER.test(cell) && numberOfCell(cell, point) !== undefined).length;
  const mostlyFractions = fractions * 2 >= values.length;
  const commas = values.filter((cell) => COMMA_NUMBER.test(cell)).length * 2 >= values.length;
  const holdsFractions = values.filter((cell) => FRACTION.test(cell)).length * 2 >= values.length;
  return {
    ...plain,
    kind: 'other',
    type,
    mostlyFractions,
    holdsFractions,
    ...(mostlyFractions || commas ? { mostly: 'float' as const } : areMostlyLists(values) && { mostly: 'vector' as const }),
  };
}

/** A number with a decimal point, even inside text. */
const FRACTION = /\d\.\d|(?:^|[^\w.])\.\d/;

/** Fewer integers than this may be consecutive by chance. */
export const MIN_IDS = 3;

function isId(texts: readonly string[]): boolean {
  return texts.length >= MIN_IDS && isCounting(texts);
}

/** True for 0, 1, 2, ... and for 1, 2, 3, ... */
export function isCounting(texts: readonly string[]): boolean {
  const start = Number(texts[0]);
  return (start === 0 || start === 1) && texts.every((text, at) => text === String(start + at));
}

function describeBytes(
  plain: Pick<TextColumn, 'name' | 'bare' | 'byBlanks' | 'mostlyFractions'>,
  bytes: number,
  element: BytesElement | undefined,
  cells: readonly string[],
): TextColumn {
  const type = `text that encodes ${bytes} bytes`;
  if (element !== undefined && bytes % bytesOfElement(element) === 0) {
    return { ...plain, kind: 'vector', type: `${element} as text`, length: bytes / bytesOfElement(element), element };
  }
  const [first, ...others] = BYTES_ELEMENTS;
  return {
    ...plain,
    kind: 'other',
    type,
    ...(mayBeFloats(bytesOfTexts(cells)) && { undeclared: true }),
    remedy: say`declare the element type with ${mention.option('element', first)} (or ${others.join(', ')}) if it holds vectors`,
  };
}

/** An integer. */
export const INTEGER: RegExp = /^\s*[+-]?\d+\s*$/;
const COMMA_DECIMAL = /^\s*[+-]?(?:\d+(?:,\d*)?|,\d+)(?:e[+-]?\d+)?\s*$/i;

/** Returns the number in a cell, or undefined. In a table with decimal commas, a point separates thousands or is a mistake. */
export function numberOfCell(cell: string, point: Point): number | undefined {
  if (point === '.') return parseNumber(cell);
  if (cell.length <= MAX_NUMBER && COMMA_DECIMAL.test(cell)) return Number(cell.replace(',', '.'));
  return cell.includes('.') ? undefined : parseNumber(cell);
}

/** True for a number that is too long to be parsed, which is refused where it is read. */
export function isLongNumber(cell: string, point: Point): boolean {
  return cell.length > MAX_NUMBER && (point === '.' ? DECIMAL.test(cell.trim()) : COMMA_DECIMAL.test(cell));
}

function isBare(cell: string): boolean {
  const found = parseVectorText(cell);
  return found.kind === 'vector' && found.bare;
}

/** A number with a comma, which is a decimal comma in some locales and separates thousands in others. */
const COMMA_NUMBER = /^\s*[+-]?\d*,\d+(?:e[+-]?\d+)?\s*$/i;
const POINT_NUMBER = /^\s*[+-]?\d*\.\d+(?:e[+-]?\d+)?\s*$/i;
const MAYBE_THOUSANDS = /^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$/;

/** Finds whether numbers have decimal commas: at least one comma cannot separate thousands, and no number has a point. */
export function findPoint(rows: readonly (readonly string[])[]): Point {
  let certain = false;
  for (const row of rows) {
    for (const cell of row) {
      if (POINT_NUMBER.test(cell)) return '.';
      certain ||= COMMA_NUMBER.test(cell) && !MAYBE_THOUSANDS.test(cell);
    }
  }
  return certain ? ',' : '.';
}
