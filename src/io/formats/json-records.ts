// The records of a JSON file, one after another as bytes: the values on its lines, or the elements of an array in a document. Only one
// record and one piece of the file are held.

import { examining } from '../blocking.js';
import { findByte } from './find-byte-node.js';
import { EACH_VALUE, type Step } from './json-columns.js';
import { endOfValue, INCOMPLETE, JsonFault, skipBlanks } from './json-scan.js';
import { decodeCell, joinBytes, type TextBytes } from './text-bytes.js';

/** A value, its position in the file, and its line if records are lines. */
export interface JsonRecord {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly line: number | undefined;
  /** The key of a value in an object. */
  readonly key?: string;
}

const NEWLINE = 0x0a;

/** Yields the lines that are not blank, each with one value. */
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
    parts.push(bytes.slice(start));
    partBytes += bytes.length - start;
    if (partBytes > text.maxRecordBytes) {
      throw text.tooLong(at - partBytes, `line ${line + 1} is longer than ${text.maxRecordBytes} bytes`);
    }
  }
  const record = take(at, new Uint8Array(0));
  if (record) yield record;
}

/** A window of bytes that can be extended; they are valid until then. */
class Window {
  bytes: Uint8Array = new Uint8Array(0);
  /** What remains of one piece and the next ones are joined here, again and again. */
  #room = new Uint8Array(0);
  /** Position of the window in the file. */
  offset = 0;
  ended = false;
  readonly #pieces: AsyncGenerator<{ readonly bytes: Uint8Array; readonly offset: number }, void, undefined>;

  constructor(private readonly text: TextBytes) {
    this.#pieces = text.pieces();
  }

  /** Drops the bytes before `from` and reads at least as many again as remain. Returns false at the end of the file. */
  async more(from: number): Promise<boolean> {
    if (this.ended) return false;
    const rest = this.bytes.subarray(from);
    const { maxRecordBytes } = this.text;
    if (rest.length > maxRecordBytes)
      throw this.text.tooLong(this.offset + from, `a value is longer than ${maxRecordBytes} bytes`);
    let { length } = rest;
    this.offset += from;
    this.bytes = this.#withRoom(rest, 0, rest);
    while (length <= 2 * rest.length) {
      const { value, done } = await this.#pieces.next();
      if (done) {
        this.ended = true;
        break;
      }
      if (length === 0) {
        this.bytes = value.bytes;
        this.offset = value.offset;
      } else this.bytes = this.#withRoom(this.bytes, length, value.bytes);
      length += value.bytes.length;
    }
    return length > rest.length;
  }

  /** Moves the first `length` bytes of `before` to the beginning of the room, and adds `bytes` after them. */
  #withRoom(before: Uint8Array, length: number, bytes: Uint8Array): Uint8Array {
    const end = length + bytes.length;
    if (this.#room.length < end) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#room.length));
      larger.set(before.subarray(0, length));
      this.#room = larger;
    } else if (before.buffer !== this.#room.buffer) this.#room.set(before.subarray(0, length));
    this.#room.set(bytes, length);
    return this.#room.subarray(0, end);
  }

  fault(at: number, message: string): Error {
    return this.text.error(this.offset + at, message);
  }
}

/** Yields consecutive values of a text, which may span lines. */
export async function* valuesOf(text: TextBytes): AsyncGenerator<JsonRecord, void, undefined> {
  const walker = new Walker(text);
  while (await walker.skipBlanks()) yield await walker.value();
}

/** Receives the fields of a document that do not lead to its records. */
export type OnUnknown = (name: string, value: JsonRecord) => void | Promise<void>;

/**
 * Yields the elements of the array, or the values of the object, at `path` in a text that is one document; the last step of `path` stands
 * for each of them.
 */
export async function* elementsOf(
  text: TextBytes,
  path: readonly Step[],
  onUnknown: OnUnknown,
): AsyncGenerator<JsonRecord, void, undefined> {
  const walker = new Walker(text);
  yield* walker.elements(path, 0, onUnknown);
  if (await walker.skipBlanks()) throw walker.fault('expected the end of the document, got more text');
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Walks forward through a text. */
class Walker {
  readonly #window: Window;
  #at = 0;

  readonly #text: TextBytes;

  constructor(text: TextBytes) {
    this.#text = text;
    this.#window = new Window(text);
  }

  fault(message: string): Error {
    return this.#window.fault(this.#at, message);
  }

  /** Moves to the next byte that is not white space; returns false at the end. */
  async skipBlanks(): Promise<boolean> {
    for (;;) {
      this.#at = skipBlanks(this.#window.bytes, this.#at);
      if (this.#at < this.#window.bytes.length) return true;
      if (!(await this.#window.more(this.#at))) return false;
      this.#at = 0;
    }
  }

  /** Returns the value that begins here, and moves to its end. */
  async value(): Promise<JsonRecord> {
    for (;;) {
      const { bytes, ended, offset } = this.#window;
      let end: number;
      try {
        end = await examining(bytes.length - this.#at, () => endOfValue(bytes, this.#at, ended));
      } catch (error) {
        throw error instanceof JsonFault ? this.#window.fault(error.at, error.message) : error;
      }
      const { maxRecordBytes } = this.#text;
      if (end - this.#at > maxRecordBytes)
        throw this.#text.tooLong(offset + this.#at, `a value is longer than ${maxRecordBytes} bytes`);
      if (end !== INCOMPLETE) {
        const record = { bytes: bytes.subarray(this.#at, end), offset: offset + this.#at, line: undefined };
        this.#at = end;
        return record;
      }
      if (!(await this.#window.more(this.#at))) throw this.fault('the text ends within a value');
      this.#at = 0;
    }
  }

  async *elements(path: readonly Step[], depth: number, onUnknown: OnUnknown): AsyncGenerator<JsonRecord, void, undefined> {
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
        if (ids.has(name)) throw this.fault(`the field ${JSON.stringify(name)} occurs twice`);
        ids.add(name);
      }
      if (typeof step !== 'string') {
        for await (const record of this.elements(path, depth + 1, onUnknown))
          yield isObject ? { ...record, key: name } : record;
      } else if (name === step) {
        if (found) throw this.fault(`the field ${JSON.stringify(step)} occurs twice`);
        found = true;
        yield* this.elements(path, depth + 1, onUnknown);
      } else await onUnknown(name, await this.value());
      if (await this.#take(closing)) return;
      if (!(await this.#take(','))) throw this.fault(`expected ',' or '${closing}'`);
    }
  }

  async #name(): Promise<string> {
    if (!(await this.skipBlanks()) || this.#window.bytes[this.#at] !== QUOTE)
      throw this.fault('expected the name of a field in quotes');
    const { bytes } = await this.value();
    const name = nameOfField(bytes.subarray(1, -1));
    if (!(await this.#take(':'))) throw this.fault("expected ':' after the name of a field");
    return name;
  }

  /** Consumes the character if it comes next. */
  async #take(character: string): Promise<boolean> {
    if (!(await this.skipBlanks()) || this.#window.bytes[this.#at] !== character.charCodeAt(0)) return false;
    this.#at += 1;
    // A value follows each of the first three of these.
    if (character !== '}' && character !== ']') await this.skipBlanks();
    return true;
  }
}

/** Returns a name in the form in which it appears between quotes. */
export function nameOfField(bytes: Uint8Array): string {
  const text = decodeCell(bytes);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

/** The beginning of a document, with its open brackets closed and without the value that is cut off. */
export interface ClosedDocument {
  readonly text: string;
  /** True if an array of numbers, or one whose elements are unknown, was cut off. */
  readonly cut: boolean;
}

/** Returns the beginning of a document. With `wholeVectors`, an array of numbers that is cut off is left out: its length is unknown. */
export function closeDocument(bytes: Uint8Array, wholeVectors: boolean): ClosedDocument {
  const open: OpenValue[] = [];
  let at = skipBlanks(bytes, 0);
  let whole = at;
  for (;;) {
    at = skipBlanks(bytes, at);
    const byte = bytes[at];
    if (byte === undefined) break;
    const container = byte === 0x7b ? '}' : byte === 0x5b ? ']' : undefined;
    const end = endOfValue(bytes, at, false);
    if (end === INCOMPLETE && container !== undefined && open.length < 32) {
      const parent = open.at(-1);
      if (parent) parent.numbers = false;
      open.push({ closing: container, end: at + 1, numbers: container === ']' });
      whole = at + 1;
      at = afterName(bytes, at + 1, container);
      if (at < 0) break;
      continue;
    }
    if (end === INCOMPLETE) break;
    const top = open.at(-1);
    if (!top) return { text: decodeCell(bytes.subarray(at, end)), cut: false };
    top.numbers &&= byte !== QUOTE && container === undefined;
    top.end = end;
    whole = end;
    at = skipBlanks(bytes, end);
    if (bytes[at] !== COMMA) break;
    at = afterName(bytes, at + 1, top.closing);
    if (at < 0) break;
  }
  const cut = open.at(-1)?.numbers === true;
  if (cut && wholeVectors) {
    const { length } = open;
    if (length === 1) return { text: '[]', cut };
    open.pop();
    whole = open[length - 2]?.end ?? whole;
  }
  const brackets = open.map(({ closing }) => closing).reverse();
  return { text: decodeCell(bytes.subarray(0, whole)) + brackets.join(''), cut };
}

/** An object or array whose end is not in the beginning of a document. */
interface OpenValue {
  readonly closing: string;
  /** Position after the last complete member. */
  end: number;
  /** True if it is an array, and no member is a text, an array or an object. */
  numbers: boolean;
}

/** Returns the index of the value of the member that begins after `start`, or -1 if it is incomplete. */
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
