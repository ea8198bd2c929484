// JSON Lines: a line a row, either a JSON array of numbers or an object with such an array in one of its fields.
// https://jsonlines.org

import { ArgumentError, FormatError } from '../../errors.js';
import type { ByteSource } from '../byte-source.js';
import { MOST_DEPTH, type RowReader, STREAM_BLOCK_BYTES, type TextReader } from '../row-reader.js';
import { listNames, nameValue, putVector, RowBlocks } from './query-rows.js';

/** The longest line, or record of a table, that is read. */
export const MOST_LINE_BYTES: number = 64 * 2 ** 20;
/** Fields that are looked at first where none is named. */
const USUAL_FIELDS = ['embedding', 'vector'];
/** Names are handed on this many at a time. */
export const NAMES_AT_ONCE = 4096;
/** Each array, object or field of a JSON text costs far more than its few characters. No row of any use has more of them. */
const MOST_CONTAINERS = 2 ** 20;

/**
 * Rows of a JSON Lines file, as float32. The array lies in the field `column`, which may be a path such as 'data.embedding';
 * without one in 'embedding', 'vector' or the only field that holds numbers. Blank lines are skipped.
 */
export const readJsonl: RowReader = async (source, { column }) => {
  const lines = linesOf(source);
  const { value: first } = await lines.next();
  if (!first) throw new FormatError(source.name, source.size, 'no rows');
  const value = parseLine(source, first);
  const path = Array.isArray(value) ? checkNoColumn(source, column) : pathOf(source, first, value, column);
  const vector = follow(value, path);
  if (!Array.isArray(vector)) throw faultOf(source, first, path, `expected an array of numbers, got ${nameValue(vector)}`);
  const depth = vector.length;
  if (depth === 0) throw faultOf(source, first, path, 'an array without numbers');
  if (depth > MOST_DEPTH) throw faultOf(source, first, path, `${depth} numbers; at most ${MOST_DEPTH} make sense`);
  const put = (line: Line, lineValue: unknown, blocks: RowBlocks): void => {
    const fault = putVector(follow(lineValue, path), blocks.nextRow());
    if (fault) throw faultOf(source, line, path, fault);
  };
  return {
    kind: 'stream',
    depth,
    type: 'float32',
    async *blocks() {
      const blocks = new RowBlocks(depth);
      put(first, value, blocks);
      for await (const line of lines) {
        yield* blocks.takeFull();
        put(line, parseLine(source, line), blocks);
      }
      yield* blocks.takeRest();
    },
  };
};

/** The text, or number, in the field `column` of each line; '' for null. */
export const readJsonlText: TextReader = async function* (source, column) {
  let path: readonly string[] | undefined;
  let names: string[] = [];
  for await (const line of linesOf(source)) {
    const value = parseLine(source, line);
    path ??= pathOf(source, line, value, column);
    const name = follow(value, path);
    if (typeof name === 'string' || typeof name === 'number' || typeof name === 'boolean') names.push(String(name));
    else if (name === null) names.push('');
    else throw faultOf(source, line, path, `expected text, got ${nameValue(name)}`);
    if (names.length < NAMES_AT_ONCE) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
};

interface Line {
  readonly text: string;
  /** From 1 on. */
  readonly number: number;
  readonly offset: number;
}

/** The lines that are not blank. */
async function* linesOf(source: ByteSource): AsyncGenerator<Line, undefined, undefined> {
  // Pieces of a line that is not at its end yet: joined once, however many they are.
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let number = 0;
  const take = (end: number, last: Uint8Array): Line | undefined => {
    number += 1;
    const bytes = parts.length === 0 ? last : joinBytes([...parts, last]);
    parts = [];
    partBytes = 0;
    if (bytes.length === 0 || (bytes.length === 1 && bytes[0] === RETURN)) return undefined;
    const text = decodeText(bytes);
    return /\S/.test(text) ? { text, number, offset: end - bytes.length } : undefined;
  };
  let at = 0;
  for await (const { bytes, offset } of piecesOf(source)) {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const line = take(offset + end, bytes.subarray(start, end));
      start = end + 1;
      if (line) yield line;
    }
    at = offset + bytes.length;
    parts.push(bytes.subarray(start));
    partBytes += bytes.length - start;
    if (partBytes > MOST_LINE_BYTES) {
      throw new FormatError(source.name, at - partBytes, `line ${number + 1}: longer than ${MOST_LINE_BYTES} bytes`);
    }
  }
  const line = take(at, new Uint8Array(0));
  if (line) yield line;
  return undefined;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Bytes one after another. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8; what is none becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

/** The bytes of a text and where they lie, without a byte order mark. A piece may end within a character. */
export async function* piecesOf(
  source: ByteSource,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly offset: number }, void, undefined> {
  let size = STREAM_BLOCK_BYTES;
  for (let offset = 0; offset < source.size; offset += size) {
    size = Math.min(STREAM_BLOCK_BYTES, source.size - offset);
    const bytes = await source.read(offset, size);
    if (offset > 0) {
      yield { bytes, offset };
      continue;
    }
    const [a, b, c] = bytes;
    if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
      throw new FormatError(source.name, 0, 'text in UTF-16; expected UTF-8');
    }
    const mark = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
    yield { bytes: bytes.subarray(mark), offset: mark };
  }
}

/** Parses JSON of any origin. `fail` gets what is wrong with it. */
export function parseJson(text: string, fail: (fault: string) => never): unknown {
  if (text.length > MOST_CONTAINERS) {
    if (count(text, '[') + count(text, '{') > MOST_CONTAINERS) fail(`more than ${MOST_CONTAINERS} arrays and objects`);
    if (count(text, ':') > MOST_CONTAINERS) fail(`more than ${MOST_CONTAINERS} fields`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return fail('not valid JSON');
  }
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

function parseLine(source: ByteSource, line: Line): unknown {
  return parseJson(line.text, (fault) => {
    throw faultOf(source, line, [], fault);
  });
}

function faultOf(source: ByteSource, line: Line, path: readonly string[], fault: string): FormatError {
  const field = path.length > 0 ? `, field ${JSON.stringify(path.join('.'))}` : '';
  return new FormatError(source.name, line.offset, `line ${line.number}${field}: ${fault}`);
}

function checkNoColumn(source: ByteSource, column: string | undefined): readonly string[] {
  if (column === undefined) return [];
  throw new ArgumentError('column', `${source.name}: no field ${column}; the lines are arrays of numbers, not objects`);
}

/** Where the vector lies, by the first line. */
function pathOf(source: ByteSource, line: Line, value: unknown, column: string | undefined): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw faultOf(source, line, [], `expected ${column === undefined ? 'an array of numbers or ' : ''}an object`);
  }
  if (column !== undefined) {
    // A field may have a dot in its own name.
    const path = Object.hasOwn(value, column) ? [column] : column.split('.');
    if (follow(value, path) !== undefined) return path;
    throw new ArgumentError('column', `${source.name}: no field ${column}; there are ${listNames(Object.keys(value))}`);
  }
  const usual = USUAL_FIELDS.find((name) => isVector(follow(value, [name])));
  if (usual !== undefined) return [usual];
  const vectors = Object.entries(value).filter(([, field]) => isVector(field));
  const [only, another] = vectors;
  if (only && !another) return [only[0]];
  const names = listNames((another ? vectors : Object.entries(value)).map(([name]) => name));
  if (another) throw new ArgumentError('column', `${source.name}: several fields hold arrays of numbers: ${names}; name one`);
  throw faultOf(source, line, [], `no field holds an array of numbers; there are ${names || 'no fields'}`);
}

function isVector(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === 'number');
}

function follow(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
