// Rows of a second file that the page compares with those of the first: both as one list, the second file after the first.

import type { OpenRowsOptions, RowFile } from '../../index.js';
import type { ReadOptions } from '../../io/rows/row-reader.js';
import { InputError } from '../exit-codes.js';
import { openInput } from '../input.js';
import { formatCount } from '../output.js';
import { namesOfTwo } from './compared-rows.js';
import type { Against } from './page-data.js';
import { type NamedColumn, type RowColumns, rowColumns, tableOf, withOrder } from './row-columns.js';
import type { NameOptions } from './row-names.js';

export interface AgainstOptions extends Pick<ReadOptions, 'column'> {
  readonly query?: string;
  readonly against?: string;
  readonly againstColumn?: string;
  readonly againstQuery?: string;
  readonly againstLabels?: string;
}

export interface AgainstRows extends Against {
  readonly file: string;
  readonly rows: RowFile;
  readonly naming: NameOptions;
  readonly column: string | undefined;
}

/** Opens the rows that `rows` are compared with; undefined without --against. */
export async function openAgainst(
  input: string,
  rows: RowFile,
  options: AgainstOptions,
  reading: OpenRowsOptions,
): Promise<AgainstRows | undefined> {
  const { against: file, againstColumn: column, againstQuery: query, againstLabels: labels } = options;
  if (file === undefined) return undefined;
  const others = await openInput([file], { ...reading, column, query });
  if (others.depth !== rows.depth || others.rows === 0) {
    await others.close();
    if (others.rows === 0) throw new InputError(`${others.name}: no rows`);
    throw new InputError(
      `--against needs rows of the same length in both files, but ${rows.name} has rows of ${formatCount(rows.depth)} numbers ` +
        `and ${others.name} of ${formatCount(others.depth)}`,
    );
  }
  const parts = [options.column ?? options.query, column ?? query] as const;
  return { file, rows: others, names: namesOfTwo([input, file], parts), from: rows.rows, naming: { labels }, column };
}

/** Joins the columns of two files by name, and adds one that names the file of each row. */
export function joinedColumns(first: RowColumns, second: RowColumns, { names, from, rows: { rows } }: AgainstRows): RowColumns {
  const sides = [first, second];
  const counts = [from, rows];
  const tables = sides.map(tableOf);
  const label = labelNameOf(first, second);
  const joined = (name: string, valuesOf: (side: number) => readonly string[]): NamedColumn => ({
    name,
    values: [0, 1].flatMap(valuesOf),
  });
  const column = (name: string) =>
    joined(
      name,
      (side) => tables[side]?.find((one) => one.name === name)?.values ?? new Array<string>(counts[side] ?? 0).fill(''),
    );
  const rowNumbers = (side: number) => Array.from({ length: counts[side] ?? 0 }, (_, row) => `row ${row} of ${names[side]}`);
  const labelColumn = label === null ? [] : [joined(label, (side) => sides[side]?.labels ?? rowNumbers(side))];
  const known = new Set(tables.flatMap((table) => table.map(({ name }) => name)));
  const others = [...known].filter((name) => name !== label).map(column);
  const file = joined(known.has('file') ? 'which file' : 'file', (side) =>
    new Array<string>(counts[side] ?? 0).fill(names[side] as string),
  );
  return rowColumns([file, ...labelColumn, ...others].map(withOrder), label);
}

/** Returns the column of names; null if neither file has one. */
function labelNameOf({ labelColumn: first }: RowColumns, { labelColumn: second }: RowColumns): string | null {
  return first !== null && second !== null && first !== second ? 'name' : (first ?? second);
}
