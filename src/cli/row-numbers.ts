// Rows by the numbers that they have in the input: where rows without a vector were left out, calls count the others.

import { Groups, type RowFile } from '../index.js';

/** How many rows the input has, those that were left out among them. */
export function rowsInInput(file: RowFile): number {
  return file.rows + (file.rowNumbers ? file.nullRows.length : 0);
}

/** Replaces numbers of rows by those in the input, in place. */
export function renumber(rows: Uint32Array, numbers: Uint32Array | undefined): void {
  if (!numbers) return;
  for (let i = 0; i < rows.length; i++) rows[i] = numbers[rows[i] as number] as number;
}

/** Groups with the numbers that their rows have in the input. */
export function renumberGroups(found: Groups, file: RowFile): Groups {
  const numbers = file.rowNumbers;
  if (!numbers) return found;
  const inInput = (row: number) => numbers[row] as number;
  const renumbered = found.groups.map((group) => ({
    ...group,
    rows: group.rows.map(inInput),
    representative: inInput(group.representative),
  }));
  return new Groups(renumbered, rowsInInput(file), found.threshold);
}

/** Names for the rows of the input by their numbers there: those that the file holds beside its rows. */
export function namesInInput(file: RowFile, names: readonly string[] | undefined): readonly string[] | undefined {
  const numbers = file.rowNumbers;
  if (!names || !numbers) return names;
  const all = new Array<string>(rowsInInput(file)).fill('');
  for (const [row, name] of names.entries()) all[numbers[row] as number] = name;
  return all;
}

/** 'part-2.npy:17' for each row of the input: its file, and its number there. */
export function filesAsNames(file: RowFile): string[] {
  const files = file.files ?? [{ name: file.name, firstRow: 0, rows: rowsInInput(file) }];
  return files.flatMap(({ name, rows }) => Array.from({ length: rows }, (_, row) => `${name}:${row}`));
}
