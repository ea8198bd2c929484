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
  readonly #most: number;

  /** `blockRows` limits the rows of either side. */
  constructor(
    readonly region: Region,
    blockRows: number,
  ) {
    const { rowStart, rowEnd, colStart, cols } = region;
    // Finite, to compute with.
    const most = Math.min(blockRows, Math.max(1, rowEnd - rowStart, cols));
    this.#most = most;
    this.blocks = colStart < cols ? Math.ceil((rowEnd - rowStart) / most) : 0;
    let length = 0;
    for (let at = 0; at < this.blocks; at++) {
      const { diagonal, rowEnd, colStart } = blockOf(region, most, at);
      length += diagonal ? 1 + Math.ceil((cols - rowEnd) / most) : Math.ceil((cols - colStart) / most);
    }
    this.length = length;
  }

  /** The passes of one block of rows. */
  block(at: number): Passes {
    const { region } = this;
    const most = this.#most;
    const { rowStart, rowEnd } = blockOf(region, most, at);
    return new Passes({ ...region, rowStart, rowEnd }, most);
  }

  *[Symbol.iterator](): Generator<Pass, void, undefined> {
    const { region } = this;
    const most = this.#most;
    const { cols } = region;
    for (let at = 0; at < this.blocks; at++) {
      let { rowStart, rowEnd, colStart, diagonal } = blockOf(region, most, at);
      while (colStart < cols) {
        const colEnd = diagonal ? rowEnd : Math.min(colStart + most, cols);
        yield { rowStart, rowEnd, colStart, colEnd, diagonal };
        colStart = colEnd;
        diagonal = false;
      }
    }
  }
}

/** Returns the rows of a block of at most `most` rows, and the first column that it meets: in a symmetric region, on the diagonal. */
function blockOf(region: Region, most: number, at: number) {
  const { symmetric } = region;
  const rowStart = region.rowStart + at * most;
  const colStart = symmetric ? Math.max(rowStart, region.colStart) : region.colStart;
  return { rowStart, rowEnd: Math.min(rowStart + most, region.rowEnd), colStart, diagonal: symmetric && colStart === rowStart };
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
