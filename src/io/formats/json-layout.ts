// Detects how a JSON file stores its records (one value per line, values over several lines, or one document) and takes a sample of them.

import { SAMPLE_ROWS } from '../columns/column.js';
import { closeDocument } from './json-records.js';
import { endOfValue, INCOMPLETE, JsonFault, skipBlanks } from './json-scan.js';
import { parseJson } from './json-text.js';
import { decodeCell, type TextBytes } from './text-bytes.js';

export type JsonLayout =
  /** Separate values, on lines of their own or not; `sample` contains the first ones, parsed. */
  { readonly kind: 'lines' | 'values'; readonly sample: readonly unknown[] } | JsonDocument;

/** The only value of a text, or the beginning of the first one. */
export interface JsonDocument {
  readonly kind: 'document';
  readonly document: unknown;
  /** True if it is the whole text. */
  readonly whole: boolean;
  /** True if it ends within an array that may be a vector. */
  readonly cut: boolean;
}

/** If the first value is longer, it is taken for the only one until its records prove otherwise. */
const MAX_FIRST_BYTES = 2 ** 24;

/**
 * Examines as much of the beginning of a text as needed. If the first value is not complete in it, parses only its first `sampleBytes`
 * bytes, without the vector in which they end; without `sampleBytes`, parses everything. Throws FormatError or MemoryError.
 */
export async function findLayout(text: TextBytes, sampleBytes?: number): Promise<JsonLayout> {
  const mostBytes = Math.max(Math.min(MAX_FIRST_BYTES, 2 * text.maxRecordBytes), sampleBytes ?? 0);
  for (;;) {
    const { head, whole } = text;
    const start = skipBlanks(head, 0);
    if (start === head.length && (whole || head.length >= mostBytes)) {
      throw text.error(text.offset + start, whole ? 'no rows' : 'expected JSON, got only blanks');
    }
    const end = await text.examine(() => endOf(text, start));
    if (end === INCOMPLETE && whole) throw text.error(text.offset + start, 'not valid JSON: the text ends within a value');
    const next = end === INCOMPLETE ? head.length : skipBlanks(head, end);
    if (end !== INCOMPLETE && next < head.length) {
      if (end - start > text.maxRecordBytes)
        throw text.tooLong(text.offset + start, `the first record is longer than ${text.maxRecordBytes} bytes`);
      const lines = !head.subarray(start, end).includes(NEWLINE) && head.subarray(end, next).includes(NEWLINE);
      return { kind: lines ? 'lines' : 'values', sample: await text.examine(() => sampleOf(text, start, lines)) };
    }
    if (whole) {
      const document = await text.examine(() => parse(text, start, head.subarray(start, end)));
      return { kind: 'document', document, whole, cut: false };
    }
    if (head.length >= mostBytes) return text.examine(() => beginningOf(text, sampleBytes));
    await text.extendHead();
  }
}

function beginningOf(text: TextBytes, sampleBytes: number | undefined): JsonDocument {
  const closed = closeDocument(text.head.subarray(0, sampleBytes), sampleBytes !== undefined);
  const document = parseJson(closed.text, (fault) => {
    throw text.error(text.offset, fault);
  });
  return { kind: 'document', document, whole: false, cut: closed.cut };
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
