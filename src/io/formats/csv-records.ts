// The records of a table as text, found byte by byte as the pieces of the file come, and split into cells once they are whole.
// Cells may be quoted, and then hold delimiters, ends of lines and, doubled, quotes. Lines end in any of the usual ways.
// https://www.rfc-editor.org/rfc/rfc4180

import { decodeText, joinBytes, MOST_LINE_BYTES } from './jsonl.js';

/** Each cell costs tens of bytes, however short it is; wider rows fit as JSON arrays. */
const MOST_CELLS = 2 ** 20;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** What a byte is met with: at the start of a cell, in a plain or a quoted one, or after a quote in a quoted one. */
const START = 0;
const PLAIN = 1;
const QUOTED = 2;
const QUOTE_SEEN = 3;

/** What is wrong with a record. */
export class RecordFault extends Error {}

/** Gets each record that is not an empty line, with the line on which it ends; lines count from 1. */
export type OnRecord = (cells: readonly string[], line: number) => void;

export class RecordScanner {
  /** The byte of the file where the record begins that is being read. */
  start = 0;
  #line = 1;
  #startLine = 1;
  #state = START;
  #last = 0;
  #cells = 1;
  /** Whether a cell of the record is quoted. */
  #quoted = false;
  /** Of the record, from pieces that came before. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  /** Cells are separated by `delimiter`, a comma or a tab. */
  constructor(
    private readonly delimiter: ',' | '\t',
    private readonly onRecord: OnRecord,
  ) {}

  /** Takes the next piece of the file, which begins at byte `offset`. Throws RecordFault, and what `onRecord` throws. */
  take(bytes: Uint8Array, offset: number): void {
    if (this.#partBytes === 0) this.start = offset;
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      // Most bytes: beyond all that mean something.
      if (byte > COMMA && this.#state === PLAIN) continue;
      const before = i > 0 ? (bytes[i - 1] as number) : this.#last;
      if (!this.#endsRecord(byte, before)) continue;
      this.#finish(bytes.subarray(from, i));
      from = i + 1;
      this.start = offset + from;
      if (byte === RETURN || before !== RETURN) this.#line += 1;
      this.#startLine = this.#line;
    }
    this.#last = bytes.at(-1) ?? this.#last;
    if (from === bytes.length) return;
    this.#parts.push(bytes.subarray(from));
    this.#partBytes += bytes.length - from;
    if (this.#partBytes > MOST_LINE_BYTES) this.#fail(`longer than ${MOST_LINE_BYTES} bytes`);
  }

  /** The file ends here. */
  end(): void {
    if (this.#state === QUOTED) this.#fail('a quote is never closed', this.#startLine);
    this.#finish(new Uint8Array(0));
  }

  /** Whether `byte`, which comes after the byte `before`, ends the record; else goes on with it. */
  #endsRecord(byte: number, before: number): boolean {
    const endsLine = byte === NEWLINE || byte === RETURN;
    if (this.#state === QUOTED) {
      if (byte === QUOTE) this.#state = QUOTE_SEEN;
      else if (byte === RETURN || (endsLine && before !== RETURN)) this.#line += 1;
      return false;
    }
    if (endsLine) return true;
    if (byte === this.delimiter.charCodeAt(0)) {
      this.#state = START;
      if (++this.#cells > MOST_CELLS) this.#fail(`more than ${MOST_CELLS} cells`);
    } else if (byte === QUOTE) {
      if (this.#state === PLAIN) this.#fail('a quote inside a cell that does not begin with one');
      this.#state = QUOTED;
      this.#quoted = true;
    } else {
      if (this.#state === QUOTE_SEEN) this.#fail('a cell goes on after its closing quote');
      this.#state = PLAIN;
    }
    return false;
  }

  /** Hands on the record, of which `last` is the rest. */
  #finish(last: Uint8Array): void {
    const bytes = this.#parts.length === 0 ? last : joinBytes([...this.#parts, last]);
    const quoted = this.#quoted;
    this.#parts = [];
    this.#partBytes = 0;
    this.#state = START;
    this.#cells = 1;
    this.#quoted = false;
    if (bytes.length === 0) return;
    const text = decodeText(bytes);
    this.onRecord(quoted ? splitQuoted(text, this.delimiter) : text.split(this.delimiter), this.#line);
  }

  #fail(fault: string, line = this.#line): never {
    throw new RecordFault(`line ${line}: ${fault}`);
  }
}

/** The cells of a record whose quotes are in order. */
function splitQuoted(text: string, delimiter: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    const quoted = text[at] === '"';
    const end = quoted ? endOfQuoted(text, at) : text.indexOf(delimiter, at);
    const cell = text.slice(at, end < 0 ? text.length : end);
    cells.push(quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    at += cell.length;
  }
  return cells;
}

/** The index after the quote that closes the one at `start`. */
function endOfQuoted(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
  return end + 1;
}
