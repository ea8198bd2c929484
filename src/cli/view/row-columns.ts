// Decides which columns of a table name the rows, and which they are coloured by. It is pure code, shared by the command and the page.

import { comparableValues } from '../comparable-values.js';
import { isUsualLabel } from './name-table.js';
import type { LabelColumn, PageData } from './page-data.js';

/** A column of texts, with one value for each row. */
export type NamedColumn = Pick<LabelColumn, 'name' | 'values'>;

/** The names of rows, and their known columns. */
export type RowColumns = Pick<PageData, 'labels' | 'labelColumn' | 'columns' | 'carried'>;

/** Minimum number of distinct values in a column that is offered for colours. */
const FEWEST_VALUES = 2;
const MAX_VALUES = 50;
/** Number of ranges into which the values of a column with more distinct values are divided. */
const RANGES = 10;

/**
 * `label` is the column that names the rows. Columns of numbers or dates with many distinct values are also offered as ranges, for colours.
 */
export function rowColumns(table: readonly LabelColumn[], label: string | null): RowColumns {
  const columns: LabelColumn[] = [];
  const carried: LabelColumn[] = [];
  const inRanges: LabelColumn[] = [];
  for (const column of table) {
    if (hasFewValues(column)) columns.push(column);
    else {
      if (column.name !== label) carried.push(column);
      const ranges = rangesOf(column);
      if (ranges) inRanges.push(ranges);
    }
  }
  const labels = table.find(({ name }) => name === label)?.values ?? null;
  return { labels, labelColumn: labels && label, columns: [...columns, ...inRanges], carried };
}

/** Returns the columns in their original order, before they were sorted by use. */
export function tableOf({ labels, labelColumn, columns, carried }: RowColumns): readonly LabelColumn[] {
  const known = [...columns.filter(({ derived }) => !derived), ...carried];
  if (!labels || labelColumn === null || known.some(({ name }) => name === labelColumn)) return known;
  return [withOrder({ name: labelColumn, values: labels }), ...known];
}

const LIST_OF_NUMBERS = /^\s*[[({]\s*[-+]?\.?\d/;

/** True if the column contains texts or numbers that describe the rows: it is not empty, and does not contain other vectors. */
export function saysSomething({ values }: NamedColumn): boolean {
  const first = values.find((value) => value !== '');
  return first !== undefined && !LIST_OF_NUMBERS.test(first);
}

/** Adds numbers by which its values can be sorted, if they can be. */
export function withOrder(column: NamedColumn): LabelColumn {
  const found = comparableValues(column.values);
  if (!('values' in found)) return column;
  const order = Array.from(found.values, (value) => (Number.isNaN(value) ? null : value));
  return order.some((value) => value !== null) ? { ...column, order } : column;
}

export function hasFewValues({ values }: NamedColumn): boolean {
  const different = new Set<string>();
  for (const value of values) if (different.add(value).size > MAX_VALUES) return false;
  // Names that all differ are not classes.
  return different.size >= FEWEST_VALUES && different.size < values.length;
}

/** Returns ranges with about as many rows each; undefined if the values cannot be sorted, or number the rows. */
function rangesOf({ name, values, order }: LabelColumn): LabelColumn | undefined {
  if (!order || order.every((value, row) => value !== null && value - (order[0] as number) === row)) return undefined;
  const rows = [...order.keys()]
    .filter((row) => order[row] !== null)
    .sort((a, b) => (order[a] as number) - (order[b] as number));
  const first = Array.from({ length: RANGES }, (_, range) => rows[Math.floor((range * rows.length) / RANGES)] as number);
  const starts = first.map((row) => order[row] as number);
  const rangeOf = (value: number) => starts.findLastIndex((start) => start <= value);
  const last: number[] = [];
  for (const row of rows) last[rangeOf(order[row] as number)] = row;
  const texts = starts.map((_, range) => {
    const [from, to] = [first[range], last[range]].map((row) => (row === undefined ? '' : (values[row] as string).trim()));
    return from === to ? `${from}` : `${from} to ${to}`;
  });
  return {
    name: `${name} (ranges)`,
    values: order.map((value) => (value === null ? '' : (texts[rangeOf(value)] as string))),
    derived: true,
  };
}

/** Returns the column that most likely names the rows; null if there is none. */
export function usualLabel(table: readonly NamedColumn[]): string | null {
  const usual = table.filter(({ name }) => isUsualLabel(name));
  // A name that many rows share is less informative.
  const distinct = ({ values }: NamedColumn) => new Set(values).size;
  const best = usual.reduce<NamedColumn | null>((a, b) => (a && distinct(a) >= distinct(b) ? a : b), null);
  return best?.name ?? null;
}
