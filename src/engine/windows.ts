// Divides the work by rows of x: a window is some rows of one block with all the columns they meet. When a window is done, so are all
// rows before its end, and the call can deliver results or save its progress.

import type { Passes } from './passes.js';
import type { Plan } from './plan.js';

export interface Window {
  /** All passes of one block of rows. The rows of the window count from the start of the block. */
  readonly passes: Passes;
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly tileRows: number;
  /** The row of x after the last row of the window. */
  readonly end: number;
}

/** Tiles per thread in a window. With fewer, threads would wait too long for the last one. */
const TILES_PER_THREAD = 64;
/** If columns are packed again for each window, this many rows make packing cheap compared with computing. */
const ROWS_WORTH_PACKING = 4096;

/** Iterates over the rows, block by block. */
export class Windows {
  readonly #tallest: number;
  #block = 0;
  #row = 0;
  /** A multiple of the plan's tile rows, or a smaller multiple of `step`. */
  #height: number;

  /** `work` is the minimum number of multiply-adds per window. Grids begin at multiples of `step` rows. */
  constructor(
    private readonly plan: Plan,
    private readonly step: number,
    work = 0,
  ) {
    const { passes, cols, shape } = plan;
    const { tileRows, threads, depth } = shape;
    const across = Math.max(1, Math.ceil(cols / tileRows));
    const down = Math.max(
      Math.ceil((TILES_PER_THREAD * threads) / across),
      Math.ceil(work / (cols * (depth + 1) * tileRows + 1)),
      passes.length > passes.blocks ? Math.ceil(ROWS_WORTH_PACKING / tileRows) : 0,
    );
    this.#tallest = down * tileRows;
    this.#height = this.#tallest;
  }

  current(): Window | undefined {
    const all = this.plan.passes;
    if (this.#block >= all.blocks) return undefined;
    const passes = all.block(this.#block);
    const { rowStart } = passes.region;
    const rowEnd = Math.min(this.#row + this.#height, passes.region.rowEnd - rowStart);
    const tileRows = Math.min(this.#height, this.plan.shape.tileRows);
    return { passes, rowStart: this.#row, rowEnd, tileRows, end: rowStart + rowEnd };
  }

  /** Whether the window can be smaller. */
  get divisible(): boolean {
    return this.#height > this.step;
  }

  shrink(): void {
    const { tileRows } = this.plan.shape;
    const unit = this.#height > tileRows ? tileRows : this.step;
    this.#height = Math.max(unit, Math.floor(this.#height / 2 / unit) * unit);
  }

  /** Shrinks the window, at least to the rows of one tile. */
  shrinkToTile(): void {
    this.#height = Math.min(this.#height, this.plan.shape.tileRows);
  }

  /** Moves to the next rows. */
  advance(): void {
    const window = this.current();
    if (!window) return;
    this.#row = window.rowEnd;
    if (window.end < window.passes.region.rowEnd) return;
    this.#block++;
    this.#row = 0;
  }

  /** Makes windows taller again. */
  grow(): void {
    const { tileRows } = this.plan.shape;
    const doubled = 2 * this.#height;
    this.#height = doubled > tileRows ? Math.min(this.#tallest, Math.floor(doubled / tileRows) * tileRows) : doubled;
  }
}
