// What rows are called, and what they can be coloured by.

import { basename } from 'node:path';
import { InputError } from '../exit-codes.js';
import { valuesOf } from '../keep-by.js';
import { labelsPath, type NamedColumn, readLabelTable } from '../labels.js';
import { formatCount } from '../output.js';
import type { LabelColumn, PageData } from './page-data.js';

/** Different values of a column that is offered as colours, and of one that was asked for. */
const FEWEST_VALUES = 2;
const MAX_VALUES = 50;
const MAX_VALUES_ASKED_FOR = 1000;

/** All of it is one text in the page. */
const MAX_CHARACTERS = 2 ** 26;

export interface NameOptions {
  /** FILE or FILE:COLUMN each. */
  readonly labels?: string | undefined;
  readonly colorBy?: string | undefined;
}

/** The names of `rows` rows, and the columns they can be coloured by, first the one that was asked for. */
export async function readNames(
  { labels, colorBy }: NameOptions,
  rows: number,
): Promise<Pick<PageData, 'labels' | 'columns' | 'carried'>> {
  const table = labels === undefined ? undefined : await readLabelTable(labels, rows);
  const columns: NamedColumn[] = [];
  const carried: NamedColumn[] = [];
  for (const column of table?.columns() ?? []) {
    if (hasFewValues(column)) columns.push(column);
    else if (column.name !== table?.column.name) carried.push(column);
  }
  if (colorBy !== undefined) putFirst(columns, await readClasses(colorBy, rows), labelsPath(labels ?? colorBy));
  const names = table?.column.values ?? null;
  checkLength([...[...columns, ...carried].map(({ values }) => values), names ?? []]);
  return { labels: names, columns: columns.map(withOrder), carried: carried.map(withOrder) };
}

async function readClasses(spec: string, rows: number): Promise<NamedColumn> {
  const { column } = await readLabelTable(spec, rows);
  const { size } = new Set(column.values);
  if (size <= MAX_VALUES_ASKED_FOR) return column;
  throw new InputError(
    `--color-by ${spec}: expected a column of classes, at most ${formatCount(MAX_VALUES_ASKED_FOR)} different values, ` +
      `got ${formatCount(size)} in column ${column.name}`,
  );
}

/** Puts `asked` first; another of its name, which is of `file`, is it or gets a longer name. */
function putFirst(columns: NamedColumn[], asked: NamedColumn, file: string): void {
  const at = columns.findIndex(({ name }) => name === asked.name);
  const [same] = at < 0 ? [] : columns.splice(at, 1);
  if (same?.values.some((value, row) => value !== asked.values[row])) {
    columns.splice(at, 0, { ...same, name: `${same.name} of ${basename(file)}` });
  }
  columns.unshift(asked);
}

/** With numbers to compare its values by, where they can be compared. */
function withOrder(column: NamedColumn): LabelColumn {
  try {
    const order = Array.from(valuesOf(column.values, column.name), (value) => (Number.isNaN(value) ? null : value));
    return order.some((value) => value !== null) ? { ...column, order } : column;
  } catch (error) {
    if (error instanceof InputError) return column;
    throw error;
  }
}

function hasFewValues({ values }: NamedColumn): boolean {
  const different = new Set<string>();
  for (const value of values) if (different.add(value).size > MAX_VALUES) return false;
  // Names that all differ are no classes.
  return different.size >= FEWEST_VALUES && different.size < values.length;
}

function checkLength(columns: readonly (readonly string[])[]): void {
  const characters = columns.reduce((sum, values) => values.reduce((length, value) => length + value.length, sum), 0);
  if (characters <= MAX_CHARACTERS) return;
  throw new InputError(
    `the names of the rows, and the columns to colour by, have ${formatCount(characters)} characters; ` +
      `the page takes ${formatCount(MAX_CHARACTERS)}: give it shorter names, or a file with fewer columns`,
  );
}
