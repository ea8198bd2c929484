// Row numbers of the input. If rows without a vector were left out, calls number only the remaining rows.

import { Groups, type RowFile } from '../index.js';

/** Returns the number of rows in the input, including those that were left out. */
export function rowsInInput(file: RowFile): number {
  return file.rows + (file.rowNumbers ? file.nullRows.length : 0);
}

/** Replaces row numbers by those of the input, in place. */
export function renumber(rows: Uint32Array, numbers: Uint32Array | undefined): void {
  if (!numbers) return;
  for (let i = 0; i < rows.length; i++) rows[i] = numbers[rows[i] as number] as number;
}

/** Returns groups with the row numbers of the input. */
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

/** Returns names for the rows of the input from names that the file contains. */
export function namesInInput(file: RowFile, names: readonly string[] | undefined): readonly string[] | undefined {
  const numbers = file.rowNumbers;
  if (!names || !numbers) return names;
  const all = new Array<string>(rowsInInput(file)).fill('');
  for (const [row, name] of names.entries()) all[numbers[row] as number] = name;
  return all;
}

/** Returns 'part-2.npy:17' for each row of the input: its file, and its number there. */
export function filesAsNames(file: RowFile): string[] {
  const files = file.files ?? [{ name: file.name, firstRow: 0, rows: rowsInInput(file) }];
  return files.flatMap(({ name, rows }) => Array.from({ length: rows }, (_, row) => `${name}:${row}`));
}
