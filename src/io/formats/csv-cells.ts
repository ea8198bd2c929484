// The cells of a record in a text table.

import { decodeCell } from './text-bytes.js';

export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;
export const BLANK = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COMMA = 0x2c;
export const SEMICOLON = 0x3b;
export const BAR = 0x7c;

/**
 * The byte that separates cells. A blank means any number of blanks and tabs, without quotes. A newline means that each record has one
 * cell.
 */
export type Separator = typeof COMMA | typeof SEMICOLON | typeof TAB | typeof BAR | typeof BLANK | typeof NEWLINE;

/** Returns the cells of a record. */
export function splitCells(bytes: Uint8Array, start: number, end: number, separator: Separator): string[] {
  return splitText(decodeCell(bytes.subarray(start, end)), separator);
}

/** Returns the cells of a record that has been decoded. */
export function splitText(text: string, separator: Separator): string[] {
  if (separator === BLANK)
    return text
      .trim()
      .split(/[ \t]+/)
      .map(withoutQuotes);
  const delimiter = String.fromCharCode(separator);
  return text.includes('"') ? splitQuoted(text, delimiter) : text.split(delimiter);
}

/** Returns the cells of a record whose quotes are balanced. */
function splitQuoted(text: string, delimiter: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    const quoted = text[at] === '"';
    const end = quoted ? endOfQuoted(text, at) : text.indexOf(delimiter, at);
    const cell = text.slice(at, end < 0 ? text.length : end);
    cells.push(quoted ? unquote(cell) : cell);
    at += cell.length;
  }
  return cells;
}

/** Returns the index after the quote that closes the one at `start`. */
function endOfQuoted(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
  return end + 1;
}

/** Removes the quotes that R writes around words between blanks; a single quote is kept. */
export function withoutQuotes(word: string): string {
  return /^"[^"]+"$/.test(word) ? word.slice(1, -1) : word;
}

function unquote(cell: string): string {
  return cell.slice(1, -1).replaceAll('""', '"');
}

/** Returns the end of the cell that begins at `start`: its separator, or the end of the record. */
export function endOfCell(bytes: Uint8Array, start: number, end: number, separator: Separator): number {
  let at = start;
  if (separator === BLANK) {
    while (at < end && bytes[at] !== BLANK && bytes[at] !== TAB) at += 1;
    return at;
  }
  if (at < end && bytes[at] === QUOTE) {
    // A quote after blanks need not be closed in its record: the cell then extends to the end of the record.
    for (let close = bytes.indexOf(QUOTE, at + 1); close >= 0 && close < end; close = bytes.indexOf(QUOTE, at + 1)) {
      if (close + 1 >= end || bytes[close + 1] !== QUOTE) return close + 1;
      at = close + 1;
    }
    return end;
  }
  while (at < end && bytes[at] !== separator) at += 1;
  return at;
}

/** Returns the text of a cell, without its quotes. */
export function textOfCell(bytes: Uint8Array, start: number, end: number): string {
  const text = decodeCell(bytes.subarray(start, end));
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? unquote(text) : text;
}

/** Returns the number of cells in a record, or `most + 1` if it has more than `most`. */
export function countCells(
  bytes: Uint8Array,
  start: number,
  end: number,
  separator: Separator,
  most: number = Number.POSITIVE_INFINITY,
): number {
  let count = 1;
  for (let at = endOfCell(bytes, start, end, separator); at < end && count <= most; count++) {
    at = skipSeparator(bytes, at, end, separator);
    if (separator === BLANK && at >= end) break;
    at = endOfCell(bytes, at, end, separator);
  }
  return count;
}

/** Returns where the cell after the separator at `at` begins. */
export function skipSeparator(bytes: Uint8Array, at: number, end: number, separator: Separator): number {
  return separator === BLANK ? skipBlanks(bytes, at, end) : at + 1;
}

/** Returns the index of the first byte from `at` that is neither a blank nor a tab. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let to = at;
  while (to < end && (bytes[to] === BLANK || bytes[to] === TAB)) to += 1;
  return to;
}
