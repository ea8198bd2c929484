// Results as records, to a file in the format of its name or to stdout as JSON lines, a batch at a time.

import { once } from 'node:events';
import { extname } from 'node:path';
import process from 'node:process';
import { stringify } from 'csv-stringify/sync';
import { type AtomicFile, createAtomically } from '../io/atomic-file.js';
import { encodeNpyHeaderOf } from '../io/npy.js';
import { MACHINE_IS_LITTLE_ENDIAN } from '../matrix/element-type.js';
import { UsageError } from './exit-codes.js';

export interface Column {
  readonly name: string;
  readonly type: 'u4' | 'f4' | 'f8';
  /** Names for the numbers, which text formats have in a column of their own. */
  readonly labels?: readonly string[] | undefined;
}

/** Some records, column by column. */
export interface Batch {
  readonly length: number;
  readonly columns: readonly ArrayLike<number>[];
}

export const RECORD_FORMATS = ['.npy', '.csv', '.jsonl'];

/** The extension of an output file, checked; undefined where results are printed. */
export function outputFormat(output: string | undefined, formats: readonly string[]): string | undefined {
  if (output === undefined || output === '-') return undefined;
  const format = extname(output).toLowerCase();
  if (formats.includes(format)) return format;
  throw new UsageError(`-o ${output}: expected a name that ends in ${formats.join(', ')}, or - for stdout`);
}

/** Records converted between two looks at the signal. */
const AT_ONCE = 8192;

/** Writes all records to a file of RECORD_FORMATS. */
export async function writeRecords(
  path: string,
  columns: readonly Column[],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal: AbortSignal,
): Promise<void> {
  await createAtomically(path, async (file) => {
    const format = outputFormat(path, RECORD_FORMATS);
    if (format === '.npy') return appendNpy(file, columns, batches, signal);
    const names = columns.flatMap(({ name, labels }) => (labels ? [name, `${name}_label`] : [name]));
    if (format === '.csv') await file.append(Buffer.from(stringify([names])));
    for await (const { batch, from, to } of pieces(batches, signal)) {
      const text = format === '.csv' ? stringify(rowsOf(columns, batch, from, to)) : linesOf(columns, batch, from, to);
      await file.append(Buffer.from(text));
    }
  });
}

/** Prints all records as JSON lines, as fast as they are read. */
export async function printRecords(
  columns: readonly Column[],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { batch, from, to } of pieces(batches, signal)) await printText(linesOf(columns, batch, from, to));
}

/** Records [from, to) of a batch. */
interface Piece {
  readonly batch: Batch;
  readonly from: number;
  readonly to: number;
}

/** Batches in pieces of AT_ONCE records, until the signal aborts. */
async function* pieces(batches: AsyncIterable<Batch> | Iterable<Batch>, signal: AbortSignal): AsyncGenerator<Piece> {
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; from += AT_ONCE) {
      signal.throwIfAborted();
      yield { batch, from, to: Math.min(batch.length, from + AT_ONCE) };
    }
  }
}

/** Writes to stdout and waits while its reader is behind. */
export async function printText(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function rowsOf(columns: readonly Column[], batch: Batch, from: number, to: number): (string | number)[][] {
  return Array.from({ length: to - from }, (_, i) =>
    columns.flatMap((column, c) => {
      const value = batch.columns[c]?.[from + i] as number;
      return column.labels ? [value, column.labels[value] as string] : [shortest(value, column)];
    }),
  );
}

function linesOf(columns: readonly Column[], batch: Batch, from: number, to: number): string {
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

/** A structured array, one record after another; its length is put into the header at the end. */
async function appendNpy(
  file: AtomicFile,
  columns: readonly Column[],
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal: AbortSignal,
): Promise<void> {
  const fields = columns.map(({ name, type }) => [name, type] as const);
  const recordBytes = columns.reduce((sum, { type }) => sum + Number(type[1]), 0);
  await file.append(encodeNpyHeaderOf(fields, [0]));
  let count = 0;
  for await (const { batch, from, to } of pieces(batches, signal)) {
    await file.append(encodeRecords(columns, recordBytes, batch, from, to));
    count += to - from;
  }
  await file.replaceStart(encodeNpyHeaderOf(fields, [count]));
}

function encodeRecords(columns: readonly Column[], recordBytes: number, batch: Batch, from: number, to: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer((to - from) * recordBytes));
  let start = 0;
  for (const [c, { type }] of columns.entries()) {
    const values = batch.columns[c] as ArrayLike<number>;
    for (let i = from, at = start; i < to; i++, at += recordBytes) {
      const value = values[i] as number;
      if (type === 'u4') bytes.setUint32(at, value, MACHINE_IS_LITTLE_ENDIAN);
      else if (type === 'f4') bytes.setFloat32(at, value, MACHINE_IS_LITTLE_ENDIAN);
      else bytes.setFloat64(at, value, MACHINE_IS_LITTLE_ENDIAN);
    }
    start += Number(type[1]);
  }
  return new Uint8Array(bytes.buffer);
}
