// Saves rows as a file: the input's own records if the command has them.

import { fileOf, nameOf, numberOf, shown } from '../state/answers.js';
import { type Format, saveFile, type Table, textOf } from './table-file.js';

/** The name of the input without its extension. */
export function inputName(): string {
  const { name = 'rows', against } = shown.peek() ?? {};
  return (against?.names[0] ?? name).replace(/\.[^.]*$/, '');
}

/** Saves the records of these rows unchanged. */
export async function saveRecords(rows: readonly number[], suffix: string): Promise<void> {
  const { records } = shown.peek()?.saving ?? {};
  if (!records) throw new Error('the records of the input are known only to the command; save row numbers and names instead');
  const answer = await fetch(records.url, { method: 'POST', body: JSON.stringify(rows) }).catch(() => null);
  if (!answer?.ok) throw new Error('The command did not return the records. Is it still running, and is its input unchanged?');
  saveFile(`${inputName()}-${suffix}${records.extension}`, [await answer.blob()]);
}

/** Saves the numbers and names of these rows. */
export async function saveRowNames(rows: readonly number[], suffix: string, format: Format): Promise<void> {
  saveFile(`${inputName()}-${suffix}.${format}`, await textOf(rowNames(rows), format));
}

function rowNames(rows: readonly number[]): Table {
  const { labels = null, against } = shown.peek() ?? {};
  const columns = [...(against ? ['file'] : []), 'row', ...(labels ? ['row_label'] : [])];
  return {
    columns,
    length: rows.length,
    cells: (at) => {
      const row = rows[at] as number;
      return [...(against ? [fileOf(row) as string] : []), numberOf(row), ...(labels ? [nameOf(row)] : [])];
    },
  };
}
