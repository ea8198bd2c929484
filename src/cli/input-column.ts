// A column of the input beside its rows.

import type { RowFile } from '../index.js';
import { openColumn } from '../io/records/open-texts.js';
import { asInputError, InputError, UsageError } from './exit-codes.js';
import { STDIN } from './input.js';
import { rowsInInput } from './row-numbers.js';

/** The text of each row of the input in a column, for the option `name`; '' where a record has no such field. */
export async function readWholeColumn(
  name: string,
  file: RowFile,
  files: readonly string[],
  column: string,
  format: string | undefined,
): Promise<string[]> {
  if (files.includes(STDIN))
    throw new UsageError(`${name} reads a column of the input, which stdin gives once; give the input as a file`);
  const parts = file.files ?? files.map((path) => ({ name: path, rows: rowsInInput(file) }));
  const all: string[] = [];
  for (const { name: path, rows } of parts) {
    const before = all.length;
    try {
      for await (const some of openColumn(path, column, format)) all.push(...some);
    } catch (error) {
      throw asInputError(error, path);
    }
    const count = all.length - before;
    if (count !== rows) throw new InputError(`${path}: column ${column} has ${count} values for ${rows} rows`);
  }
  return all;
}

/** The same without rows that were left out of the input. */
export async function readInputColumn(...wanted: Parameters<typeof readWholeColumn>): Promise<string[]> {
  const texts = await readWholeColumn(...wanted);
  const { rowNumbers } = wanted[1];
  return rowNumbers ? Array.from(rowNumbers, (row) => texts[row] as string) : texts;
}
