// Writes records as text: .csv and .jsonl. Numbers are the shortest decimals that denote the same float32 or float64.

import type { AtomicFile } from '../bytes/atomic-file.js';
import {
  type Batch,
  type Column,
  type RecordSink,
  type RecordSinkOpener,
  type WrittenColumn,
  writtenColumns,
} from '../records/record-sink.js';

/** Number of records formatted at a time. */
const AT_ONCE = 8192;

export const openCsvSink: RecordSinkOpener = async (file, columns) => {
  const { stringify } = await import('csv-stringify/sync');
  const written = writtenColumns(columns);
  await file.append(Buffer.from(stringify([written.map(({ name }) => name)])));
  return textSink(file, (batch, from, to) => stringify(cellsOf(written, batch, from, to)));
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

function cellsOf(columns: readonly WrittenColumn[], batch: Batch, from: number, to: number): (string | number)[][] {
  return Array.from({ length: to - from }, (_, i) =>
    columns.map(({ source, type, texts }) => {
      const value = batch.columns[source]?.[from + i] as number;
      return texts ? (texts[value] as string) : shortest(value, { type });
    }),
  );
}

/** Formats records [from, to) of a batch as lines of JSON. */
export function formatJsonLines(columns: readonly Column[], batch: Batch, from: number, to: number): string {
  const written = writtenColumns(columns).map((column) => ({ ...column, key: `${JSON.stringify(column.name)}:` }));
  let lines = '';
  for (let i = from; i < to; i++) {
    let fields = '';
    for (const { key, source, type, texts } of written) {
      const value = batch.columns[source]?.[i] as number;
      const text = texts ? jsonOf(texts[value] as string, type) : JSON.stringify(shortest(value, { type }));
      fields += `${fields === '' ? '' : ','}${key}${text}`;
    }
    lines += `{${fields}}\n`;
  }
  return lines;
}

/** Numbers are written unchanged, because JavaScript would round large integers. */
export function jsonOf(text: string, type: WrittenColumn['type']): string {
  return type === 'text' ? JSON.stringify(text) : text;
}

/** Returns the shortest decimal that denotes the same float32: 0.9, not 0.8999999761581421. */
export function shortest(value: number, { type }: Pick<WrittenColumn, 'type'>): number {
  if (type !== 'f4') return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
