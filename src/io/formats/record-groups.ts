// Records gathered into groups of a fixed number: formats that write columns write one group at a time, and the bytes do not
// depend on the batches the records came in.

import type { Batch, Column } from '../records/record-sink.js';

/** Numbers of one column. */
export type ColumnArray = Uint32Array | Float32Array | Float64Array;

const ARRAYS = { u4: Uint32Array, f4: Float32Array, f8: Float64Array };

export class RecordGroups {
  #filled = 0;
  readonly #columns: ColumnArray[];

  /** `write` gets `records` records at a time, the last time fewer; it may not keep the arrays. */
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

  /** Writes what is left. */
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

/** What the numbers of one column stand for. */
export function textsOf(texts: readonly string[], values: ColumnArray): string[] {
  return Array.from(values, (value) => texts[value] as string);
}
