// Rows of an operand in memory, a block at a time: as they lie there, or read from where they are stored, the next block while
// the engine works with the last one.

import { argumentLost } from '../errors.js';
import type { RowSource } from '../rows/row-source.js';
import { type AnyRows, type BlockReader, StoredRows } from '../rows/stored-rows.js';
import type { Steps } from './turns.js';

/** Elements that are read at a time: few megabytes, which a disk delivers at its full speed. */
const READ_ELEMENTS = 2 ** 20;

/** Rows of a block that is read: about READ_ELEMENTS, whole multiples of `packBlock`. */
function readRows(depth: number, packBlock: number): number {
  return packBlock * Math.max(1, Math.floor(READ_ELEMENTS / (depth + 1) / packBlock));
}

/** Bytes that reading `source` takes at most, where rows are packed `step` or more, but few, at a time. */
export function feedBytes(source: AnyRows, step: number): number {
  if (!(source instanceof StoredRows)) return 0;
  return source.readerBytes(Math.min(source.rows, Math.max(step, 64, Math.floor(READ_ELEMENTS / (source.depth + 1)))));
}

export class RowFeed {
  private readonly reader: BlockReader | undefined;
  private readonly readRows: number;
  private ahead: { readonly from: number; readonly to: number; readonly block: Promise<RowSource> } | undefined;

  /** `argument` is what the caller calls the rows. */
  constructor(
    readonly source: AnyRows,
    readonly argument: string,
    private readonly packBlock: number,
  ) {
    this.readRows = readRows(source.depth, packBlock);
    if (source instanceof StoredRows) this.reader = source.createReader(Math.min(source.rows, this.readRows));
  }

  /** Calls `visit` with every `packBlock` rows of [from, to). Throws ArgumentError where they are no longer there. */
  *visit(from: number, to: number, visit: (rows: RowSource, from: number, to: number) => void): Steps<void> {
    const step = this.reader ? this.readRows : this.packBlock;
    for (let row = from; row < to; row += step) {
      const end = Math.min(row + step, to);
      const block = this.reader ? ((yield this.take(row, end)) as RowSource) : (this.source as RowSource);
      this.readAhead(end, to);
      for (let at = row; at < end; at += this.packBlock) {
        const next = Math.min(at + this.packBlock, end);
        if (!block.isIntact(at, next)) throw argumentLost(this.argument);
        visit(block, at, next);
        yield;
      }
    }
  }

  private async take(from: number, to: number): Promise<RowSource> {
    const { ahead } = this;
    this.ahead = undefined;
    if (ahead?.from === from && ahead.to === to) return ahead.block;
    // Nobody wants it, but it must not land in a buffer that is used again.
    await ahead?.block.catch(() => {});
    return (this.reader as BlockReader).read(from, to);
  }

  /** Begins to read the rows from `from` on, where they have to be read: `visit` will want them next. */
  readAhead(from: number, to: number): void {
    if (!this.reader || from >= to || this.ahead) return;
    const end = Math.min(from + this.readRows, to);
    const block = this.reader.read(from, end);
    // Whoever takes it learns of its failure; nobody may.
    block.catch(() => {});
    this.ahead = { from, to: end, block };
  }
}
