// Records as text: .csv and .jsonl. Numbers are the shortest decimals that mean the same float32 or float64.

import type { AtomicFile } from '../bytes/atomic-file.js';
import type { Batch, Column, RecordSink, RecordSinkOpener } from '../records/record-sink.js';

/** Records turned into text at a time. */
const AT_ONCE = 8192;

export const openCsvSink: RecordSinkOpener = async (file, columns) => {
  const { stringify } = await import('csv-stringify/sync');
  const names = columns.flatMap(({ name, labels }) => (labels ? [name, `${name}_label`] : [name]));
  await file.append(Buffer.from(stringify([names])));
  return textSink(file, (batch, from, to) => stringify(cellsOf(columns, batch, from, to)));
};

export const openJsonlSink: RecordSinkOpener = async (file, columns) =>
  textSink(file, (batch, from, to) => formatJsonLines(columns, batch, from, to));

function textSink(file: AtomicFile, format: (batch: Batch, from: number, to: number) => string): RecordSink {
  return {
    async add(batch) {
      for (let from = 0; from < batch.length; from += AT_ONCE) {
        await file.append(Buffer.from(format(batch, from, Math.min(batch.length, from + AT_ONCE))));
      }
    },
    async end() {},
  };
}

function cellsOf(columns: readonly Column[], batch: Batch, from: number, to: number): (string | number)[][] {
  return Array.from({ length: to - from }, (_, i) =>
    columns.flatMap((column, c) => {
      const value = batch.columns[c]?.[from + i] as number;
      return column.labels ? [value, column.labels[value] as string] : [shortest(value, column)];
    }),
  );
}

/** Records [from, to) of a batch, each a line of JSON. */
export function formatJsonLines(columns: readonly Column[], batch: Batch, from: number, to: number): string {
  let lines = '';
  for (let i = from; i < to; i++) {
    const record: Record<string, string | number> = {};
    for (const [c, column] of columns.entries()) {
      const value = batch.columns[c]?.[i] as number;
      record[column.name] = shortest(value, column);
      if (column.labels) record[`${column.name}_label`] = column.labels[value] as string;
    }
    lines += `${JSON.stringify(record)}\n`;
  }
  return lines;
}

/** The shortest decimal that is the same float32: 0.9, not 0.8999999761581421. */
export function shortest(value: number, { type }: Pick<Column, 'type'>): number {
  if (type !== 'f4') return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
