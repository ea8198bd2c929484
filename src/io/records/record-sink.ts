// Results as records, column by column, for the writers of record formats.

import type { AtomicFile } from '../bytes/atomic-file.js';
import type { RowValues } from './row-values.js';

/** A column of numbers. If these are row numbers, values of the rows may be written instead of them, or in additional columns. */
export interface Column {
  readonly name: string;
  readonly type: 'u4' | 'f4' | 'f8';
  /** Written instead of the numbers. */
  readonly ids?: RowValues | undefined;
  /** Written in additional columns, each named `<name>_<its name>`. */
  readonly beside?: readonly RowValues[] | undefined;
}

/** Some records, column by column. */
export interface Batch {
  readonly length: number;
  readonly columns: readonly ArrayLike<number>[];
}

/** Writes records to a file in one format. The output does not depend on how the records are divided into batches. */
export interface RecordSink {
  add(batch: Batch): Promise<void>;
  /** Called after the last batch. */
  end(): Promise<void>;
}

export type RecordSinkOpener = (file: AtomicFile, columns: readonly Column[]) => Promise<RecordSink>;

/** A column as it appears in a file. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: Column['type'] | RowValues['type'];
  /** Index of the column of a batch that it is made from. */
  readonly source: number;
  /** The texts that its numbers stand for, if any. */
  readonly texts?: readonly string[];
}

/** Returns the columns of a file: each column, followed by its additional columns. */
export function writtenColumns(columns: readonly Column[]): WrittenColumn[] {
  return columns.flatMap(({ name, type, ids, beside = [] }, source): WrittenColumn[] => [
    ids ? { name, type: ids.type, source, texts: ids.texts } : { name, type, source },
    ...beside.map((values) => ({ name: `${name}_${values.name}`, type: values.type, source, texts: values.texts })),
  ]);
}
