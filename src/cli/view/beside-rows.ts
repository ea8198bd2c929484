// The columns of the input that are not the rows: what these can be named, coloured and ordered by.

import { AllpairsError } from '../../index.js';
import { InputError, UsageError } from '../exit-codes.js';
import { type InputRows, readInputColumn } from '../input-columns.js';
import { type NamedColumn, saysSomething } from './row-columns.js';

/** More columns are left out: each is read on its own. */
const MAX_COLUMNS = 30;
/** A column of more characters is left out, such as that of whole documents. */
const MAX_CHARACTERS = 2 ** 23;

/** Each column of texts or numbers beside the rows, for the rows that are there. What holds neither is left out. */
export async function readBesideRows(input: InputRows): Promise<readonly NamedColumn[]> {
  const { origin, labels, rowNumbers } = input.file;
  const columns: NamedColumn[] = labels ? [{ name: 'name', values: labels }] : [];
  // Without `columns` the file has no names: its columns go by their numbers.
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
