// Columns of the input that accompany its rows, with one value per row.

import type { RowFile } from '../index.js';
import { isPipe } from '../io/bytes/pipe-bytes.js';
import { openColumn, type TextsOptions } from '../io/records/open-texts.js';
import { expandInput } from '../io/rows/input-files.js';
import { NO_FILE } from '../io/rows/row-reader.js';
import { asInputError, InputError, UsageError } from './exit-codes.js';
import { STDIN } from './input.js';
import { rowsInInput } from './row-numbers.js';

/** Rows, and where they were read from. */
export interface InputRows {
  readonly file: RowFile;
  /** Files, folders and globs. */
  readonly names: readonly string[];
  /** `--format`. */
  readonly format?: string | undefined;
  /** `--header`, or `--no-header`. */
  readonly header?: boolean | undefined;
  /** `--column`. */
  readonly column?: string | undefined;
}

/**
 * Reads the texts of `column` for every row of the input; '' if a record has none. Throws UsageError, which names `option`, if the input
 * cannot be read again, and InputError if there is no such column.
 */
export async function readInputColumn(
  option: string,
  input: InputRows,
  column: string,
  options: TextsOptions = {},
): Promise<string[]> {
  const { file, names, format, header } = input;
  checkList(option, file, column);
  const texts: string[] = [];
  const read = async (path: string, rows: number) => {
    const before = texts.length;
    try {
      for await (const some of openColumn(path, column, { ...options, format, header }))
        for (const text of some) texts.push(text);
    } catch (error) {
      throw asInputError(error, path);
    }
    const count = texts.length - before;
    if (count !== rows) throw new InputError(`${path}: column ${column} has ${count} values for ${rows} rows`);
  };
  const paths: string[] = [];
  for (const name of names) {
    if (name === STDIN || name === NO_FILE || (await isPipe(name))) {
      throw new UsageError(`${option} ${column} reads a column of the input a second time; give the input as a file`);
    }
    paths.push(...(await expandInput(name, input.column)).paths);
  }
  if (!file.files) await read(paths[0] as string, rowsInInput(file));
  else for (const [at, { rows }] of file.files.entries()) if (rows > 0) await read(paths[at] as string, rows);
  return texts;
}

/** Throws UsageError for a column with one value per record if records contain several rows. */
function checkList(option: string, { origin }: RowFile, column: string): void {
  const [rows = ''] = origin?.columns ?? [];
  const list = rows.slice(0, rows.lastIndexOf('[]') + '[]'.length);
  if (!rows.includes('[]') || column.startsWith(list)) return;
  throw new UsageError(
    `${option} ${column}: a record holds several rows (${rows}); expected a field of ${list}, or FILE:COLUMN`,
  );
}

/** True if the input has a column of that name. */
export async function hasInputColumn(
  { names, format, header }: InputRows,
  column: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [path = ''] = names;
  if (path === STDIN || path === NO_FILE || (await isPipe(path))) return false;
  try {
    for await (const _ of openColumn(path, column, { format, header, signal })) return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
  return false;
}
