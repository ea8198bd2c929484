// Results as records, column by column, for the writers of record formats.

import type { AtomicFile } from '../bytes/atomic-file.js';

export interface Column {
  readonly name: string;
  readonly type: 'u4' | 'f4' | 'f8';
  /** Names for the numbers, which formats with text have in a column of their own, `<name>_label`. */
  readonly labels?: readonly string[] | undefined;
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
