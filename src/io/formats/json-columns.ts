// Finds the fields of the records of a JSON file in a sample: which hold vectors, numbers or text, and their paths. The steps of a path are
// names, '[]' for each element of an array, and '*' for each value of an object whose keys are ids.

import { type Column, SAMPLE_ROWS } from '../columns/column.js';
import type { BytesElement } from '../columns/declared-elements.js';
import { isNullText, vectorOfJson } from '../columns/vector-text.js';
import { describeTextColumn } from './csv-columns.js';
import { JsonFault } from './json-scan.js';

/** Steps that stand for many values. */
export const EACH_ELEMENT: unique symbol = Symbol('each element');
export const EACH_VALUE: unique symbol = Symbol('each value');

/** A name, the index of an element, or one of the steps above. */
export type Step = string | number | typeof EACH_ELEMENT | typeof EACH_VALUE;

/** A field and its path. */
export interface JsonColumn extends Column {
  readonly path: readonly Step[];
  /** For vectors in base64: the element type of their bytes. */
  readonly element?: BytesElement;
  /** For vectors of different lengths, or mixed with other values: the length of the first. */
  readonly firstLength?: number;
}

/** Returns a path as `column` names it: 'data[].embedding', 'vectors.*.values'. */
export function nameOfPath(path: readonly Step[]): string {
  let name = '';
  for (const step of path) {
    if (step === EACH_ELEMENT) name += '[]';
    else if (typeof step === 'number') name += `[${step}]`;
    else name += `${name === '' ? '' : '.'}${step === EACH_VALUE ? '*' : step}`;
  }
  return name;
}

/** Parses a path in the notation of `nameOfPath`. */
export function pathOfName(name: string): Step[] {
  const path: Step[] = [];
  for (const part of name.split('.')) {
    const [, field = '', indices = ''] = /^(.*?)((?:\[\d*\])*)$/s.exec(part) as RegExpExecArray;
    if (field !== '') path.push(field === '*' ? EACH_VALUE : field);
    for (const [, index] of indices.matchAll(/\[(\d*)\]/g)) path.push(index === '' ? EACH_ELEMENT : Number(index));
  }
  return path;
}

/** Yields the values at `path` in `value`: one, or as many as its steps match; undefined for missing values. */
export function* follow(value: unknown, path: readonly Step[], at = 0): Generator<unknown, void, undefined> {
  const step = path[at];
  if (step === undefined) {
    yield value;
  } else if (typeof value !== 'object' || value === null) {
    yield undefined;
  } else if (step === EACH_ELEMENT) {
    const elements = Array.isArray(value) ? inOrder(value) : [undefined];
    for (const each of elements) yield* follow(each, path, at + 1);
  } else if (step === EACH_VALUE) {
    for (const each of Object.values(value)) yield* follow(each, path, at + 1);
  } else {
    yield* follow(Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined, path, at + 1);
  }
}

/** A numbered element of a service's response: an embedding, or its values. */
interface Numbered {
  readonly index: number;
}

/** Embedding services number their embeddings, which may arrive in any order. */
export function isNumbered(elements: readonly unknown[]): elements is Numbered[] {
  return elements.length > 0 && elements.every(isNumberedOne);
}

function isNumberedOne(each: unknown): each is Numbered {
  const { index, embedding, values } = (each ?? {}) as Readonly<Record<string, unknown>>;
  return Number.isInteger(index) && (embedding !== undefined || values !== undefined);
}

function inOrder(elements: readonly unknown[]): readonly unknown[] {
  if (!isNumbered(elements)) return elements;
  const ordered: unknown[] = new Array(elements.length).fill(undefined);
  for (const each of elements) if (each.index >= 0 && each.index < elements.length) ordered[each.index] = each;
  return ordered.every((each) => each !== undefined) ? ordered : elements;
}

/** Throws JsonFault if the numbers of embeddings in lists named `data` are out of order, incomplete or repeated. */
export function checkNumbers(value: unknown, path: readonly Step[]): void {
  for (const [at, step] of path.entries()) {
    if (step !== EACH_ELEMENT || path[at - 1] !== 'data') continue;
    for (const elements of follow(value, path.slice(0, at))) {
      if (!Array.isArray(elements) || !isNumbered(elements)) continue;
      const odd = inOrder(elements).findIndex((each, index) => (each as Numbered).index !== index);
      if (odd < 0) continue;
      const index = String((elements[odd] as Numbered).index);
      throw new JsonFault(0, `element ${odd + 1} of "data" has the index ${index}; expected the numbers from 0 on, each once`);
    }
  }
}

/** What was found at one path of the sample. */
class Seen {
  /** Number of vectors of each length. */
  readonly lengths = new Map<number, number>();
  /** True if some vector has a fraction; lists of tags and tokens have none. */
  fractions = false;
  readonly texts: string[] = [];
  vectors = 0;
  integers = 0;
  floats = 0;
  nulls = 0;
  others = 0;
  otherType = '';

  constructor(readonly path: readonly Step[]) {}

  other(type: string): void {
    this.others += 1;
    this.otherType = type;
  }
}

/** Limit for the fields of a record that are examined. */
const MAX_PATHS = 4096;
const MAX_NESTING = 32;

/**
 * Finds the fields of `records`. Set `single` if the file is one object, whose nested objects may have ids as keys. `element` is the
 * caller's declaration for vectors in base64.
 */
export function columnsOfRecords(
  records: readonly unknown[],
  single: boolean,
  element: BytesElement | undefined,
): JsonColumn[] {
  const seen = new Map<string, Seen>();
  for (const record of records) visit(record, [], seen, single, records.length === 1);
  const found = [...seen.values()].map((each) => describe(each, element));
  return found.filter(({ type }) => type !== OBJECT);
}

/** The type of values that have fields of their own. */
const OBJECT = 'object';

/** Describes the field at `path`, whatever it contains. */
export function columnAt(records: readonly unknown[], path: readonly Step[], element: BytesElement | undefined): JsonColumn {
  const seen = new Map<string, Seen>();
  for (const record of records) for (const value of follow(record, path)) visit(value, path, seen, false, false);
  return describe([...seen.values()][0] ?? new Seen(path), element);
}

function visit(value: unknown, path: readonly Step[], seen: Map<string, Seen>, mayBeMap: boolean, alone: boolean): void {
  const key = JSON.stringify(path.map((step) => (typeof step === 'string' ? step : [String(step)])));
  let here = seen.get(key);
  if (!here) {
    if (seen.size === MAX_PATHS || path.length > MAX_NESTING) return;
    here = new Seen(path);
    seen.set(key, here);
  }
  if (value === null || value === undefined) here.nulls += 1;
  else if (typeof value === 'number') {
    if (Number.isInteger(value)) here.integers += 1;
    else here.floats += 1;
  } else if (typeof value === 'string') here.texts.push(value);
  else if (typeof value === 'boolean') here.other('boolean');
  else if (Array.isArray(value)) visitArray(value, path, here, seen, alone);
  else visitObject(value as Readonly<Record<string, unknown>>, path, here, seen, mayBeMap, alone);
}

function visitArray(
  value: readonly unknown[],
  path: readonly Step[],
  here: Seen,
  seen: Map<string, Seen>,
  alone: boolean,
): void {
  const vector = vectorOfJson(value);
  if (vector) {
    here.vectors += 1;
    addLength(here, vector.length);
    here.fractions ||= Array.prototype.some.call(vector, (each) => !Number.isInteger(each));
  } else if (value.length === 0) here.nulls += 1;
  else if (value.some((each) => typeof each === 'object' && each !== null)) {
    const elements = value.length > SAMPLE_ROWS ? value.slice(0, SAMPLE_ROWS) : value;
    for (const each of elements) visit(each, [...path, EACH_ELEMENT], seen, false, alone && value.length === 1);
  } else here.other(value.every((each) => typeof each === 'string') ? 'array of text' : 'array');
}

function visitObject(
  value: Readonly<Record<string, unknown>>,
  path: readonly Step[],
  here: Seen,
  seen: Map<string, Seen>,
  mayBeMap: boolean,
  alone: boolean,
): void {
  const keys = Object.keys(value);
  // The form of JSON.stringify for a typed array; but a single object of this form may also be a column that pandas wrote.
  if (keys.length > 1 && !alone && keys.every((key, at) => key === String(at) && typeof value[key] === 'number')) {
    here.vectors += 1;
    addLength(here, keys.length);
    return;
  }
  const map = mayBeMap && isMap(keys, value);
  const some = map ? keys.slice(0, SAMPLE_ROWS) : keys;
  for (const key of some) {
    visit(value[key], [...path, map ? EACH_VALUE : key], seen, mayBeMap && !map, alone && !map);
  }
}

function addLength({ lengths }: Seen, length: number): void {
  lengths.set(length, (lengths.get(length) ?? 0) + 1);
}

/** At least this many vectors by key are rows by id; fewer may be vectors of different kinds. */
export const MIN_VECTORS_BY_ID = 3;

/**
 * True if the keys of an object are ids: at least three vectors of one length, or at least two objects with the same fields, including a
 * vector.
 */
function isMap(keys: readonly string[], value: Readonly<Record<string, unknown>>): boolean {
  const values = keys.map((key) => value[key]);
  if (values.every(Array.isArray)) {
    const lengths = new Set(values.map((each) => vectorOfJson(each)?.length));
    return keys.length >= MIN_VECTORS_BY_ID && lengths.size === 1 && !lengths.has(undefined);
  }
  if (keys.length < 2 || !values.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each)))
    return false;
  const objects = values as Readonly<Record<string, unknown>>[];
  const fields = Object.keys(objects[0] as object);
  const vector = fields.find((field) => Array.isArray(objects[0]?.[field]) && vectorOfJson(objects[0][field]));
  return vector !== undefined && objects.every((each) => vectorOfJson(each[vector]) !== undefined);
}

function describe(seen: Seen, element: BytesElement | undefined): JsonColumn {
  const { path, vectors, integers, floats, nulls, others, texts, lengths } = seen;
  const column = { name: nameOfPath(path), path };
  const numbers = integers + floats;
  const notNull = texts.filter((text) => !isNullText(text));
  const kinds = [vectors > 0, numbers > 0, notNull.length > 0, others > 0].filter(Boolean).length;
  if (vectors > 0) {
    const [[first]] = lengths as unknown as [[number]];
    const [most, count] = [...lengths].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (kinds === 1 && lengths.size === 1) return { ...column, kind: 'vector', type: 'array of numbers', length: first };
    const type = kinds > 1 ? 'values of different types' : 'arrays of numbers of different lengths';
    // Vectors with some faulty records: the field is treated as the rows, and the reader reports the faults, because skipping it could hide
    // them.
    const values = vectors + numbers + notNull.length + others;
    const spoilt = seen.fractions && count * 2 > values;
    if (most > 1 && (spoilt || (kinds > 1 && vectors * 2 >= values && lengths.size === 1))) {
      return { ...column, kind: 'vector', type: 'array of numbers, but not in all records', length: most, firstLength: first };
    }
    return { ...column, kind: 'other', type, firstLength: first };
  }
  if (kinds > 1) return { ...column, kind: 'other', type: 'values of different types' };
  if (numbers > 0) {
    return floats > 0 ? { ...column, kind: 'float', type: 'number' } : { ...column, kind: 'integer', type: 'integer' };
  }
  if (notNull.length > 0) return { ...describeTextColumn(column.name, texts, '.', element), path };
  if (others > 0) return { ...column, kind: 'other', type: seen.otherType };
  return {
    ...column,
    kind: nulls > 0 || texts.length > 0 ? 'null' : 'other',
    type: nulls > 0 || texts.length > 0 ? 'null' : 'object',
  };
}
