// Which columns of a table name the rows, and which they are coloured by. Pure: the command and the page share it.

import { comparableValues } from '../comparable-values.js';
import type { LabelColumn, PageData } from './page-data.js';

/** A column of texts: one value for each row. */
export type NamedColumn = Pick<LabelColumn, 'name' | 'values'>;

/** The names of rows, and the columns that are known of them. */
export type RowColumns = Pick<PageData, 'labels' | 'labelColumn' | 'columns' | 'carried'>;

/** Different values of a column that is offered as colours. */
const FEWEST_VALUES = 2;
const MAX_VALUES = 50;
/** Ranges that the values of a column with more of them are divided into. */
const RANGES = 10;

/** `label`: the column that names the rows. Columns of numbers, or dates, with many different values come in ranges to colour by, too. */
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

/** The columns as they were before they were sorted into those to colour by and others. */
export function tableOf({ labels, labelColumn, columns, carried }: RowColumns): readonly LabelColumn[] {
  const known = [...columns.filter(({ derived }) => !derived), ...carried];
  if (!labels || labelColumn === null || known.some(({ name }) => name === labelColumn)) return known;
  return [withOrder({ name: labelColumn, values: labels }), ...known];
}

const LIST_OF_NUMBERS = /^\s*[[({]\s*[-+]?\.?\d/;

/** Whether the column is of texts or numbers that say something of the rows: not empty, and no other vectors. */
export function saysSomething({ values }: NamedColumn): boolean {
  const first = values.find((value) => value !== '');
  return first !== undefined && !LIST_OF_NUMBERS.test(first);
}

/** With numbers to compare its values by, where they can be compared. */
export function withOrder(column: NamedColumn): LabelColumn {
  const found = comparableValues(column.values);
  if (!('values' in found)) return column;
  const order = Array.from(found.values, (value) => (Number.isNaN(value) ? null : value));
  return order.some((value) => value !== null) ? { ...column, order } : column;
}

export function hasFewValues({ values }: NamedColumn): boolean {
  const different = new Set<string>();
  for (const value of values) if (different.add(value).size > MAX_VALUES) return false;
  // Names that all differ are no classes.
  return different.size >= FEWEST_VALUES && different.size < values.length;
}

/** Ranges of about as many rows each; undefined where the values cannot be compared, or number the rows. */
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

/** What a column that names rows is usually called. */
const USUAL_LABEL =
  /^(title|name|text|label|word|token|term|sentence|caption|question|query|headline|content|document|description)s?$/i;

/** The column that most likely names the rows; null where none does. */
export function usualLabel(table: readonly NamedColumn[]): string | null {
  const usual = table.filter(({ name }) => USUAL_LABEL.test(name.slice(name.lastIndexOf('.') + 1)));
  // A name that many rows share says less.
  const distinct = ({ values }: NamedColumn) => new Set(values).size;
  const best = usual.reduce<NamedColumn | null>((a, b) => (a && distinct(a) >= distinct(b) ? a : b), null);
  return best?.name ?? null;
}
