// The records of a JSON file, one after another as bytes: the values of lines, or the elements of an array somewhere in one document, of which
// no more than a record and a piece of the file is held.

import { findByte } from './find-byte-node.js';
import { EACH_VALUE, type Step } from './json-columns.js';
import { endOfValue, INCOMPLETE, JsonFault, skipBlanks } from './json-scan.js';
import { decodeCell, joinBytes, MAX_RECORD_BYTES, type TextBytes } from './text-bytes.js';

/** A value, with the byte of the file where it begins, and the line, where records are lines. */
export interface JsonRecord {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly line: number | undefined;
  /** Of a value of an object: its key. */
  readonly key?: string;
}

const NEWLINE = 0x0a;

/** Lines that are not blank, each one value. */
export async function* linesOf(text: TextBytes): AsyncGenerator<JsonRecord, void, undefined> {
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let line = 0;
  const take = (end: number, last: Uint8Array): JsonRecord | undefined => {
    line += 1;
    const bytes = joinBytes([...parts, last]);
    parts = [];
    partBytes = 0;
    return skipBlanks(bytes, 0) === bytes.length ? undefined : { bytes, offset: end - bytes.length, line };
  };
  let at = text.offset;
  for await (const { bytes, offset } of text.pieces()) {
    let start = 0;
    for (let end = findByte(bytes, NEWLINE, 0); end >= 0; end = findByte(bytes, NEWLINE, start)) {
      const record = take(offset + end, bytes.subarray(start, end));
      start = end + 1;
      if (record) yield record;
    }
    at = offset + bytes.length;
    parts.push(bytes.subarray(start));
    partBytes += bytes.length - start;
    if (partBytes > MAX_RECORD_BYTES) {
      throw text.error(at - partBytes, `line ${line + 1} is longer than ${MAX_RECORD_BYTES} bytes`);
    }
  }
  const record = take(at, new Uint8Array(0));
  if (record) yield record;
}

/** The bytes from some place on, more of which can be asked for. */
class Window {
  bytes: Uint8Array = new Uint8Array(0);
  /** The byte of the file where they begin. */
  offset = 0;
  ended = false;
  readonly #pieces: AsyncGenerator<{ readonly bytes: Uint8Array; readonly offset: number }, void, undefined>;

  constructor(private readonly text: TextBytes) {
    this.#pieces = text.pieces();
  }

  /** Drops what lies before `from`, and reads at least as much again as is left. False at the end of the file. */
  async more(from: number): Promise<boolean> {
    if (this.ended) return false;
    const rest = this.bytes.subarray(from);
    if (rest.length > MAX_RECORD_BYTES) throw this.fault(from, `a value of more than ${MAX_RECORD_BYTES} bytes`);
    const parts = rest.length > 0 ? [rest] : [];
    let added = 0;
    this.offset += from;
    while (added <= rest.length) {
      const { value, done } = await this.#pieces.next();
      if (done) {
        this.ended = true;
        break;
      }
      if (parts.length === 0) this.offset = value.offset;
      parts.push(value.bytes);
      added += value.bytes.length;
    }
    this.bytes = parts.length === 0 ? new Uint8Array(0) : joinBytes(parts);
    return added > 0;
  }

  fault(at: number, message: string): Error {
    return this.text.error(this.offset + at, message);
  }
}

/** The values of a text one behind another, over as many lines as they like. */
export async function* valuesOf(text: TextBytes): AsyncGenerator<JsonRecord, void, undefined> {
  const walker = new Walker(text);
  while (await walker.skipBlanks()) yield await walker.value();
}

/** The elements of the array, or the values of the object, at `path` in the one document that the text is; `path` ends with a step for each. */
export async function* elementsOf(
  text: TextBytes,
  path: readonly Step[],
  onUnknown: (name: string, value: JsonRecord) => void,
): AsyncGenerator<JsonRecord, void, undefined> {
  const walker = new Walker(text);
  yield* walker.elements(path, 0, onUnknown);
  if (await walker.skipBlanks()) throw walker.fault('the document has ended, and more follows');
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Walks through a text, and never back. */
class Walker {
  readonly #window: Window;
  #at = 0;

  constructor(text: TextBytes) {
    this.#window = new Window(text);
  }

  fault(message: string): Error {
    return this.#window.fault(this.#at, message);
  }

  /** Goes to the next byte that is no blank; false at the end. */
  async skipBlanks(): Promise<boolean> {
    for (;;) {
      this.#at = skipBlanks(this.#window.bytes, this.#at);
      if (this.#at < this.#window.bytes.length) return true;
      if (!(await this.#window.more(this.#at))) return false;
      this.#at = 0;
    }
  }

  /** The value that begins here, behind which the walker then is. */
  async value(): Promise<JsonRecord> {
    for (;;) {
      const { bytes, ended, offset } = this.#window;
      let end: number;
      try {
        end = endOfValue(bytes, this.#at, ended);
      } catch (error) {
        throw error instanceof JsonFault ? this.#window.fault(error.at, error.message) : error;
      }
      if (end !== INCOMPLETE) {
        const record = { bytes: bytes.subarray(this.#at, end), offset: offset + this.#at, line: undefined };
        this.#at = end;
        return record;
      }
      if (!(await this.#window.more(this.#at))) throw this.fault('the text ends within a value');
      this.#at = 0;
    }
  }

  async *elements(
    path: readonly Step[],
    depth: number,
    onUnknown: (name: string, value: JsonRecord) => void,
  ): AsyncGenerator<JsonRecord, void, undefined> {
    const step = path[depth];
    if (step === undefined) {
      yield await this.value();
      return;
    }
    const isObject = typeof step === 'string' || step === EACH_VALUE;
    if (!(await this.#take(isObject ? '{' : '['))) throw this.fault(`expected ${isObject ? 'an object' : 'an array'}`);
    const closing = isObject ? '}' : ']';
    if (await this.#take(closing)) return;
    let found = false;
    const ids = new Set<string>();
    for (;;) {
      const name = isObject ? await this.#name() : '';
      if (step === EACH_VALUE) {
        if (ids.has(name)) throw this.fault(`the field ${JSON.stringify(name)} comes twice`);
        ids.add(name);
      }
      if (typeof step !== 'string') {
        for await (const record of this.elements(path, depth + 1, onUnknown))
          yield isObject ? { ...record, key: name } : record;
      } else if (name === step) {
        if (found) throw this.fault(`the field ${JSON.stringify(step)} comes twice`);
        found = true;
        yield* this.elements(path, depth + 1, onUnknown);
      } else onUnknown(name, await this.value());
      if (await this.#take(closing)) return;
      if (!(await this.#take(','))) throw this.fault(`expected ',' or '${closing}'`);
    }
  }

  async #name(): Promise<string> {
    if (!(await this.skipBlanks()) || this.#window.bytes[this.#at] !== QUOTE)
      throw this.fault('expected the name of a field in quotes');
    const { bytes } = await this.value();
    const name = nameOfField(bytes.subarray(1, -1));
    if (!(await this.#take(':'))) throw this.fault("expected ':' behind the name of a field");
    return name;
  }

  /** Goes over the character if it is the next. */
  async #take(character: string): Promise<boolean> {
    if (!(await this.skipBlanks()) || this.#window.bytes[this.#at] !== character.charCodeAt(0)) return false;
    this.#at += 1;
    // A value begins behind the first three of these.
    if (character !== '}' && character !== ']') await this.skipBlanks();
    return true;
  }
}

/** A name as it stands between its quotes. */
export function nameOfField(bytes: Uint8Array): string {
  const text = decodeCell(bytes);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

/**
 * The text with brackets added that close what is open at its end, without the value that is cut there: a document of which only the beginning is
 * there.
 */
export function closeDocument(bytes: Uint8Array): string {
  const open: { closing: string /** Behind the last whole member. */; end: number }[] = [];
  let at = skipBlanks(bytes, 0);
  let whole = at;
  for (;;) {
    at = skipBlanks(bytes, at);
    const byte = bytes[at];
    if (byte === undefined) break;
    const container = byte === 0x7b ? '}' : byte === 0x5b ? ']' : undefined;
    const end = endOfValue(bytes, at, false);
    if (end === INCOMPLETE && container !== undefined && open.length < 32) {
      open.push({ closing: container, end: at + 1 });
      whole = at + 1;
      at = afterName(bytes, at + 1, container);
      if (at < 0) break;
      continue;
    }
    if (end === INCOMPLETE) break;
    const top = open.at(-1);
    if (!top) return decodeCell(bytes.subarray(at, end));
    top.end = end;
    whole = end;
    at = skipBlanks(bytes, end);
    if (bytes[at] !== COMMA) break;
    at = afterName(bytes, at + 1, top.closing);
    if (at < 0) break;
  }
  return (
    decodeCell(bytes.subarray(0, whole)) +
    open
      .map(({ closing }) => closing)
      .reverse()
      .join('')
  );
}

/** The index of the value of the member that begins behind `start`, or -1 where it is not there. */
function afterName(bytes: Uint8Array, start: number, closing: string): number {
  const at = skipBlanks(bytes, start);
  if (closing === ']') return at < bytes.length ? at : -1;
  if (bytes[at] !== QUOTE) return -1;
  const end = endOfValue(bytes, at, false);
  const colon = end < 0 ? bytes.length : skipBlanks(bytes, end);
  if (bytes[colon] !== COLON) return -1;
  const value = skipBlanks(bytes, colon + 1);
  return value < bytes.length ? value : -1;
}
