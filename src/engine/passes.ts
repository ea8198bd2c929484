// The passes over a result, in order. They are computed as they are needed: with little memory and many rows there may be millions, and a
// list of them would take more memory than the rows.

import type { Pass } from '../backends/work.js';

/** A part of the result: rows [rowStart, rowEnd) and columns [colStart, cols), in a symmetric result only on and above the diagonal. */
export interface Region {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly cols: number;
  readonly symmetric: boolean;
}

/** The passes over a region, block of rows by block of rows. */
export class Passes implements Iterable<Pass> {
  /** Number of passes. */
  readonly length: number;
  /** Number of blocks of rows. Each has at least one pass. */
  readonly blocks: number;
  private readonly blockRows: number;

  /** `blockRows` limits the rows of either side. */
  constructor(
    readonly region: Region,
    blockRows: number,
  ) {
    const { rowStart, rowEnd, colStart, cols } = region;
    // Finite, to compute with.
    this.blockRows = Math.min(blockRows, Math.max(1, rowEnd - rowStart, cols));
    this.blocks = colStart < cols ? Math.ceil((rowEnd - rowStart) / this.blockRows) : 0;
    let length = 0;
    for (let block = 0; block < this.blocks; block++) length += this.passesIn(block);
    this.length = length;
  }

  /** The passes of one block of rows. */
  block(block: number): Passes {
    return new Passes({ ...this.region, ...this.rowsOf(block) }, this.blockRows);
  }

  *[Symbol.iterator](): Generator<Pass, void, undefined> {
    const { cols } = this.region;
    for (let block = 0; block < this.blocks; block++) {
      const { rowStart, rowEnd } = this.rowsOf(block);
      for (let colStart = this.colStart(rowStart); colStart < cols; ) {
        const diagonal = this.region.symmetric && colStart === rowStart;
        const colEnd = diagonal ? rowEnd : Math.min(colStart + this.blockRows, cols);
        yield { rowStart, rowEnd, colStart, colEnd, diagonal };
        colStart = colEnd;
      }
    }
  }

  private passesIn(block: number): number {
    const { cols, symmetric } = this.region;
    const { rowStart, rowEnd } = this.rowsOf(block);
    const colStart = this.colStart(rowStart);
    const diagonal = symmetric && colStart === rowStart;
    return diagonal ? 1 + Math.ceil((cols - rowEnd) / this.blockRows) : Math.ceil((cols - colStart) / this.blockRows);
  }

  private rowsOf(block: number): Pick<Region, 'rowStart' | 'rowEnd'> {
    const rowStart = this.region.rowStart + block * this.blockRows;
    return { rowStart, rowEnd: Math.min(rowStart + this.blockRows, this.region.rowEnd) };
  }

  /** The first column that the block at `rowStart` meets. */
  private colStart(rowStart: number): number {
    const { colStart, symmetric } = this.region;
    return symmetric ? Math.max(rowStart, colStart) : colStart;
  }
}

/** Yields each item with the one after it. */
export function* withNext<T>(items: Iterable<T>): Generator<[T, T | undefined], void, undefined> {
  let current: T | undefined;
  for (const next of items) {
    if (current !== undefined) yield [current, next];
    current = next;
  }
  if (current !== undefined) yield [current, undefined];
}
