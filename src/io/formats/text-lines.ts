// Reads a text one line at a time.

import { DECIMAL } from '../columns/vector-text.js';
import { decodeLines, joinBytes, type TextBytes, type TextPiece } from './text-bytes.js';

interface TextLine {
  readonly line: string;
  readonly number: number;
  readonly read: number;
}

/**
 * Yields lines without their line ends; the first has number 1. `read` is the approximate position of their end in the file. Throws
 * FormatError or MemoryError for a line that is too long.
 */
export async function* linesOf(text: TextBytes): AsyncGenerator<TextLine, void, undefined> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let number = 0;
  let position = 0;
  for await (const { bytes, offset } of shortPieces(text)) {
    const end = bytes.lastIndexOf(NEWLINE);
    if (end >= 0) {
      const lines = decodeLines(joinBytes([...rest, bytes.subarray(0, end)]));
      const lineBytes = (offset + end - position) / lines.length;
      for (const line of lines) {
        position += lineBytes;
        yield { line, number: ++number, read: position };
      }
      rest = [];
      restBytes = 0;
    }
    rest.push(bytes.slice(end + 1));
    restBytes += bytes.length - end - 1;
    if (restBytes > text.maxRecordBytes) {
      throw text.tooLong(offset + bytes.length - restBytes, `line ${number + 1} is longer than ${text.maxRecordBytes} bytes`);
    }
  }
  if (restBytes > 0) for (const line of decodeLines(joinBytes(rest))) yield { line, number: ++number, read: position };
}

/** Lines of this many bytes are decoded at once: few enough that they are garbage before the engine takes them for long-lived. */
const DECODED_BYTES = 2 ** 16;

async function* shortPieces(text: TextBytes): AsyncGenerator<TextPiece, void, undefined> {
  for await (const { bytes, offset } of text.pieces()) {
    for (let from = 0; from < bytes.length; from += DECODED_BYTES) {
      yield { bytes: bytes.subarray(from, from + DECODED_BYTES), offset: offset + from };
    }
  }
}

const NEWLINE = 0x0a;

/** Parses a decimal number as text files contain it, or returns NaN. */
export function numberOf(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
