// Vectors written as text in the notations of common tools: JSON, Python, NumPy, PyTorch, PostgreSQL, base64, numbers separated by blanks.

import { bytesOfBase64 } from './base64.js';
import { areFloat32, mayBeFloats } from './bytes-element.js';
import { parseFlatJson } from './json-nesting.js';

/** What a text cell contains. */
export type VectorText =
  | { readonly kind: 'vector'; readonly values: ArrayLike<number>; readonly bare: boolean }
  /** Base64 or hexadecimal: the elements of the vector, in a type that the text does not state. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'null' }
  /** A printed array with '...' in the middle, whose numbers were lost when it was written. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'none' };

const NONE: VectorText = { kind: 'none' };
const NULL: VectorText = { kind: 'null' };

/** Text that stands for a missing value. */
const NULL_TEXT = /^\s*(null|none|na|n\/a|nan|<na>|\\n|undefined)?\s*$/i;

/** True if a text cell stands for a missing value: empty, NULL, None, NA, NaN and similar. */
export function isNullText(text: string): boolean {
  return text.length < 16 && NULL_TEXT.test(text);
}

/** Limit for the length of a sparse vector that is written out. */
const MAX_DENSE = 2 ** 16;

/** Parses the vector in `text`. Numbers that JavaScript cannot hold exactly are rounded to the nearest float64. */
export function parseVectorText(text: string): VectorText {
  if (isNullText(text)) return NULL;
  if (text.includes('\\x')) return bytesVector(hexBytes(text.trim()) ?? escapedBytes(text));
  const inner = unwrap(text.trim());
  if (inner === undefined) return parseSpecial(text.trim());
  if (/\.{3}|…/.test(inner.text)) return { kind: 'cut' };
  if (inner.text.trim() === '') return NONE;
  const values = parseNumbers(inner.text);
  if (!values) return parseSpecial(text.trim());
  if (!inner.wrapped && values.length < 2) return NONE;
  return { kind: 'vector', values, bare: !inner.wrapped };
}

/** Removes what surrounds the numbers: brackets of any kind, and the names of calls before them. */
function unwrap(text: string): { readonly text: string; readonly wrapped: boolean } | undefined {
  let rest = text;
  let wrapped = false;
  for (let level = 0; level < MAX_NESTING; level++) {
    const call =
      /^(?:(?:np|numpy|torch|jnp|tf)\.)?(?:array|tensor|Tensor|asarray|Vector|vector|list|tuple|SparseVector|DenseVector)\s*\(/.exec(
        rest,
      );
    if (call) {
      if (!rest.endsWith(')')) return undefined;
      rest = withoutKeywords(rest.slice(call[0].length, -1)).trim();
      wrapped = true;
      continue;
    }
    const closing = CLOSING[rest[0] as string];
    if (closing === undefined) return { text: rest, wrapped };
    if (!rest.endsWith(closing)) return undefined;
    // {"values": [...]} and {1:0.5}/5 are handled elsewhere.
    if (rest[0] === '{' && rest.includes(':')) return undefined;
    rest = rest.slice(1, -1).trim();
    // A tuple with one element ends in a comma.
    rest = rest.replace(/,$/, '').trim();
    wrapped = true;
  }
  return undefined;
}

/** Limit for nested brackets and calls around a vector. */
const MAX_NESTING = 16;

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' };

const KEYWORD = /,\s*(?:dtype|device|requires_grad|grad_fn|shape)\s*=/;

/** Removes what follows the numbers: array([1., 2.], dtype=float32). */
function withoutKeywords(text: string): string {
  const at = text.search(KEYWORD);
  return at < 0 ? text : text.slice(0, at);
}

const SEPARATORS = [',', ';', '|'] as const;

/** Longer texts are parsed a number at a time, because all numbers as texts would take many times the memory. */
const MAX_SPLIT = 2 ** 16;

/** Parses numbers separated by commas, semicolons, bars or blanks; returns undefined if there is anything else among them. */
function parseNumbers(text: string): Float64Array | undefined {
  const separator = SEPARATORS.find((each) => text.includes(each));
  if (text.length > MAX_SPLIT) return parseLong(text, separator ?? /\s+/g);
  const parts = separator === undefined ? text.trim().split(/\s+/) : text.split(separator);
  const values = new Float64Array(parts.length);
  for (let i = 0; i < parts.length; i++) {
    const value = parseNumber(parts[i] as string);
    if (value === undefined) return undefined;
    values[i] = value;
  }
  return values;
}

function parseLong(text: string, separator: string | RegExp): Float64Array | undefined {
  const trimmed = text.trim();
  let values = new Float64Array(2 ** 13);
  let count = 0;
  for (const [from, to] of between(trimmed, separator)) {
    const value = parseNumber(trimmed.slice(from, to));
    if (value === undefined) return undefined;
    if (count === values.length) {
      const larger = new Float64Array(2 * count);
      larger.set(values);
      values = larger;
    }
    values[count++] = value;
  }
  return values.slice(0, count);
}

/** Yields the ranges of `text` between separators. */
function* between(text: string, separator: string | RegExp): Generator<[from: number, to: number], void, undefined> {
  let from = 0;
  if (typeof separator === 'string') {
    for (let to = text.indexOf(separator); to >= 0; to = text.indexOf(separator, from)) {
      yield [from, to];
      from = to + 1;
    }
  } else {
    for (const { index, 0: found } of text.matchAll(separator)) {
      yield [from, index];
      from = index + found.length;
    }
  }
  yield [from, text.length];
}

const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** A plain decimal number, as in most languages. Each digit can match in only one place, so matching takes linear time. */
export const DECIMAL: RegExp = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Matches np.float32(0.5), Decimal('0.5') and "0.5". */
const WRAPPED_NUMBER = /^(?:(?:np|numpy)\.)?(?:float\d+|int\d+|Decimal|float)\(\s*(.*?)\s*\)$|^(["'])(.*)\2$/;

/** Limit for the length of a number, because the cost of parsing grows with its square. */
export const MAX_NUMBER = 1000;

/** Limit for the length of a wrapped number. */
const MAX_WRAPPED = 100;

/**
 * Returns the number in `text`, which may be surrounded by blanks; undefined if it is not a number, or is in a notation such as
 * hexadecimal.
 */
export function parseNumber(text: string): number | undefined {
  return parseWrapped(text, 2);
}

/** Decimal('0.5') has two wrappers; no number has more. */
function parseWrapped(text: string, wrappers: number): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_NUMBER) return undefined;
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  if (trimmed.length > MAX_WRAPPED) return undefined;
  const word = WORDS[trimmed.toLowerCase()];
  if (word !== undefined) return word;
  const wrapped = wrappers > 0 ? WRAPPED_NUMBER.exec(trimmed) : null;
  return wrapped ? parseWrapped(wrapped[1] ?? (wrapped[3] as string), wrappers - 1) : undefined;
}

/** Parses objects, sparse vectors and bytes. */
function parseSpecial(text: string): VectorText {
  const sparse = /^\{(.*)\}\s*\/\s*(\d{1,9})$/s.exec(text);
  if (sparse) return sparseVector(sparse[1] as string, Number(sparse[2]));
  if (!/^[[{]/.test(text)) return base64Vector(text);
  if (!']}'.includes(text.trimEnd().at(-1) as string)) return NONE;
  try {
    const values = vectorOfJson(parseFlatJson(text));
    return values === undefined ? NONE : { kind: 'vector', values, bare: false };
  } catch {
    return NONE;
  }
}

/** pgvector's sparsevec: {1:0.5,3:0.25}/5, with indices from 1. */
function sparseVector(text: string, length: number): VectorText {
  if (length < 1 || length > MAX_DENSE) return NONE;
  const values = new Float64Array(length);
  for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
    const [index, value] = entry.split(':').map((part) => parseNumber(part));
    if (index === undefined || value === undefined || !Number.isInteger(index) || index < 1 || index > length) return NONE;
    values[index - 1] = value;
  }
  return { kind: 'vector', values, bare: false };
}

/** Returns the vector that a JSON value is or that is the only content of an object, including JSON.stringify's form of a typed array. */
export function vectorOfJson(value: unknown): ArrayLike<number> | undefined {
  if (Array.isArray(value)) {
    if (value.length === 1 && Array.isArray(value[0])) return vectorOfJson(value[0]);
    return value.length > 0 ? numbersOf(value) : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([key], at) => key === String(at))) return numbersOf(entries.map(([, each]) => each));
  const arrays = entries.map(([, each]) => vectorOfJson(each)).filter((each) => each !== undefined);
  return arrays.length === 1 ? arrays[0] : undefined;
}

function numbersOf(value: readonly unknown[]): ArrayLike<number> | undefined {
  if (value.every((each) => typeof each === 'number')) return value as readonly number[];
  // Text among numbers is an id or a label, except words for numbers that JSON cannot represent.
  const texts = value.every((each) => typeof each === 'string');
  const numbers = value.map((each) => {
    if (typeof each === 'number') return each;
    return typeof each === 'string' && (texts || /^-?(NaN|Infinity)$/.test(each)) ? parseNumber(each) : undefined;
  });
  return numbers.every((each) => each !== undefined) ? (numbers as number[]) : undefined;
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Length of four numbers; shorter texts are words. */
const MIN_BASE64 = 16;

/** Hashes and UUIDs are hexadecimal, which base64 of this length hardly ever is; for zeros, it contains only 'A'. */
function isHex(text: string): boolean {
  return /^(?:[0-9a-f-]+|[0-9A-F-]+)$/.test(text) && /\d/.test(text);
}

function base64Vector(text: string): VectorText {
  if (text.length < MIN_BASE64 || !BASE64.test(text) || isHex(text)) return NONE;
  try {
    return bytesVector(bytesOfBase64(text.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return NONE;
  }
}

/** Bytes as PostgreSQL writes them: \x0000803f. */
function hexBytes(text: string): Uint8Array | undefined {
  const digits = text.slice(2);
  if (!text.startsWith('\\x') || digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Bytes as DuckDB writes them, in which most printable characters stand for themselves: \x00\x00\x80?. */
function escapedBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    const char = text[at] as string;
    const hex = char === '\\' ? /^x([0-9a-f]{2})$/i.exec(text.slice(at + 1, at + 4))?.[1] : undefined;
    // The others are escaped.
    if (hex === undefined && !/[ !#-&(-[\]-~]/.test(char)) return undefined;
    bytes[count] = hex === undefined ? text.charCodeAt(at) : Number.parseInt(hex, 16);
    at += hex === undefined ? 1 : 4;
  }
  return bytes.slice(0, count);
}

function bytesVector(bytes: Uint8Array | undefined): VectorText {
  return bytes && bytes.length > 0 ? { kind: 'bytes', bytes } : NONE;
}

/** Numbers without brackets and with fewer elements than this are a vector only if one has a decimal point: "1920 1080" is not a vector. */
const MIN_BARE_INTEGERS = 8;

/** Matches 1,234.5 and 1.234,5, which are more likely one number than two, and 0,5, which may be. */
const THOUSANDS = /^\s*[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})*,\d+)(?:e[+-]?\d+)?\s*$/i;

/** Why cells such as 1,234 are not vectors. */
export const MANY_COMMAS = 'numbers with commas, decimal or of thousands';

/** What a sample of the cells of a text column shows. */
export type SampledVectors =
  | { readonly kind: 'vectors'; readonly length: number }
  /** Cells that contain bytes of equal length; `float32` if they can hardly be anything else. */
  | { readonly kind: 'bytes'; readonly bytes: number; readonly float32: boolean }
  | { readonly kind: 'cut' }
  /** Lists whose commas may be decimal commas, so the number of elements is unknown. */
  | { readonly kind: 'commas' }
  | { readonly kind: 'none'; readonly reason?: string };

/** The decimal separator of a number. */
export type Point = '.' | ',';

/** The description of a column of lists of the kind 'commas', and advice. */
export const LISTS_WITH_COMMAS = {
  type: 'lists whose commas may be decimal commas',
  remedy: 'write their numbers with decimal points',
} as const;

/**
 * True if the commas of a list are inside its numbers: always in a table with decimal commas; otherwise if a number would have a leading
 * zero, would be -0, or if only some commas are followed by a blank.
 */
function hasDecimalCommas(cell: string, point: Point): boolean {
  if (cell.includes('.') || !cell.includes(',')) return false;
  return point === ',' || /\d,0\d|-0,\d/.test(cell) || (/\d,\d/.test(cell) && /\d, /.test(cell));
}

/** The integer parts of fractions are short, and at least one fractional part is long. */
const MAX_WHOLE = 100;
const MIN_FRACTION = 10_000;

/** True if integers are more likely the halves of half as many fractions: short ones with a sign alternating with long ones without. */
function areParts(vectors: readonly ArrayLike<number>[]): boolean {
  let longest = 0;
  for (const values of vectors) {
    if (values.length % 2 !== 0) return false;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isInteger(value) || (i % 2 === 0 ? Math.abs(value) >= MAX_WHOLE : value < 0)) return false;
      if (i % 2 !== 0) longest = Math.max(longest, value);
    }
  }
  return longest >= MIN_FRACTION;
}

/**
 * Decides whether the cells of a text column are vectors: all that are not null, all of equal length. `point` is the decimal separator of
 * other numbers in the table.
 */
export function sampleVectors(cells: Iterable<string>, point: Point = '.'): SampledVectors {
  let length: number | undefined;
  let kind: 'vector' | 'bytes' | undefined;
  let certain = false;
  let thousands = true;
  let commas = false;
  const blobs: Uint8Array[] = [];
  const whole: ArrayLike<number>[] = [];
  for (const cell of cells) {
    const found = parseVectorText(cell);
    if (found.kind === 'null') continue;
    if (found.kind === 'cut') return { kind: 'cut' };
    if (found.kind === 'none' || (kind !== undefined && kind !== found.kind)) return { kind: 'none' };
    kind = found.kind;
    const cellLength = found.kind === 'bytes' ? found.bytes.length : found.values.length;
    if (length !== undefined && length !== cellLength) return { kind: 'none', reason: 'vectors of different lengths' };
    length = cellLength;
    if (found.kind === 'bytes') blobs.push(found.bytes);
    else {
      thousands &&= found.bare && THOUSANDS.test(cell);
      commas ||= hasDecimalCommas(cell, point);
      if (cell.includes(',') && !cell.includes('.')) whole.push(found.values);
      certain ||= !found.bare || length >= MIN_BARE_INTEGERS || /[.e]/i.test(cell);
    }
  }
  if (kind === 'vector' && thousands) return { kind: 'none', reason: MANY_COMMAS };
  if (length === undefined) return { kind: 'none' };
  if (commas || (whole.length > 0 && areParts(whole))) return { kind: 'commas' };
  if (kind === 'bytes') return { kind, bytes: length, float32: areFloat32(blobs) };
  return certain ? { kind: 'vectors', length } : { kind: 'none' };
}

/** Returns the vector that at least half of the cells contain, if some are damaged: a word, truncated, or of another length. */
export function usualVector(cells: readonly string[]): { readonly length: number; readonly example: string } | undefined {
  const counts = new Map<number, { count: number; example: string }>();
  let fractions = false;
  for (const cell of cells) {
    const found = parseVectorText(cell);
    if (found.kind !== 'vector' || found.values.length < 2) continue;
    fractions ||= /\d\.\d|\d\.?e/i.test(cell);
    const { length } = found.values;
    // 1,000.5 is more likely one number.
    if (found.bare && length < 4 && cell.includes(',')) continue;
    const { count, example } = counts.get(length) ?? { count: 0, example: cell };
    counts.set(length, { count: count + 1, example });
  }
  for (const [length, { count, example }] of counts) {
    if (fractions && count * 2 >= cells.length && count > 0) return { length, example };
  }
  return undefined;
}

/** Matches brackets that contain only numbers, or numbers that were truncated. */
const LIST_LIKE = /^\s*[[({<]\s*[-+\d.][-+\d\s.,;|e]*[\])}>]\s*$/i;
const CUT = /^\s*[[(a-z].*\d/is;

/**
 * True if at least half of the cells are lists of numbers that are not vectors (truncated printed arrays, mixed separators, decimal
 * commas), or encode vectors that others spoil.
 */
export function areMostlyLists(cells: readonly string[]): boolean {
  let lists = 0;
  let commas = false;
  const whole: ArrayLike<number>[] = [];
  const encoded = new Map<number, Uint8Array[]>();
  for (const cell of cells) {
    if (cell.length > MAX_LIST) continue;
    const found = parseVectorText(cell);
    if (found.kind === 'cut' ? CUT.test(cell) : found.kind === 'none' && LIST_LIKE.test(cell)) lists += 1;
    if (found.kind === 'vector' && !found.bare) {
      if (cell.includes(',') && !cell.includes('.')) whole.push(found.values);
      commas ||= hasDecimalCommas(cell, '.');
    }
    if (found.kind === 'bytes') encoded.set(found.bytes.length, [...(encoded.get(found.bytes.length) ?? []), found.bytes]);
  }
  if (commas || (whole.length > 0 && areParts(whole))) lists += whole.length;
  const usual = [...encoded.values()].some((each) => each.length * 2 >= cells.length && mayBeFloats(each));
  return usual || (lists > 0 && lists * 2 >= cells.length);
}

/** Limit for the length of a cell that is examined. */
const MAX_LIST = 2 ** 20;

/** For a column whose cells are not all vectors: true if most of those that are not null are vectors or lists. */
export function areDamagedVectors(cells: readonly string[]): boolean {
  const values = cells.filter((cell) => !isNullText(cell));
  return usualVector(values) !== undefined || areMostlyLists(values);
}

/** Returns the bytes that text cells encode. */
export function bytesOfTexts(cells: readonly string[]): Uint8Array[] {
  return cells.flatMap((cell) => {
    const found = parseVectorText(cell);
    return found.kind === 'bytes' ? [found.bytes] : [];
  });
}
