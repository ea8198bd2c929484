// The work cut at rows of x: a window is some rows of one block against all columns they meet. When it is done, so are all rows
// before it, and a call can hand over what it has or note down how far it is.

import type { Pass } from '../backends/work.js';
import type { Plan } from './plan.js';

export interface Window {
  /** All passes of one block of rows; the window's rows count from its start. */
  readonly passes: readonly Pass[];
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly tileRows: number;
  /** The row of x after the window's last. */
  readonly end: number;
}

/** Tiles of a window for each thread: with fewer, threads that are done would wait long for the last. */
const TILES_PER_THREAD = 64;
/** Where columns are packed anew for each window, this many rows make packing them cost little beside computing. */
const ROWS_WORTH_PACKING = 4096;

/** Walks through the rows, block by block. */
export class Windows {
  private readonly blocks: Pass[][] = [];
  private readonly tallest: number;
  private block = 0;
  private row = 0;
  /** A multiple of the plan's tile rows; or fewer, and a multiple of `step`. */
  private height: number;

  /** `work`: multiply-adds that a window should have at least. Grids begin at multiples of `step` rows. */
  constructor(
    private readonly plan: Plan,
    private readonly step: number,
    work = 0,
  ) {
    const { passes, cols, shape } = plan;
    for (const pass of passes) {
      const last = this.blocks.at(-1);
      if (last?.[0]?.rowStart === pass.rowStart) last.push(pass);
      else this.blocks.push([pass]);
    }
    const { tileRows, threads, depth } = shape;
    const across = Math.max(1, Math.ceil(cols / tileRows));
    const down = Math.max(
      Math.ceil((TILES_PER_THREAD * threads) / across),
      Math.ceil(work / (cols * (depth + 1) * tileRows + 1)),
      passes.length > this.blocks.length ? Math.ceil(ROWS_WORTH_PACKING / tileRows) : 0,
    );
    this.tallest = down * tileRows;
    this.height = this.tallest;
  }

  current(): Window | undefined {
    const passes = this.blocks[this.block];
    if (!passes?.[0]) return undefined;
    const { rowStart } = passes[0];
    const rowEnd = Math.min(this.row + this.height, passes[0].rowEnd - rowStart);
    const tileRows = Math.min(this.height, this.plan.shape.tileRows);
    return { passes, rowStart: this.row, rowEnd, tileRows, end: rowStart + rowEnd };
  }

  /** Whether a window may be smaller still. */
  get divisible(): boolean {
    return this.height > this.step;
  }

  shrink(): void {
    const { tileRows } = this.plan.shape;
    const unit = this.height > tileRows ? tileRows : this.step;
    this.height = Math.max(unit, Math.floor(this.height / 2 / unit) * unit);
  }

  /** Down to the rows of one tile. */
  shrinkToTile(): void {
    this.height = Math.min(this.height, this.plan.shape.tileRows);
  }

  /** On to the next rows. */
  advance(): void {
    const passes = this.blocks[this.block];
    const window = this.current();
    if (!passes?.[0] || !window) return;
    this.row = window.rowEnd;
    if (this.row < passes[0].rowEnd - passes[0].rowStart) return;
    this.block++;
    this.row = 0;
  }

  /** Taller windows again. */
  grow(): void {
    const { tileRows } = this.plan.shape;
    const doubled = 2 * this.height;
    this.height = doubled > tileRows ? Math.min(this.tallest, Math.floor(doubled / tileRows) * tileRows) : doubled;
  }
}
