// Decides whether the first record of a table names its columns, by the types in the columns below it rather than by the record alone.

import { isNullText, type Point, parseVectorText } from '../columns/vector-text.js';
import { isCounting, isLongNumber, numberOfCell, type TextColumn } from './csv-columns.js';

/**
 * 'text': the whole table is text and the record looks like the others; it is used where names are needed. 'unclear': the record contains
 * integers that may be names, such as years, or a row.
 */
export type FirstRecord = 'header' | 'row' | 'text' | 'unclear';

/** A record of integers counts as a row if it has at least this probability under the rows below it. */
const LIKELY = 1e-3;
/** At least this many numbers counting from 0 or 1 are taken for names; fewer are not if the rows are integers too. */
const MIN_COUNTING = 3;
const MIN_COUNTING_WHOLE = 8;

/** Decides what the `first` record is, above `rows` with the given `columns`. */
export function judgeFirstRecord(
  first: readonly string[],
  rows: readonly (readonly string[])[],
  columns: readonly TextColumn[],
  point: Point,
): FirstRecord {
  if (rows.length === 0) return holdsVector(first, point) ? 'row' : 'text';
  let names = 0;
  let missing = 0;
  let words = 0;
  let usual = 0;
  let usualTexts = 0;
  const numbers: { readonly text: string; readonly column: number }[] = [];
  for (const [column, { kind }] of columns.entries()) {
    const cell = first[column] ?? '';
    const isUsual = USUAL_NAMES.test(cell.trim());
    if (kind === 'other' && (isUsual || (column === 0 && cell.trim() === ''))) usualTexts += 1;
    if (kind === 'null' || kind === 'other') continue;
    if (isUsual) usual += 1;
    if (isNullText(cell)) {
      missing += 1;
      if (cell.trim() !== '') words += 1;
    } else if (numberOfCell(cell, point) !== undefined || isLongNumber(cell, point))
      numbers.push({ text: cell.trim(), column });
    else if (kind === 'vector' && isVector(cell)) return 'row';
    else names += 1;
  }
  // pandas and R omit the name of the index, which counts.
  const noIndexName = (first[0] ?? '').trim() === '' && columns[0]?.kind === 'integer';
  const indexed = noIndexName && isCounting(rows.map((row) => (row[0] ?? '').trim()));
  const others = first.slice(1).filter((cell) => cell.trim() !== '');
  if (noIndexName && numbers.length === 0 && names === 0 && missing === 1 && others.length > 0)
    return indexed ? 'header' : 'text';
  if (numbers.length === 0 && names === 0) return missing === 0 ? 'text' : 'row';
  if (numbers.length === 0) return 'header';
  // Words for a missing value are cells rather than names.
  if (words > 0 && names === 0) return 'row';
  const texts = numbers.map(({ text }) => text);
  const above = usual > 0 || indexed;
  if (above && !rows.some((row) => row.every((cell, at) => cell === first[at]))) return 'header';
  if (usualTexts > 0 && names === 0) {
    if (isEvenlySpaced(texts)) return 'header';
    if (texts.length > 2 && isAscending(texts)) return 'unclear';
  }
  if (columns[0]?.kind === 'other' && names === 0 && isEvenlySpaced(texts) && !isCounting(texts)) return 'unclear';
  if (names > 0 && !texts.every((text) => /^\d+$/.test(text))) return 'unclear';
  if (noIndexName && missing === 1 && !texts.every((text) => /^\d+$/.test(text))) return 'unclear';
  if (!texts.every((text) => /^\d+$/.test(text)) || new Set(texts).size < texts.length) return 'row';
  // Names are not repeated as a row.
  if (rows.some((row) => row.every((cell, at) => cell === first[at]))) return 'row';
  const counts = isCounting(texts);
  const floats = numbers.filter(({ column }) => columns[column]?.kind === 'float');
  if (floats.length === 0) {
    if (names > 0 || (counts && (noIndexName || texts.length >= MIN_COUNTING_WHOLE))) return 'header';
    return counts && (texts.length > 1 || missing > 0) ? 'unclear' : 'row';
  }
  const whole = rows.flatMap((row) => floats.map(({ column }) => /^\s*[+-]?\d+\s*$/.test(row[column] ?? '')));
  const share = whole.filter((isWhole) => isWhole).length / whole.length;
  if (share ** floats.length > LIKELY) {
    const named = counts && texts.length >= MIN_COUNTING && columns[0]?.kind === 'other';
    return names > 0 || named ? 'unclear' : 'row';
  }
  if (names > 0) return 'header';
  return counts && (texts.length >= MIN_COUNTING || noIndexName) ? 'header' : 'unclear';
}

/** True if numbers rise in equal steps, like wavelengths and times in names. */
function isEvenlySpaced(texts: readonly string[]): boolean {
  const values = texts.map(Number);
  const [first, second] = values as [number, number];
  const step = second - first;
  return (
    values.length >= 3 &&
    step > 0 &&
    values.every((value, at) => Math.abs(value - first - at * step) <= 1e-6 * (Math.abs(value) + step))
  );
}

function isAscending(texts: readonly string[]): boolean {
  return texts.every((text, at) => at === 0 || Number(text) > Number(texts[at - 1]));
}

/** Usual names of columns that accompany numbers. */
const USUAL_NAMES =
  /^#?\s*(?:labels?|names?|(?:\w+_)?id|index|idx|keys?|words?|tokens?|terms?|texts?|titles?|class|category|tag|target|path|file|url|y|t|x|time|date|unnamed: \d+)$/i;

/** True if the only record of a file can be a row. */
function holdsVector(cells: readonly string[], point: Point): boolean {
  const floats = cells.filter((cell) => numberOfCell(cell, point) !== undefined && !/^\s*[+-]?\d+\s*$/.test(cell));
  return floats.length > 1 || cells.some(isVector);
}

function isVector(cell: string): boolean {
  const { kind } = parseVectorText(cell);
  return kind === 'vector' || kind === 'bytes';
}
