// Finds the records of a text table as pieces of the file arrive. A record is a line, except that quoted cells may contain line ends,
// separators and doubled quotes. All usual line ends are accepted. https://www.rfc-editor.org/rfc/rfc4180

import { BLANK, NEWLINE, QUOTE, RETURN, type Separator, TAB } from './csv-cells.js';
import { joinBytes, MAX_RECORD_BYTES } from './text-bytes.js';

/** Limit for the cells of a record, because each costs tens of bytes however short it is. Wider rows can be JSON arrays. */
export const MAX_CELLS: number = 2 ** 20;

/** Limit for columns: rows have at most 2^16 elements, and few other columns accompany them. */
export const MAX_COLUMNS: number = 2 ** 16 + 2 ** 10;

/** Outside quotes; inside quotes; or after a quote that either closes or is the first of two. */
const PLAIN = 0;
const QUOTED = 1;
const QUOTE_SEEN = 2;

/** An invalid record, and the column in which it is invalid, if it is in one. */
export class RecordFault extends Error {
  constructor(
    message: string,
    readonly column?: string,
  ) {
    super(message);
  }
}

/** A record that is longer than `maxBytes`. */
export class LongRecord extends RecordFault {
  constructor(maxBytes: number) {
    super(`longer than ${maxBytes} bytes`);
  }
}

/** Called for each record that is not a blank line: `bytes` from `start` to `end`, valid during the call. */
export type OnRecord = (bytes: Uint8Array, start: number, end: number) => void;

export class RecordScanner {
  /** Position of the record in the file. */
  offset = 0;
  /** The line on which the record begins, counted from 1. */
  line = 1;
  /** Number of blank lines before the record or the end of the file. */
  blankLines = 0;
  #state: typeof PLAIN | typeof QUOTED | typeof QUOTE_SEEN = PLAIN;
  /** True if the record has a quoted cell. */
  #quoted = false;
  #lastByte = 0;
  /** Parts of the record from earlier pieces, joined only once. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  constructor(
    private readonly separator: Separator,
    private readonly onRecord: OnRecord,
    private readonly maxRecordBytes: number = MAX_RECORD_BYTES,
  ) {}

  /** How many bytes of the record have been processed. */
  get partBytes(): number {
    return this.#partBytes;
  }

  /** Processes the next piece of the file, which begins at byte `offset`. Throws RecordFault, and what `onRecord` throws. */
  take(bytes: Uint8Array, offset: number): void {
    const { length } = bytes;
    const quotes = this.separator !== BLANK;
    if (this.#partBytes === 0) this.offset = offset;
    let from = 0;
    let at = 0;
    // Next position of each character. It is searched again only when it has been passed, so each byte is examined at most once per
    // character.
    let newline = -1;
    let carriageReturn = -1;
    let quote = quotes ? -1 : length;
    const next = (byte: number): number => {
      const found = bytes.indexOf(byte, at);
      return found < 0 ? length : found;
    };
    while (at < length) {
      if (this.#state === QUOTED) {
        at = next(QUOTE) + 1;
        if (at <= length) this.#state = QUOTE_SEEN;
        continue;
      }
      if (this.#state === QUOTE_SEEN) {
        const byte = bytes[at] as number;
        if (byte === QUOTE) {
          this.#state = QUOTED;
          at += 1;
          continue;
        }
        if (byte !== this.separator && byte !== NEWLINE && byte !== RETURN)
          this.#fail('a cell continues after its closing quote');
        this.#state = PLAIN;
      }
      if (newline < at) newline = next(NEWLINE);
      if (carriageReturn < at) carriageReturn = next(RETURN);
      if (quote < at) quote = next(QUOTE);
      const lineEnd = Math.min(newline, carriageReturn);
      if (quote < lineEnd) {
        // A quote that does not begin a cell is an ordinary character.
        const first = quote === from && this.#partBytes === 0;
        if (first || (quote > 0 ? bytes[quote - 1] : this.#lastByte) === this.separator) {
          this.#state = QUOTED;
          this.#quoted = true;
        }
        at = quote + 1;
        continue;
      }
      if (lineEnd >= length) break;
      const afterReturn = bytes[lineEnd] === NEWLINE && (lineEnd > 0 ? bytes[lineEnd - 1] : this.#lastByte) === RETURN;
      // A line feed after a carriage return does not end another line.
      if (!afterReturn || lineEnd > from || this.#partBytes > 0) this.#finish(bytes, from, lineEnd);
      if (!afterReturn) this.line += 1;
      at = lineEnd + 1;
      from = at;
      this.offset = offset + from;
    }
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    if (from >= length) return;
    this.#parts.push(bytes.subarray(from));
    this.#partBytes += length - from;
    if (this.#partBytes > this.maxRecordBytes) throw new LongRecord(this.maxRecordBytes);
  }

  /** Copies what is needed of the last piece, before its bytes change. */
  copyRest(): void {
    const rest = this.#parts.pop();
    if (rest) this.#parts.push(rest.slice());
  }

  /** Marks the end of the file. */
  end(): void {
    if (this.#state === QUOTED) this.#fail('a quote is never closed');
    // There is no line after the last line end.
    if (this.#partBytes > 0) this.#finish(new Uint8Array(0), 0, 0);
  }

  /** Delivers the record, whose remaining bytes are those from `from` to `to`. */
  #finish(bytes: Uint8Array, from: number, to: number): void {
    let [record, start, end] = [bytes, from, to];
    if (this.#parts.length > 0) {
      record = joinBytes([...this.#parts, bytes.subarray(from, to)]);
      [start, end] = [0, record.length];
    }
    const quoted = this.#quoted;
    this.#parts = [];
    this.#partBytes = 0;
    this.#state = PLAIN;
    this.#quoted = false;
    if (this.#isBlank(record, start, end)) {
      this.blankLines += 1;
      return;
    }
    this.onRecord(record, start, end);
    this.blankLines = 0;
    if (quoted) this.line += countLineEnds(record, start, end);
  }

  #isBlank(bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte !== BLANK && (byte !== TAB || this.separator === TAB)) return false;
    }
    return true;
  }

  #fail(fault: string): never {
    throw new RecordFault(fault);
  }
}

function countLineEnds(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === RETURN || (bytes[at] === NEWLINE && bytes[at - 1] !== RETURN)) count += 1;
  }
  return count;
}
