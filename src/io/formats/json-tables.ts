// Documents that are tables rather than records: rows as arrays with the column names stored separately, or a list or object for each
// column. They are refused with advice on converting them, because their columns could be taken for rows.

import { vectorOfJson } from '../columns/vector-text.js';
import { MIN_VECTORS_BY_ID } from './json-columns.js';

/** A table found in a document. */
export interface JsonTable {
  /** Describes it in words. */
  readonly what: string;
  /** The `column` that reads its lists, or the only list of numbers, as rows nevertheless, if there is one. */
  readonly selector: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const NAME_LISTS: readonly string[] = ['columns', 'meta', 'schema', 'fields', 'header', 'names', 'column_names', 'headers'];
const MAX_NESTING = 3;

/**
 * Finds the table that a document is or contains. If the caller selects `column`, only tables whose column is an object with a number for
 * each row count.
 */
export function tableIn(document: unknown, whole: boolean, column?: string): JsonTable | undefined {
  const root = Array.isArray(document) && document.length === 1 ? document[0] : document;
  if (!isObject(root)) return undefined;
  if (column !== undefined) return isObject(root[column]) ? objectsByColumn(root, true) : undefined;
  return rowsBesideNames(root, '', 0) ?? listsByColumn(root, '', 0, whole) ?? objectsByColumn(root);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* objectsIn(value: Fields, path: string): Generator<[string, Fields], void, undefined> {
  for (const name of Object.keys(value).slice(0, 100)) {
    const each = value[name];
    if (isObject(each)) yield [`${path}${name}.`, each];
  }
}

/** Recognises pandas' orient='split', ClickHouse's JSONCompact, and Elasticsearch's SQL. */
function rowsBesideNames(value: Fields, path: string, nesting: number): JsonTable | undefined {
  const widths = new Set<number>();
  for (const key of NAME_LISTS) {
    const found = Object.hasOwn(value, key) ? value[key] : undefined;
    const list = isObject(found) ? found.fields : found;
    if (Array.isArray(list) && list.every(isName)) widths.add(list.length);
  }
  for (const [name, rows] of widths.size > 0 ? Object.entries(value) : []) {
    if (!Array.isArray(rows) || rows.length === 0 || NAME_LISTS.includes(name)) continue;
    // The last one may be truncated.
    if (!rows.every((row, at) => Array.isArray(row) && (widths.has(row.length) || (at > 0 && at === rows.length - 1))))
      continue;
    return {
      what: `a table with the names of its columns apart from the rows, which are the arrays in ${JSON.stringify(path + name)}`,
      selector: rows.every((row) => vectorOfJson(row)) ? `${path}${name}[]` : undefined,
    };
  }
  if (nesting === MAX_NESTING) return undefined;
  for (const [name, each] of objectsIn(value, path)) {
    const found = rowsBesideNames(each, name, nesting + 1);
    if (found) return found;
  }
  return undefined;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' || (isObject(value) && typeof value.name === 'string');
}

/** Recognises a list for each column. */
function listsByColumn(value: Fields, path: string, nesting: number, whole: boolean): JsonTable | undefined {
  const keys = Object.keys(value);
  const lists = keys.filter((key) => Array.isArray(value[key]));
  const [first] = lists;
  const length = first === undefined ? 0 : (value[first] as unknown[]).length;
  // In a truncated document, the last list may be shorter.
  const alike = lists.every(
    (key, at) => (value[key] as unknown[]).length === length || (at > 1 && at === lists.length - 1 && !whole),
  );
  if (length > 1 && alike && lists.length > 1 && lists.length * 2 >= keys.length && isByColumn(value, lists, nesting > 0)) {
    const where = path === '' ? '' : ` in ${JSON.stringify(path.slice(0, -1))}`;
    const vectors = lists.filter((key) => vectorOfJson(value[key]));
    const what = `a table with a list for each column${where}`;
    if (vectors.length === 1) return { what, selector: `${path}${vectors[0]}` };
    return { what, selector: vectors.length === keys.length ? `${path}*` : undefined };
  }
  if (nesting === MAX_NESTING) return undefined;
  for (const [name, each] of objectsIn(value, path)) {
    const found = listsByColumn(each, name, nesting + 1, whole);
    if (found) return found;
  }
  return undefined;
}

/** Names that columns have and words of a vocabulary rarely do; used only for few names. */
const COLUMN_NAMES =
  /^(.*_)?(ids?|index|key|labels?|scores?|weights?|year|date|time|timestamp|name|title|text|class|category|target|count|n|lat|lon|lng|x|y|z)$/i;
const COUNTED_NAME = /^(|d|dim|dimension|x|f|v|c|col|column|feat|feature|e|emb|embedding|pc|latent|component)[ _.-]?\d+$/i;
const FEW_COLUMNS = 32;

/** Decides whether lists of equal length are columns rather than rows by id. */
function isByColumn(value: Fields, lists: readonly string[], nested: boolean): boolean {
  const vectors = lists.filter((key) => vectorOfJson(value[key]) !== undefined);
  // Lists of vectors are found elsewhere.
  const deeper = lists.some(
    (key) => !vectors.includes(key) && (value[key] as unknown[]).some((each) => typeof each === 'object' && each !== null),
  );
  if (vectors.length === 0 || deeper) return false;
  if (vectors.length < lists.length) return true;
  // When pandas writes a column of lists, its keys are row numbers.
  const counted = lists.filter((key) => COUNTED_NAME.test(key) && !(nested && /^\d+$/.test(key)));
  if (counted.length * 2 >= lists.length) return true;
  if (lists.length <= FEW_COLUMNS && lists.some((key) => COLUMN_NAMES.test(key))) return true;
  const counting = lists.filter((key) => isCounting(value[key] as unknown[]));
  return counting.length > 0 && counting.length < lists.length;
}

function isCounting(list: readonly unknown[]): boolean {
  return (
    list.length > 2 &&
    list.every((each, at) => Number.isInteger(each) && (at === 0 || (each as number) > (list[at - 1] as number)))
  );
}

/** Recognises an object for each column with row numbers as keys, as pandas writes by default, or an object for each row by its number. */
function objectsByColumn(value: Fields, ofColumn = false): JsonTable | undefined {
  const keys = Object.keys(value);
  const objects = keys.map((key) => value[key]).filter(isObject);
  const [first] = objects;
  if (!first || objects.length < keys.length) return undefined;
  const inner = Object.keys(first);
  const numberedRows = inner.every((key) => /^\d+$/.test(key));
  const numbered = numberedRows || keys.every((key) => /^\d+$/.test(key));
  if (inner.length === 0 || (objects.length < 2 && inner.length < 2) || !(numbered || objects.length > 1)) return undefined;
  // Cells that are themselves lists or objects count only if the keys can only be those of a table, and no column holds the vectors of all
  // rows.
  const deep = numberedRows && objects.length > 1 && (ofColumn || !objects.some(holdsVectors));
  const isCell = (each: unknown) => deep || typeof each !== 'object' || each === null;
  const alike = objects.every((each) => {
    const names = Object.keys(each);
    return names.length === inner.length && inner.every((name) => Object.hasOwn(each, name) && isCell(each[name]));
  });
  return alike ? { what: 'a table with an object for each column or row', selector: undefined } : undefined;
}

/** True if a column holds vectors under row numbers. */
function holdsVectors(column: Fields): boolean {
  const values = Object.values(column);
  return values.length >= MIN_VECTORS_BY_ID && values.every((each) => Array.isArray(each) && vectorOfJson(each) !== undefined);
}
