// Reads a file of any format: its rows and the columns next to them, or what the user has to choose first.

import { AllpairsError, type Choice, type NullPolicy, type OpenRowsOptions, type RowFile, readTexts } from 'allpairs';
import { type NamedColumn, saysSomething } from '../../../src/cli/view/row-columns.js';
import type { Facts } from './session.js';

/** How to read a file that leaves this open. */
export interface Reading extends Pick<OpenRowsOptions, 'column' | 'element' | 'header' | 'width' | 'indexBase' | 'format'> {
  readonly nulls?: NullPolicy | undefined;
  readonly nonFinite?: 'throw' | 'zero' | undefined;
}

/** The columns of a file other than its rows. */
export interface Beside {
  readonly table: readonly NamedColumn[];
  /** Names of columns that are too large to read here. */
  readonly left: readonly string[];
}

export interface OpenedFile extends Beside {
  readonly facts: Facts;
}

/** Why a file cannot be read as it is, and what the user can choose; each choice changes how it is read. */
export interface Refusal {
  readonly message: string;
  readonly choices: readonly Choice[];
}

/** The outcome for a file; exactly one of them is set. */
export interface Opening {
  readonly opened: OpenedFile | null;
  readonly refusal: Refusal | null;
}

/** Rows with NaN or infinity; the user may let them count as zeros. */
class NotFinite extends Error {}

/** Returns the error as the page words it, because the page has no argument `x`. */
export function notFinite(error: unknown, file: string): unknown {
  if (!(error instanceof AllpairsError) || error.expected !== 'finite numbers') return error;
  return new NotFinite(`${file}: expected finite numbers, got ${error.received}`);
}

/** Undefined for an error that leaves no choice. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof NotFinite) return { message: error.message, choices: [{ option: 'nonFinite', value: 'zero' }] };
  if (!(error instanceof AllpairsError)) return undefined;
  const { message, advice = '', choices = [] } = error;
  if (choices.length === 0 && error.argument !== 'column') return undefined;
  // The buttons contain the advice, in the words of the page.
  const isAdvised = choices.length > 0 && message.endsWith(advice);
  return { message: isAdvised ? message.slice(0, -advice.length).replace(/[;:]?\s*$/, '') : message, choices };
}

/** Maximum number of columns, because each is read separately. */
const MAX_COLUMNS = 30;
/** Limit for the bytes read for columns of text, because finding such a column reads the whole file. */
const MAX_TEXT_BYTES = 2 ** 28;

/** Reads each column of texts or numbers other than the rows, for the remaining rows. */
export async function columnsBeside(opened: RowFile, file: File, { header, format }: Reading): Promise<Beside> {
  const { origin, labels, rowNumbers, rows, nullRows } = opened;
  const table: NamedColumn[] = labels ? [{ name: 'name', values: labels }] : [];
  const names = origin?.notUsed ?? [];
  const isText = !/\.(parquet|pq|arrow|feather|ipc)$/i.test(file.name);
  const most = Math.min(MAX_COLUMNS, isText ? Math.floor(MAX_TEXT_BYTES / file.size) : MAX_COLUMNS);
  for (const name of names.slice(0, most)) {
    const texts = await textsIn(file, name, { header, format });
    if (!texts) continue;
    // A line of names above a single column of texts.
    const inFile = rows + (rowNumbers ? nullRows.length : 0);
    if (texts.length === inFile + 1) texts.shift();
    if (texts.length !== inFile || !saysSomething({ name, values: texts })) continue;
    const values = rowNumbers ? Array.from(rowNumbers, (row) => texts[row] as string) : texts;
    // Without `columns` the file has no column names, and columns are identified by number.
    table.push({ name: origin?.columns ? name : `column ${name}`, values });
  }
  return { table, left: names.slice(most) };
}

/** Undefined for a column that contains neither texts nor numbers. */
async function textsIn(file: File, column: string, options: Pick<Reading, 'header' | 'format'>): Promise<string[] | undefined> {
  try {
    return await readTexts(file, column, { ...options, missing: 'empty' });
  } catch (error) {
    if (error instanceof AllpairsError) return undefined;
    throw error;
  }
}
