// Provides the rows of an operand in blocks: in place if they are in memory, or read from storage, with the next block being read while
// the engine uses the current one.

import { argumentLost } from '../errors.js';
import type { RowSource } from '../rows/row-source.js';
import { type AnyRows, type BlockReader, StoredRows } from '../rows/stored-rows.js';
import type { Steps } from './turns.js';

/** Elements per read: a few megabytes, which disks deliver at full speed. */
const READ_ELEMENTS = 2 ** 20;

/** Rows per read: about READ_ELEMENTS elements, in multiples of `packBlock`. */
function readRows(depth: number, packBlock: number): number {
  return packBlock * Math.max(1, Math.floor(READ_ELEMENTS / (depth + 1) / packBlock));
}

/** Returns the maximum memory for reading `source` in bytes, if rows are packed in steps of `step` or slightly more. */
export function feedBytes(source: AnyRows, step: number): number {
  if (!(source instanceof StoredRows)) return 0;
  return source.readerBytes(Math.min(source.rows, Math.max(step, 64, Math.floor(READ_ELEMENTS / (source.depth + 1)))));
}

export class RowFeed {
  readonly #reader: BlockReader | undefined;
  readonly #readRows: number;
  #ahead: { readonly from: number; readonly to: number; readonly block: Promise<RowSource> } | undefined;

  /** `argument` is the caller's name for the rows. */
  constructor(
    readonly source: AnyRows,
    readonly argument: string,
    private readonly packBlock: number,
  ) {
    this.#readRows = readRows(source.depth, packBlock);
    if (source instanceof StoredRows) this.#reader = source.createReader(Math.min(source.rows, this.#readRows));
  }

  /** Calls `visit` with every `packBlock` rows of [from, to). Throws ArgumentError if they are gone. */
  *visit(from: number, to: number, visit: (rows: RowSource, from: number, to: number) => void): Steps<void> {
    const step = this.#reader ? this.#readRows : this.packBlock;
    for (let row = from; row < to; row += step) {
      const end = Math.min(row + step, to);
      const block = this.#reader ? ((yield this.#take(row, end)) as RowSource) : (this.source as RowSource);
      this.readAhead(end, to);
      for (let at = row; at < end; at += this.packBlock) {
        const next = Math.min(at + this.packBlock, end);
        if (!block.isIntact(at, next)) throw argumentLost(this.argument);
        visit(block, at, next);
        yield;
      }
    }
  }

  async #take(from: number, to: number): Promise<RowSource> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.from === from && ahead.to === to) return ahead.block;
    // An unneeded read must still finish, so that it does not write to a buffer that is reused.
    await ahead?.block.catch(() => {});
    return (this.#reader as BlockReader).read(from, to);
  }

  /** Starts reading the rows from `from` on, if they are stored; `visit` will need them next. */
  readAhead(from: number, to: number): void {
    if (!this.#reader || from >= to || this.#ahead) return;
    const end = Math.min(from + this.#readRows, to);
    const block = this.#reader.read(from, end);
    // The consumer receives the rejection; this prevents an unhandled one if there is no consumer.
    block.catch(() => {});
    this.#ahead = { from, to: end, block };
  }
}
