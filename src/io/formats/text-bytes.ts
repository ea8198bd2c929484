// The bytes of a text as UTF-8, a piece at a time, whatever its encoding. The beginning is kept, so that a reader can examine it first.

import { type ErrorDetails, FormatError, MemoryError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { examining } from '../blocking.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { piecesOfSource } from '../bytes/source-pieces.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { piecesInTurns } from '../turns.js';

/** Limit for the length of a line, or of a record of a table. */
export const MAX_RECORD_BYTES: number = 64 * 2 ** 20;

/** Within a memory limit: parsing a record can take twenty times the memory of its text. */
const RECORD_FRACTION = 1 / 4;
const MIN_RECORD_BYTES = 2 ** 20;

/** Returns the limit for a record if decoded rows may take `memoryBudget`. */
function recordBytesFor(memoryBudget: number): number {
  return Math.min(MAX_RECORD_BYTES, Math.max(MIN_RECORD_BYTES, Math.floor(memoryBudget * RECORD_FRACTION)));
}

export interface TextPiece {
  /** Valid until the next piece is requested. */
  readonly bytes: Uint8Array;
  /** Position in the file; for UTF-16, in the text as UTF-8. */
  readonly offset: number;
}

export class TextBytes {
  /** The first bytes, without a byte order mark; valid until the head is extended, or the second piece is requested. */
  head: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** True if the head is the entire text. */
  whole = false;
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;

  private constructor(
    private readonly name: string,
    /** Size of the file. */
    private readonly size: number,
    /** Position of the head in the file. */
    readonly offset: number,
    /** True if offsets are positions in the file, which those of UTF-16 are not. */
    readonly exact: boolean,
    /** Limit for the length of a record. */
    readonly maxRecordBytes: number,
    pieces: AsyncGenerator<Uint8Array, void, undefined>,
  ) {
    this.#pieces = pieces;
  }

  /**
   * Opens the text, with at least its first piece as the head. Records are shorter if decoded rows may take only `memoryBudget`. Throws
   * FormatError for UTF-16 without a byte order mark.
   */
  static async open(source: ByteSource, memoryBudget: number = Number.POSITIVE_INFINITY): Promise<TextBytes> {
    const [a, b, c] = await source.read(0, Math.min(3, source.size));
    const mark = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
    const offset = mark ? 2 : a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
    const raw = readPieces(source, offset);
    const pieces = mark ? asUtf8(raw, mark) : raw;
    const text = new TextBytes(source.name, source.size, offset, mark === undefined, recordBytesFor(memoryBudget), pieces);
    await text.extendHead();
    if (!mark) text.#checkNoZeros();
    return text;
  }

  /** Doubles the head, if there are enough bytes. */
  async extendHead(): Promise<void> {
    const wanted = Math.max(STREAM_BLOCK_BYTES, 2 * this.head.length);
    let { length } = this.head;
    let room = withRoom(this.head, Math.min(wanted, this.size));
    while (length < wanted && !this.whole) {
      const { value, done } = await this.#pieces.next();
      if (done) this.whole = true;
      else {
        // In UTF-8, a text may be longer than its file.
        if (length + value.length > room.length) room = withRoom(room, length + value.length);
        room.set(value, length);
        length += value.length;
      }
    }
    this.head = room.subarray(0, length);
  }

  /** Calls `work`, which examines the head. */
  examine<T>(work: () => T): T | Promise<T> {
    return examining(this.head.length, work);
  }

  /** Yields all pieces from the beginning; may be called once. A piece may end within a character. */
  async *pieces(): AsyncGenerator<TextPiece, void, undefined> {
    let { offset } = this;
    yield { bytes: this.head, offset };
    offset += this.head.length;
    freeBuffer(this.head.buffer);
    this.head = new Uint8Array(0);
    for await (const bytes of this.#pieces) {
      yield { bytes, offset };
      offset += bytes.length;
    }
  }

  /** Creates an error at byte `offset`, if positions are known. */
  error(offset: number, message: string, details?: ErrorDetails): FormatError {
    return new FormatError(this.name, this.exact ? offset : 'whole', message, details);
  }

  /** Creates the error for a record that is too long, as `message` says: a MemoryError if it would be read with more memory. */
  tooLong(offset: number, message: string): FormatError | MemoryError {
    if (this.maxRecordBytes === MAX_RECORD_BYTES) {
      return this.error(offset, message, { advice: 'write shorter records, or store the vectors in .npy or Parquet' });
    }
    const where = this.exact ? `${this.name}: byte ${offset}` : this.name;
    // What is left of the file is as long as the record or longer.
    const bytes = Math.ceil(Math.min(MAX_RECORD_BYTES, this.exact ? this.size - offset : MAX_RECORD_BYTES) / RECORD_FRACTION);
    return new MemoryError(bytes, `${where}: ${message}, all that the memory limit allows`, {
      advice: say`pass ${mention.option('memoryBudget', bytes)} or more, or write shorter records`,
    });
  }

  /** In UTF-16 text, every second byte is zero if the characters are digits. */
  #checkNoZeros(): void {
    const start = this.head.subarray(0, 512);
    const zeros = start.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
    if (zeros * 4 < start.length || zeros === 0) return;
    throw new FormatError(
      this.name,
      start.indexOf(0),
      'holds zero bytes, so it is not text, or UTF-16 without a byte order mark; expected UTF-8, Latin-1, or UTF-16 with its mark',
    );
  }
}

function readPieces(source: ByteSource, start: number): AsyncGenerator<Uint8Array, void, undefined> {
  return piecesInTurns(source, piecesOfSource(source, start, source.size - start, STREAM_BLOCK_BYTES));
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

/** The characters of Windows-1252 at the bytes 0x80 to 0x9f, where decoders of Latin-1 differ between engines. */
const WINDOWS_FROM = 0x80;
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Decodes the text of a cell. Bytes that are not UTF-8 are decoded as Latin-1, as Excel and R write on Windows. */
export function decodeCell(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return hasWindows(bytes) ? decodeWindows(bytes) : LATIN1.decode(bytes);
  }
}

function isWindows(byte: number): boolean {
  return (byte & 0xe0) === WINDOWS_FROM;
}

function hasWindows(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (isWindows(bytes[at] as number)) return true;
  return false;
}

/** Units decoded at once: more would overflow the stack. */
const WINDOWS_PIECE = 2 ** 12;

function decodeWindows(bytes: Uint8Array): string {
  const units = new Uint16Array(Math.min(WINDOWS_PIECE, bytes.length));
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += WINDOWS_PIECE) {
    const count = Math.min(WINDOWS_PIECE, bytes.length - from);
    for (let i = 0; i < count; i++) {
      const byte = bytes[from + i] as number;
      units[i] = isWindows(byte) ? WINDOWS.charCodeAt(byte - WINDOWS_FROM) : byte;
    }
    parts.push(String.fromCharCode(...units.subarray(0, count)));
  }
  return parts.join('');
}

/** Returns lines without their line ends. Each line that is not UTF-8 is decoded as Latin-1, like cells. */
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

/** Returns the lines of a whole text: UTF-8 or UTF-16 with a byte order mark, or what `decodeLines` accepts. */
export function decodeWholeText(bytes: Uint8Array): string[] {
  const [a, b, c] = bytes;
  const mark = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
  if (mark) return new TextDecoder(mark).decode(bytes).split(/\r?\n/);
  return decodeLines(a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes);
}

/** Moves `bytes` to a buffer with room for `length`. */
function withRoom(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes;
  const larger = new Uint8Array(length);
  larger.set(bytes);
  freeBuffer(bytes.buffer);
  return larger;
}

/** Joins byte arrays, without a copy if they are adjacent in memory. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const adjacent = joinAdjacent(parts.filter(({ length }) => length > 0));
  if (adjacent) return adjacent;
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function joinAdjacent(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const start = first.byteOffset;
  let end = start;
  for (const { buffer, byteOffset, length } of parts) {
    if (buffer !== first.buffer || byteOffset !== end) return undefined;
    end += length;
  }
  return new Uint8Array(first.buffer, start, end - start);
}
