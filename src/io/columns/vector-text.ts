// Vectors written as text, in the forms in which tools write them: JSON, Python, NumPy, PyTorch, PostgreSQL, base64, numbers between blanks.

import { areFloat32, mayBeFloats } from './bytes-element.js';
import { parseFlatJson } from './json-nesting.js';

/** What a cell of text holds. */
export type VectorText =
  | { readonly kind: 'vector'; readonly values: ArrayLike<number>; readonly bare: boolean }
  /** Base64 or hexadecimal: the elements of the vector in a type that the text does not say. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'null' }
  /** A printed array with '...' in its middle: its numbers were lost when it was written. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'none' };

const NONE: VectorText = { kind: 'none' };
const NULL: VectorText = { kind: 'null' };

/** Text that stands for a missing value. */
const NULL_TEXT = /^\s*(null|none|na|n\/a|nan|<na>|\\n|undefined)?\s*$/i;

/** Whether a cell of text stands for a missing value: empty, NULL, None, NA, NaN and their like. */
export function isNullText(text: string): boolean {
  return text.length < 16 && NULL_TEXT.test(text);
}

/** The longest sparse vector that is written out. */
const MAX_DENSE = 2 ** 16;

/** The vector in `text`. Numbers that JavaScript cannot hold exactly are rounded to the nearest float64. */
export function parseVectorText(text: string): VectorText {
  if (isNullText(text)) return NULL;
  const inner = unwrap(text.trim());
  if (inner === undefined) return parseSpecial(text.trim());
  if (/\.{3}|…/.test(inner.text)) return { kind: 'cut' };
  if (inner.text.trim() === '') return NONE;
  const values = parseNumbers(inner.text);
  if (!values) return parseSpecial(text.trim());
  if (!inner.wrapped && values.length < 2) return NONE;
  return { kind: 'vector', values, bare: !inner.wrapped };
}

/** Takes what stands around the numbers away: brackets of any kind, and the names of calls before them. */
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
    // {"values": [...]} and {1:0.5}/5 are parsed as what they are.
    if (rest[0] === '{' && rest.includes(':')) return undefined;
    rest = rest.slice(1, -1).trim();
    // A tuple of one has a comma at its end.
    rest = rest.replace(/,$/, '').trim();
    wrapped = true;
  }
  return undefined;
}

/** No tool writes more brackets and calls around a vector. */
const MAX_NESTING = 16;

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' };

const KEYWORD = /,\s*(?:dtype|device|requires_grad|grad_fn|shape)\s*=/;

/** array([1., 2.], dtype=float32): without what follows the numbers. */
function withoutKeywords(text: string): string {
  const at = text.search(KEYWORD);
  return at < 0 ? text : text.slice(0, at);
}

const SEPARATORS = [',', ';', '|'] as const;

/** Numbers between commas, semicolons, bars or blanks; undefined where anything else stands among them. */
function parseNumbers(text: string): Float64Array | undefined {
  const separator = SEPARATORS.find((each) => text.includes(each));
  const parts = separator === undefined ? text.trim().split(/\s+/) : text.split(separator);
  const values = new Float64Array(parts.length);
  for (let i = 0; i < parts.length; i++) {
    const value = parseNumber(parts[i] as string);
    if (value === undefined) return undefined;
    values[i] = value;
  }
  return values;
}

const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** A plain decimal, as every language writes it. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** np.float32(0.5), Decimal('0.5'), "0.5". */
const WRAPPED_NUMBER = /^(?:(?:np|numpy)\.)?(?:float\d+|int\d+|Decimal|float)\(\s*(.*?)\s*\)$|^(["'])(.*)\2$/;

/** The longest text that is looked at as a number: what that costs grows with its square. */
export const MAX_NUMBER = 1000;

/** The longest text of a wrapped number that is looked into. */
const MAX_WRAPPED = 100;

/** The number in `text`, blanks around it allowed; undefined if it is no number, and for hexadecimal and similar notations. */
export function parseNumber(text: string): number | undefined {
  return parseWrapped(text, 2);
}

/** Decimal('0.5') has two wrappers, and no number has more. */
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

/** Objects, sparse vectors and bytes. */
function parseSpecial(text: string): VectorText {
  if (text.startsWith('\\x')) return bytesVector(hexBytes(text.slice(2)));
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

/** pgvector's sparsevec: {1:0.5,3:0.25}/5, indices from 1 on. */
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

/** The vector that a JSON value is, or that is all an object holds; what JSON.stringify makes of a typed array too. */
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
  // Text beside numbers is an id or a label, except the words that stand for numbers JSON has none for.
  const texts = value.every((each) => typeof each === 'string');
  const numbers = value.map((each) => {
    if (typeof each === 'number') return each;
    return typeof each === 'string' && (texts || /^-?(NaN|Infinity)$/.test(each)) ? parseNumber(each) : undefined;
  });
  return numbers.every((each) => each !== undefined) ? (numbers as number[]) : undefined;
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Four numbers: shorter words are words. */
const MIN_BASE64 = 16;

/** Hashes and UUIDs are hexadecimal, which base64 of so many bytes hardly ever is; of zeros it is nothing but 'A'. */
function isHex(text: string): boolean {
  return /^(?:[0-9a-f-]+|[0-9A-F-]+)$/.test(text) && /\d/.test(text);
}

function base64Vector(text: string): VectorText {
  if (text.length < MIN_BASE64 || !BASE64.test(text) || isHex(text)) return NONE;
  try {
    return bytesVector(Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0)));
  } catch {
    return NONE;
  }
}

function hexBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function bytesVector(bytes: Uint8Array | undefined): VectorText {
  return bytes && bytes.length > 0 ? { kind: 'bytes', bytes } : NONE;
}

/** Bare numbers of fewer elements than this are vectors only if one has a decimal point: "1920 1080" is no vector. */
const MIN_BARE_INTEGERS = 8;

/** 1,234.5 and 1.234,5 are rather one number than two, and 0,5 may be. */
const THOUSANDS = /^\s*[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})*,\d+)(?:e[+-]?\d+)?\s*$/i;

/** Why cells such as 1,234 are no vectors. */
export const MANY_COMMAS = 'numbers with commas, decimal or of thousands';

/** What a sample of the cells of a text column shows. */
export type SampledVectors =
  | { readonly kind: 'vectors'; readonly length: number }
  /** Cells that hold bytes of one length; `float32` if they can hardly be anything else. */
  | { readonly kind: 'bytes'; readonly bytes: number; readonly float32: boolean }
  | { readonly kind: 'cut' }
  /** Lists whose commas may be decimal commas, so that nothing tells how many numbers they hold. */
  | { readonly kind: 'commas' }
  | { readonly kind: 'none'; readonly reason?: string };

/** What separates the fraction of a number. */
export type Point = '.' | ',';

/** What a column of lists is that are of the kind 'commas', and what to do about it. */
export const LISTS_WITH_COMMAS = {
  type: 'lists whose commas may be decimal commas',
  remedy: 'write their numbers with decimal points',
} as const;

/**
 * Whether a list has commas inside of its numbers: all of them in a table of decimal commas, else where a number would have a zero before its
 * digits, would be -0, or where some commas have a blank behind them and some have none.
 */
function hasDecimalCommas(cell: string, point: Point): boolean {
  if (cell.includes('.') || !cell.includes(',')) return false;
  return point === ',' || /\d,0\d|-0,\d/.test(cell) || (/\d,\d/.test(cell) && /\d, /.test(cell));
}

/** Wholes of fractions are short, and fractions have at least one that is long. */
const MAX_WHOLE = 100;
const MIN_FRACTION = 10_000;

/** Whether whole numbers are rather the parts of half as many: short ones with a sign and long ones without in turns. */
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
 * Whether the cells of a column of text are vectors: every one that is not null, all of one length. `point` is what other numbers of the
 * table have.
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

/** The vector that at least half of the cells are, where some are damaged: a word, cut, or of another length. */
export function usualVector(cells: readonly string[]): { readonly length: number; readonly example: string } | undefined {
  const counts = new Map<number, { count: number; example: string }>();
  let fractions = false;
  for (const cell of cells) {
    const found = parseVectorText(cell);
    if (found.kind !== 'vector' || found.values.length < 2) continue;
    fractions ||= /\d\.\d|\d\.?e/i.test(cell);
    const { length } = found.values;
    // 1,000.5 is rather one number.
    if (found.bare && length < 4 && cell.includes(',')) continue;
    const { count, example } = counts.get(length) ?? { count: 0, example: cell };
    counts.set(length, { count: count + 1, example });
  }
  for (const [length, { count, example }] of counts) {
    if (fractions && count * 2 >= cells.length && count > 0) return { length, example };
  }
  return undefined;
}

/** Brackets around nothing but numbers, or around numbers that were cut. */
const LIST_LIKE = /^\s*[[({<]\s*[-+\d.][-+\d\s.,;|e]*[\])}>]\s*$/i;
const CUT = /^\s*[[(a-z].*\d/is;

/**
 * Whether at least half of the cells are lists of numbers that are no vectors (printed arrays that were cut, separators of two kinds, decimal
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

/** The longest cell that is looked at so. */
const MAX_LIST = 2 ** 20;

/** Whether the cells that are not null, no vectors as they are, are vectors for the most part. */
export function areDamagedVectors(cells: readonly string[]): boolean {
  const values = cells.filter((cell) => !isNullText(cell));
  return usualVector(values) !== undefined || areMostlyLists(values);
}

/** The bytes that cells of text encode. */
export function bytesOfTexts(cells: readonly string[]): Uint8Array[] {
  return cells.flatMap((cell) => {
    const found = parseVectorText(cell);
    return found.kind === 'bytes' ? [found.bytes] : [];
  });
}
