// The columns of the input other than the rows, by which rows can be named, coloured and ordered.

import { AllpairsError } from '../../index.js';
import { InputError, UsageError } from '../exit-codes.js';
import { type InputRows, readInputColumn } from '../input-columns.js';
import { type NamedColumn, saysSomething } from './row-columns.js';

/** Limit for the number of columns, because each is read separately. */
const MAX_COLUMNS = 30;
/** Limit for the characters of a column; longer ones, such as whole documents, are left out. */
const MAX_CHARACTERS = 2 ** 23;

/** Reads each column of texts or numbers other than the rows, for the remaining rows. Other columns are left out. */
export async function readBesideRows(input: InputRows): Promise<readonly NamedColumn[]> {
  const { origin, labels, rowNumbers } = input.file;
  const columns: NamedColumn[] = labels ? [{ name: 'name', values: labels }] : [];
  // Without `columns`, the file has no column names, and columns are identified by number.
  for (const name of origin?.notUsed.slice(0, MAX_COLUMNS) ?? []) {
    const texts = await readColumn(input, name);
    if (!texts || !saysSomething({ name, values: texts })) continue;
    const values = rowNumbers ? Array.from(rowNumbers, (row) => texts[row] as string) : texts;
    if (values.reduce((sum, { length }) => sum + length, 0) > MAX_CHARACTERS) continue;
    columns.push({ name: origin?.columns ? name : `column ${name}`, values });
  }
  return columns;
}

async function readColumn(input: InputRows, name: string): Promise<string[] | undefined> {
  try {
    return await readInputColumn('--labels', input, name);
  } catch (error) {
    if (error instanceof AllpairsError || error instanceof InputError || error instanceof UsageError) return undefined;
    throw error;
  }
}
