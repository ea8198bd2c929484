// Lines of a text, one at a time.

import type { TextBytes } from './text-bytes.js';
import { MAX_RECORD_BYTES } from './text-bytes.js';

/** Lines without what ends them; the first has number 1. Throws FormatError for a line that is too long. */
export async function* linesOf(text: TextBytes): AsyncGenerator<{ line: string; number: number }, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  for await (const { bytes, offset } of text.pieces()) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() as string;
    if (rest.length > MAX_RECORD_BYTES) throw text.error(offset, `a line of more than ${MAX_RECORD_BYTES} bytes`);
    for (const line of lines) yield { line: line.endsWith('\r') ? line.slice(0, -1) : line, number: ++number };
  }
  rest += decoder.decode();
  if (rest !== '') yield { line: rest, number: ++number };
}

/** A decimal number as text files have it, or NaN. */
export function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
