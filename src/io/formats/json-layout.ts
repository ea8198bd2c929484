// Detects how a JSON file stores its records (one value per line, values over several lines, or one document) and takes a sample of them.

import { SAMPLE_ROWS } from '../columns/column.js';
import { closeDocument } from './json-records.js';
import { endOfValue, INCOMPLETE, JsonFault, skipBlanks } from './json-scan.js';
import { parseJson } from './json-text.js';
import { decodeCell, type TextBytes } from './text-bytes.js';

export type JsonLayout =
  /** Separate values, on lines of their own or not; `sample` contains the first ones, parsed. */
  | { readonly kind: 'lines' | 'values'; readonly sample: readonly unknown[] }
  /** One value, or its beginning if it is not `whole`. */
  | { readonly kind: 'document'; readonly document: unknown; readonly whole: boolean };

/** If the first value is longer, it is the only one. */
const MAX_FIRST_BYTES = 2 ** 24;

/**
 * Examines as much of the beginning of a text as needed, and parses at most `sampleBytes` of a document that is longer. Throws FormatError.
 */
export async function findLayout(text: TextBytes, sampleBytes: number = MAX_FIRST_BYTES): Promise<JsonLayout> {
  for (;;) {
    const { head, whole } = text;
    const start = skipBlanks(head, 0);
    if (start === head.length && (whole || head.length >= MAX_FIRST_BYTES)) {
      throw text.error(text.offset + start, whole ? 'no rows' : 'expected JSON, got only blanks');
    }
    const end = endOf(text, start);
    if (end === INCOMPLETE && whole) throw text.error(text.offset + start, 'not valid JSON: the text ends within a value');
    const next = end === INCOMPLETE ? head.length : skipBlanks(head, end);
    if (end !== INCOMPLETE && next < head.length) {
      const lines = !head.subarray(start, end).includes(NEWLINE) && head.subarray(end, next).includes(NEWLINE);
      return { kind: lines ? 'lines' : 'values', sample: sampleOf(text, start, lines) };
    }
    if (whole)
      return { kind: 'document', document: await text.examine(() => parse(text, start, head.subarray(start, end))), whole };
    if (head.length >= MAX_FIRST_BYTES) {
      return { kind: 'document', document: await text.examine(() => beginningOf(text, sampleBytes)), whole };
    }
    await text.extendHead();
  }
}

/** Returns the first `bytes` of a document, or as many as are available, with its open brackets closed. */
export function beginningOf(text: TextBytes, bytes: number): unknown {
  const closed = closeDocument(text.head.subarray(0, bytes));
  return parseJson(closed, (fault) => {
    throw text.error(text.offset, fault);
  });
}

const NEWLINE = 0x0a;

function endOf(text: TextBytes, start: number): number {
  try {
    return endOfValue(text.head, start, text.whole);
  } catch (error) {
    throw error instanceof JsonFault ? text.error(text.offset + error.at, error.message) : error;
  }
}

/** Returns the first values. Damaged ones are left to the reader, which reports their position. */
function sampleOf(text: TextBytes, start: number, lines: boolean): unknown[] {
  const { head } = text;
  const sample: unknown[] = [];
  for (let at = start; at < head.length && sample.length < SAMPLE_ROWS; ) {
    let end: number;
    try {
      const newline = lines ? head.indexOf(NEWLINE, at) : INCOMPLETE;
      if (lines && newline < 0 && !text.whole) break;
      end = lines ? (newline < 0 ? head.length : newline) : endOfValue(head, at, text.whole);
    } catch {
      break;
    }
    if (end === INCOMPLETE) break;
    const first = sample.length === 0;
    const bytes = head.subarray(at, end);
    try {
      sample.push(parse(text, at, bytes));
    } catch (error) {
      if (first) throw error;
    }
    at = skipBlanks(head, end);
  }
  return sample;
}

function parse(text: TextBytes, at: number, bytes: Uint8Array): unknown {
  return parseJson(decodeCell(bytes), (fault) => {
    throw text.error(text.offset + at, fault);
  });
}
