// Reads a text one line at a time.

import { DECIMAL } from '../columns/vector-text.js';
import { decodeLines, joinBytes, type TextBytes } from './text-bytes.js';

/** Yields lines without their line ends; the first has number 1. Throws FormatError or MemoryError for a line that is too long. */
export async function* linesOf(text: TextBytes): AsyncGenerator<{ line: string; number: number }, void, undefined> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let number = 0;
  for await (const { bytes, offset } of text.pieces()) {
    const end = bytes.lastIndexOf(NEWLINE);
    if (end >= 0) {
      for (const line of decodeLines(joinBytes([...rest, bytes.subarray(0, end)]))) yield { line, number: ++number };
      rest = [];
      restBytes = 0;
    }
    rest.push(bytes.slice(end + 1));
    restBytes += bytes.length - end - 1;
    if (restBytes > text.maxRecordBytes) {
      throw text.tooLong(offset + bytes.length - restBytes, `line ${number + 1} is longer than ${text.maxRecordBytes} bytes`);
    }
  }
  if (restBytes > 0) for (const line of decodeLines(joinBytes(rest))) yield { line, number: ++number };
}

const NEWLINE = 0x0a;

/** Parses a decimal number as text files contain it, or returns NaN. */
export function numberOf(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
