// The bytes of a text as UTF-8, a piece at a time, whatever its encoding. Its beginning is kept, so that a reader can look at it first.

import { type ErrorDetails, FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { takeTurn } from '../turns.js';

/** The longest line, or record of a table, that is read. */
export const MAX_RECORD_BYTES: number = 64 * 2 ** 20;

export interface TextPiece {
  readonly bytes: Uint8Array;
  /** Where they lie in the file; of UTF-16 in the text as UTF-8. */
  readonly offset: number;
}

export class TextBytes {
  /** The first bytes, without a byte order mark. */
  head: Uint8Array = new Uint8Array(0);
  /** Whether the head is all there is. */
  whole = false;
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;

  private constructor(
    private readonly name: string,
    /** The byte of the file where the head begins. */
    readonly offset: number,
    /** Whether offsets are bytes of the file: those of UTF-16 are not. */
    readonly exact: boolean,
    pieces: AsyncGenerator<Uint8Array, void, undefined>,
  ) {
    this.#pieces = pieces;
  }

  /** Opens the text, with at least its first piece as head. Throws FormatError where it is UTF-16 without a byte order mark. */
  static async open(source: ByteSource): Promise<TextBytes> {
    const [a, b, c] = await source.read(0, Math.min(3, source.size));
    const mark = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
    const offset = mark ? 2 : a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
    const raw = readPieces(source, offset);
    const text = new TextBytes(source.name, offset, mark === undefined, mark ? asUtf8(raw, mark) : raw);
    await text.extendHead();
    if (!mark) text.#checkNoZeros();
    return text;
  }

  /** Doubles the head, as far as there are bytes. */
  async extendHead(): Promise<void> {
    const parts = [this.head];
    const wanted = Math.max(STREAM_BLOCK_BYTES, 2 * this.head.length);
    for (let length = this.head.length; length < wanted && !this.whole; ) {
      const { value, done } = await this.#pieces.next();
      if (done) this.whole = true;
      else {
        parts.push(value);
        length += value.length;
      }
    }
    this.head = joinBytes(parts);
  }

  /** All pieces from the beginning on; may be called once. A piece may end within a character. */
  async *pieces(): AsyncGenerator<TextPiece, void, undefined> {
    let { offset } = this;
    yield { bytes: this.head, offset };
    offset += this.head.length;
    this.head = new Uint8Array(0);
    for await (const bytes of this.#pieces) {
      yield { bytes, offset };
      offset += bytes.length;
    }
  }

  /** An error at byte `offset`, as far as that is known. */
  error(offset: number, message: string, details?: ErrorDetails): FormatError {
    return new FormatError(this.name, this.exact ? offset : 'whole', message, details);
  }

  /** Every second byte of UTF-16 text is zero, where its characters are digits. */
  #checkNoZeros(): void {
    const start = this.head.subarray(0, 512);
    const zeros = start.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
    if (zeros * 4 < start.length || zeros === 0) return;
    throw new FormatError(
      this.name,
      start.indexOf(0),
      'holds zero bytes, as UTF-16 without a byte order mark or no text does; expected UTF-8, Latin-1, or UTF-16 with its mark',
    );
  }
}

/** The next piece is read while one is used. */
async function* readPieces(source: ByteSource, start: number): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (offset: number) => {
    const piece = source.read(offset, Math.min(STREAM_BLOCK_BYTES, source.size - offset));
    // A reader that stops early asks for it no more.
    piece.catch(() => {});
    return piece;
  };
  let next = read(start);
  for (let offset = start; offset < source.size; ) {
    const piece = await next;
    await takeTurn(source, piece.length);
    offset += piece.length;
    if (offset < source.size) next = read(offset);
    yield piece;
  }
}

async function* asUtf8(
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(decoder.decode(piece, { stream: true }));
  const rest = decoder.decode();
  if (rest !== '') yield encoder.encode(rest);
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const LATIN1 = new TextDecoder('windows-1252');

/** What Windows has at the bytes 0x80 to 0x9f; what decoders call Latin-1 differs there between engines. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** The text of a cell. What is no UTF-8 is read as Latin-1, as Excel and R on Windows write it. */
export function decodeCell(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    const text = LATIN1.decode(bytes);
    return text.replace(/[\x80-\x9f]/g, (character) => WINDOWS[character.charCodeAt(0) - 0x80] as string);
  }
}

/** Lines without what ends them. Those that are no UTF-8 are read as Latin-1, each by itself, as cells are. */
export function decodeLines(bytes: Uint8Array): string[] {
  let lines: string[];
  try {
    lines = UTF8.decode(bytes).split('\n');
  } catch {
    lines = [];
    for (let at = 0; at <= bytes.length; ) {
      const found = bytes.indexOf(0x0a, at);
      const end = found < 0 ? bytes.length : found;
      lines.push(decodeCell(bytes.subarray(at, end)));
      at = end + 1;
    }
  }
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** The lines of a whole text: UTF-8 or UTF-16 by its byte order mark, or what `decodeLines` reads. */
export function decodeWholeText(bytes: Uint8Array): string[] {
  const [a, b, c] = bytes;
  const mark = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
  if (mark) return new TextDecoder(mark).decode(bytes).split(/\r?\n/);
  return decodeLines(a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes);
}

/** Bytes one after another. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
