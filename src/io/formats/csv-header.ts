// Whether the first record of a table names its columns: decided by the types down the columns, not by the record alone.

import { isNullText, parseVectorText } from '../columns/vector-text.js';
import { numberOfCell, type Point, type TextColumn } from './csv-columns.js';

/**
 * 'text': the whole table is text, and the record like others; it serves as names where those are needed. 'unclear': the record is of whole
 * numbers that may be names, such as years, or a row.
 */
export type FirstRecord = 'header' | 'row' | 'text' | 'unclear';

/** A row of nothing but whole numbers is taken for one where it is at least so likely, going by the rows below. */
const LIKELY = 1e-3;
/** So many numbers counting from 0 or 1 are hardly a row, and so many are not where the rows are whole numbers, too. */
const MIN_COUNTING = 3;
const MIN_COUNTING_WHOLE = 8;

/** What the `first` record is, above `rows` whose columns are `columns`. */
export function judgeFirstRecord(
  first: readonly string[],
  rows: readonly (readonly string[])[],
  columns: readonly TextColumn[],
  point: Point,
): FirstRecord {
  if (rows.length === 0) return holdsVector(first, point) ? 'row' : 'text';
  let names = 0;
  let missing = 0;
  const numbers: { readonly text: string; readonly column: number }[] = [];
  for (const [column, { kind }] of columns.entries()) {
    const cell = first[column] ?? '';
    if (kind === 'null' || kind === 'other') continue;
    if (isNullText(cell)) missing += 1;
    else if (numberOfCell(cell, point) !== undefined) numbers.push({ text: cell.trim(), column });
    else if (kind === 'vector' && isVector(cell)) return 'row';
    else names += 1;
  }
  if (numbers.length === 0 && names === 0) return missing === 0 ? 'text' : 'row';
  if (numbers.length === 0) return 'header';
  const texts = numbers.map(({ text }) => text);
  if (!texts.every((text) => /^\d+$/.test(text)) || new Set(texts).size < texts.length) return 'row';
  // Names do not come again as a row.
  if (rows.some((row) => row.every((cell, at) => cell === first[at]))) return 'row';
  const counts = isCounting(texts);
  const floats = numbers.filter(({ column }) => columns[column]?.kind === 'float');
  if (floats.length === 0) {
    if (names > 0 || (counts && (missing > 0 || texts.length >= MIN_COUNTING_WHOLE))) return 'header';
    return counts && texts.length > 1 ? 'unclear' : 'row';
  }
  const whole = rows.flatMap((row) => floats.map(({ column }) => /^\s*[+-]?\d+\s*$/.test(row[column] ?? '')));
  const share = whole.filter((isWhole) => isWhole).length / whole.length;
  if (share ** floats.length > LIKELY) return names > 0 ? 'unclear' : 'row';
  if (names > 0) return 'header';
  return counts && (texts.length >= MIN_COUNTING || missing > 0) ? 'header' : 'unclear';
}

/** 0, 1, 2, ... or 1, 2, 3, ... */
function isCounting(texts: readonly string[]): boolean {
  const start = Number(texts[0]);
  return start <= 1 && texts.every((text, at) => text === String(start + at));
}

/** Whether a record that is alone in its file can be a row. */
function holdsVector(cells: readonly string[], point: Point): boolean {
  const floats = cells.filter((cell) => numberOfCell(cell, point) !== undefined && !/^\s*[+-]?\d+\s*$/.test(cell));
  return floats.length > 1 || cells.some(isVector);
}

function isVector(cell: string): boolean {
  const { kind } = parseVectorText(cell);
  return kind === 'vector' || kind === 'bytes';
}
