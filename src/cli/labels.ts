// Names for rows: a line a row, or a column of a tab-separated file, or of any other that has columns.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hasTextColumns, openTexts } from '../io/open-texts.js';
import { asInputError, InputError } from './exit-codes.js';

/**
 * The names of `rows` rows from FILE or FILE:COLUMN. A column is named as in the first line, or numbered from 1; without one
 * the last counts. A file with one line more than there are rows begins with a line of column names. In .parquet, .arrow, .jsonl
 * and .csv the column is one of the file's.
 */
export async function readLabels(spec: string, rows: number): Promise<string[]> {
  const path = labelsPath(spec);
  const column = path === spec ? undefined : spec.slice(path.length + 1);
  if (column !== undefined && hasTextColumns(path)) return readColumn(path, column, rows);
  const lines = (await readText(path)).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const cells = lines.map((line) => line.split('\t'));
  const names = lines.length === rows + 1 ? cells.shift() : undefined;
  if (cells.length !== rows) {
    throw new InputError(
      `${path}: expected ${rows} lines (or one more, with column names) for ${rows} rows, got ${lines.length}`,
    );
  }
  const at = column === undefined ? undefined : columnIndex(path, column, names, cells[0]?.length ?? 1);
  return cells.map((line) => line[at ?? line.length - 1] ?? '');
}

async function readColumn(path: string, column: string, rows: number): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const some of openTexts(path, column)) names.push(...some);
  } catch (error) {
    throw asInputError(error, path);
  }
  // A column by number has the line of names, too.
  if (names.length === rows + 1) names.shift();
  if (names.length === rows) return names;
  throw new InputError(`${path}: expected ${rows} names in column ${column} for ${rows} rows, got ${names.length}`);
}

/** The file of FILE or FILE:COLUMN. */
export function labelsPath(spec: string): string {
  const colon = spec.lastIndexOf(':');
  return colon < 0 || existsSync(spec) ? spec : spec.slice(0, colon);
}

function columnIndex(path: string, column: string, names: readonly string[] | undefined, count: number): number {
  const named = names?.indexOf(column) ?? -1;
  if (named >= 0) return named;
  const number = Number(column);
  if (Number.isInteger(number) && number >= 1 && number <= count) return number - 1;
  const there = names ? names.join(', ') : `1 to ${count}`;
  throw new InputError(`${path}: no column ${column}; there are ${there}`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw asInputError(error, path);
  }
}

/** How a row is called on a terminal: its number, and its name if it has one. */
export function nameOf(row: number, labels: readonly string[] | undefined, most = 60): string {
  const label = labels?.[row];
  if (label === undefined) return `row ${row}`;
  const characters = Array.from(label);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : label;
}
