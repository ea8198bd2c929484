// Some rows of a file as rows of their own: consecutive ranges of it.

import { ContiguousRows, type RowSource } from '../../rows/row-source.js';
import { type BlockReader, StoredRows } from '../../rows/stored-rows.js';

/** Rows [from, to) of a source. */
export type RowRange = readonly [from: number, to: number];

/** The rows of an open file in `ranges`, one after another, as rows of their own. Closing them does not close the file. */
export class RowRanges extends StoredRows {
  constructor(
    private readonly source: StoredRows,
    /** Ascending, without overlap. */
    readonly ranges: readonly RowRange[],
  ) {
    super(
      ranges.reduce((sum, [from, to]) => sum + to - from, 0),
      source.depth,
      source.type,
    );
  }

  /** Returns the number in the source of row `row`. */
  rowInSource(row: number): number {
    // Called for every pair; a loop without an iterator takes half the time.
    let before = 0;
    for (let at = 0; at < this.ranges.length; at++) {
      const [from, to] = this.ranges[at] as RowRange;
      if (row < before + to - from) return from + row - before;
      before += to - from;
    }
    throw new RangeError(`row ${row} of ${this.rows}`);
  }

  createReader(mostRows: number): BlockReader {
    const reader = this.source.createReader(mostRows);
    return { read: (from, to) => this.readWith(reader, from, to) };
  }

  override storedBytes(rows: number): number {
    return this.source.storedBytes(rows);
  }

  override readerBytes(mostRows: number): number {
    return this.source.readerBytes(mostRows);
  }

  private async readWith(reader: BlockReader, from: number, to: number): Promise<RowSource> {
    const { rows, depth, staged } = this;
    const first = from < to ? this.rowInSource(from) : 0;
    const end = first + (to - from);
    if (from >= to || this.ranges.some(([start, stop]) => start <= first && end <= stop)) {
      return renumbered(await reader.read(first, end), first - from, rows);
    }
    // Rows that cross the end of a range are copied together.
    const all = staged === 'float32' ? new Float32Array((to - from) * depth) : new Float64Array((to - from) * depth);
    for (let row = from; row < to; ) {
      const start = this.rowInSource(row);
      const [, stop] = this.ranges.find((range) => range[0] <= start && start < range[1]) as RowRange;
      const count = Math.min(stop - start, to - row);
      (await reader.read(start, start + count)).copyRows(start, start + count, all, (row - from) * depth);
      row += count;
    }
    return new ContiguousRows(all, -from * depth, rows, depth);
  }
}

/** The same block, renumbered so that its row r + `shift` becomes row r. */
function renumbered(block: RowSource, shift: number, rows: number): RowSource {
  const { depth, staged } = block;
  if (block instanceof ContiguousRows) return new ContiguousRows(block.data, block.offset + shift * depth, rows, depth);
  return {
    rows,
    depth,
    staged,
    isIntact: (from, to) => block.isIntact(from + shift, to + shift),
    copyRows: (from, to, target, at) => block.copyRows(from + shift, to + shift, target, at),
  };
}
