// Formats dropped rows as text, each with its reason.

import { extname } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Deduped } from '../index.js';
import { jsonOf, shortest } from '../io/formats/text-sinks.js';
import type { RowValues } from '../io/records/row-values.js';
import { UsageError } from './exit-codes.js';
import { besideRows, type ResultNames, type RowNames } from './result-names.js';
import { scoreColumn } from './scores.js';

export type DroppedFormat = '.csv' | '.jsonl';

/** Number of records formatted at a time. */
const AT_ONCE = 8192;

/** Returns the format of the file of --dropped. Throws UsageError. */
export function dropReasons(file: string): DroppedFormat {
  const format = extname(file).toLowerCase();
  if (format === '.csv' || format === '.jsonl') return format;
  throw new UsageError(`--dropped ${file}: expected a file name that ends in .csv or .jsonl`);
}

/** One value of a record. */
type Value = readonly [text: string, type: RowValues['type']];

interface DroppedColumn {
  readonly name: string;
  /** Returns the value for the dropped row at this index. */
  readonly valueAt: (at: number) => Value;
}

/** Yields a line for each dropped row: the row, the row that is kept instead, the input of that row, and their score. */
export function* formatDropped(format: DroppedFormat, { dropped }: Deduped, names: ResultNames): Generator<string> {
  const isOfAgainst = (at: number) => dropped.sources[at] === 'against';
  const { name, type } = scoreColumn(names);
  const scoreAt = (at: number) => {
    const score = dropped.scores[at] as number;
    const distance = type === 'f4' ? Math.fround(1 - score) : 1 - score;
    return String(shortest(names.distance ? distance : score, { type }));
  };
  const columns: DroppedColumn[] = [
    ...columnsOfRow('row', names, (at) => [dropped.rows[at] as number, names.rows]),
    ...columnsOfRow('kept_row', names, (at) => [dropped.keptRows[at] as number, isOfAgainst(at) ? names.cols : names.rows]),
    { name: 'source', valueAt: (at) => [isOfAgainst(at) ? 'against' : 'input', 'text'] },
    { name, valueAt: (at) => [scoreAt(at), 'f8'] },
  ];
  if (format === '.csv') yield stringify([columns.map((column) => column.name)]);
  for (let from = 0; from < dropped.length; from += AT_ONCE) {
    const places = Array.from({ length: Math.min(AT_ONCE, dropped.length - from) }, (_, i) => from + i);
    yield format === '.csv'
      ? stringify(places.map((at) => columns.map(({ valueAt }) => valueAt(at)[0])))
      : places.map((at) => `{${columns.map((column) => fieldOf(column, at)).join(',')}}\n`).join('');
  }
}

/** Returns columns with the id or number of a row and its carried values, for rows of either input. */
function columnsOfRow(name: string, names: ResultNames, rowAt: (at: number) => [number, RowNames]): DroppedColumn[] {
  const beside = new Set([...besideRows(names.rows), ...besideRows(names.cols)].map((values) => values.name));
  return [
    {
      name,
      valueAt: (at) => {
        const [row, { ids }] = rowAt(at);
        return ids ? [ids.texts[row] as string, ids.type] : [String(row), 'i8'];
      },
    },
    ...Array.from(beside, (other) => ({
      name: `${name}_${other}`,
      valueAt: (at: number): Value => {
        const [row, own] = rowAt(at);
        const values = besideRows(own).find((one) => one.name === other);
        return values ? [values.texts[row] as string, values.type] : ['', 'text'];
      },
    })),
  ];
}

function fieldOf({ name, valueAt }: DroppedColumn, at: number): string {
  const [text, type] = valueAt(at);
  return `${JSON.stringify(name)}:${jsonOf(text, type)}`;
}
