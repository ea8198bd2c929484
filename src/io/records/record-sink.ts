// Results as records, column by column, for the writers of record formats.

import type { AtomicFile } from '../bytes/atomic-file.js';
import type { RowValues } from './row-values.js';

/** A column of numbers. Where it counts rows, values of those rows may stand in its place, and beside it. */
export interface Column {
  readonly name: string;
  readonly type: 'u4' | 'f4' | 'f8';
  /** Written in the place of the numbers. */
  readonly ids?: RowValues | undefined;
  /** Written beside the numbers, each in a column of its own: `<name>_<its name>`. */
  readonly beside?: readonly RowValues[] | undefined;
}

/** Some records, column by column. */
export interface Batch {
  readonly length: number;
  readonly columns: readonly ArrayLike<number>[];
}

/** Writes records to a file in one format. What it writes does not depend on how the records are cut into batches. */
export interface RecordSink {
  add(batch: Batch): Promise<void>;
  /** After the last batch. */
  end(): Promise<void>;
}

export type RecordSinkOpener = (file: AtomicFile, columns: readonly Column[]) => Promise<RecordSink>;

/** A column as it stands in a file. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: Column['type'] | RowValues['type'];
  /** Which column of a batch it is made of. */
  readonly source: number;
  /** Where the numbers of that column stand for these. */
  readonly texts?: readonly string[];
}

/** The columns that a file has: each column, followed by what stands beside it. */
export function writtenColumns(columns: readonly Column[]): WrittenColumn[] {
  return columns.flatMap(({ name, type, ids, beside = [] }, source): WrittenColumn[] => [
    ids ? { name, type: ids.type, source, texts: ids.texts } : { name, type, source },
    ...beside.map((values) => ({ name: `${name}_${values.name}`, type: values.type, source, texts: values.texts })),
  ]);
}
