// The names of rows, and the columns by which they can be coloured.

import { basename } from 'node:path';
import { InputError } from '../exit-codes.js';
import type { InputRows } from '../input-columns.js';
import { labelsPath, type NamedColumn, readLabelTable } from '../labels.js';
import { formatCount } from '../output.js';
import { readBesideRows } from './beside-rows.js';
import type { LabelColumn } from './page-data.js';
import { type RowColumns, rowColumns, usualLabel, withOrder } from './row-columns.js';

/** Limit for the distinct values of a requested column of colours. */
const MAX_VALUES_ASKED_FOR = 1000;

/** Limit for all names, because they are one text in the page. */
const MAX_CHARACTERS = 2 ** 26;

export interface NameOptions {
  /** FILE or FILE:COLUMN each. */
  readonly labels?: string | undefined;
  readonly colorBy?: string | undefined;
}

/** Returns the names of the rows, and the columns for colours, the requested one first. */
export async function readNames({ labels, colorBy }: NameOptions, input: InputRows): Promise<RowColumns> {
  const rows = input.file.rows;
  const table = labels === undefined ? undefined : await readLabelTable(labels, rows);
  const beside = await readBesideRows(input);
  const given = [...(table?.columns() ?? [])];
  const all = [...given, ...beside.filter(({ name }) => !given.some((column) => column.name === name))];
  const { label, columns: ordered } = withLabel(all, table?.labels());
  const found = rowColumns(ordered, label ?? usualLabel(ordered));
  const columns = [...found.columns];
  if (colorBy !== undefined) putFirst(columns, withOrder(await readClasses(colorBy, rows)), labelsPath(labels ?? colorBy));
  checkLength([...[...columns, ...found.carried].map(({ values }) => values), found.labels ?? []]);
  return { ...found, columns };
}

/** Returns all columns with an order, and the name of the column that `labels` is. */
function withLabel(all: readonly NamedColumn[], labels: NamedColumn | undefined) {
  const known = all.find(({ name }) => name === labels?.name);
  const columns = labels && !known ? [labels, ...all] : all;
  return { label: labels?.name, columns: columns.map(withOrder) };
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

/** Puts `asked` first. If another column has its name, it is the same column of `file` or gets a longer name. */
function putFirst(columns: LabelColumn[], asked: LabelColumn, file: string): void {
  const at = columns.findIndex(({ name }) => name === asked.name);
  const [same] = at < 0 ? [] : columns.splice(at, 1);
  if (same?.values.some((value, row) => value !== asked.values[row])) {
    columns.splice(at, 0, { ...same, name: `${same.name} of ${basename(file)}` });
  }
  columns.unshift(asked);
}

function checkLength(columns: readonly (readonly string[])[]): void {
  const characters = columns.reduce((sum, values) => values.reduce((length, value) => length + value.length, sum), 0);
  if (characters <= MAX_CHARACTERS) return;
  throw new InputError(
    `the names of the rows, and the columns to colour by, have ${formatCount(characters)} characters; ` +
      `the page takes at most ${formatCount(MAX_CHARACTERS)}: give it shorter names, or a file with fewer columns`,
  );
}
