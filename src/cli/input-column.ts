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
  const [path = ''] = files;
  if (file.files || path === STDIN) {
    throw new UsageError(
      `${name} reads a column of one input file; ${file.files ? 'join the files first' : 'give the input as a file'}`,
    );
  }
  const texts: string[] = [];
  try {
    for await (const some of openColumn(path, column, format)) texts.push(...some);
  } catch (error) {
    throw asInputError(error, path);
  }
  const rows = rowsInInput(file);
  if (texts.length !== rows) {
    throw new InputError(`${file.name}: column ${column} has ${texts.length} values for ${rows} rows`);
  }
  return texts;
}

/** The same without rows that were left out of the input. */
export async function readInputColumn(...wanted: Parameters<typeof readWholeColumn>): Promise<string[]> {
  const texts = await readWholeColumn(...wanted);
  const { rowNumbers } = wanted[1];
  return rowNumbers ? Array.from(rowNumbers, (row) => texts[row] as string) : texts;
}
