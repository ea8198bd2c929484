// Collects records into groups of a fixed size. Column formats write one group at a time, so their bytes do not depend on the batches in
// which records arrived.

import type { Batch, Column } from '../records/record-sink.js';

/** Numbers of one column. */
export type ColumnArray = Uint32Array | Float32Array | Float64Array;

const ARRAYS = { u4: Uint32Array, f4: Float32Array, f8: Float64Array };

export class RecordGroups {
  #filled = 0;
  readonly #columns: ColumnArray[];

  /** `write` receives `records` records at a time, or fewer the last time; it must not keep the arrays. */
  constructor(
    columns: readonly Column[],
    private readonly records: number,
    private readonly write: (columns: readonly ColumnArray[], length: number) => Promise<void>,
  ) {
    this.#columns = columns.map(({ type }) => new ARRAYS[type](records));
  }

  async add(batch: Batch): Promise<void> {
    for (let from = 0; from < batch.length; ) {
      const count = Math.min(batch.length - from, this.records - this.#filled);
      for (const [c, column] of this.#columns.entries()) {
        const values = batch.columns[c] as ArrayLike<number>;
        for (let i = 0; i < count; i++) column[this.#filled + i] = values[from + i] as number;
      }
      from += count;
      this.#filled += count;
      if (this.#filled === this.records) await this.flush();
    }
  }

  /** Writes the remaining records. */
  async flush(): Promise<void> {
    const length = this.#filled;
    this.#filled = 0;
    if (length > 0)
      await this.write(
        this.#columns.map((column) => column.subarray(0, length)),
        length,
      );
  }
}

/** Returns the texts that the numbers of a column stand for. */
export function textsOf(texts: readonly string[], values: ColumnArray): string[] {
  return Array.from(values, (value) => texts[value] as string);
}
