// Rows that are dropped, each with its reason, as text.

import { extname } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Deduped } from '../index.js';
import { shortest } from '../io/formats/text-sinks.js';
import { UsageError } from './exit-codes.js';
import type { ResultNames } from './records.js';

export type DroppedFormat = '.csv' | '.jsonl';

/** Records turned into text at a time. */
const AT_ONCE = 8192;

/** The format of the file of --dropped. Throws UsageError. */
export function dropReasons(file: string): DroppedFormat {
  const format = extname(file).toLowerCase();
  if (format === '.csv' || format === '.jsonl') return format;
  throw new UsageError(`--dropped ${file}: expected a file name that ends in .csv or .jsonl`);
}

/** A line for each dropped row: its number, the row that is kept instead, whose that is, and their score. */
export function* formatDropped(format: DroppedFormat, { dropped }: Deduped, names: ResultNames): Generator<string> {
  const { labels, otherLabels, score } = names;
  const isNamed = labels !== undefined || otherLabels !== undefined;
  const recordAt = (at: number): Record<string, string | number> => {
    const row = dropped.rows[at] as number;
    const keptRow = dropped.keptRows[at] as number;
    const ofAgainst = dropped.sources[at] === 'against';
    return {
      row,
      ...(isNamed && { row_label: labels?.[row] ?? '' }),
      kept_row: keptRow,
      ...(isNamed && { kept_row_label: (ofAgainst ? otherLabels : labels)?.[keptRow] ?? '' }),
      source: ofAgainst ? 'against' : 'input',
      score: shortest(dropped.scores[at] as number, { type: score }),
    };
  };
  if (format === '.csv') {
    const columns = isNamed
      ? ['row', 'row_label', 'kept_row', 'kept_row_label', 'source', 'score']
      : ['row', 'kept_row', 'source', 'score'];
    yield stringify([columns]);
  }
  for (let from = 0; from < dropped.length; from += AT_ONCE) {
    const records = Array.from({ length: Math.min(AT_ONCE, dropped.length - from) }, (_, i) => recordAt(from + i));
    yield format === '.csv' ? stringify(records) : records.map((record) => `${JSON.stringify(record)}\n`).join('');
  }
}
