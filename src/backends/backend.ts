// The seam between engine and backend: a backend takes rows and gives finished tiles, or does itself what is to be done with
// them. How it packs, which registers and instructions it uses, is its own affair. It never reads the environment.

import type { DType, ScoreArray } from '../rows/dtype.js';
import type { RowSource } from '../rows/row-source.js';
import type { Delivery, Order, TileGrid } from './work.js';

/** One rectangle of the result. Rows and columns count from the start of the packed rows of x and y. */
export interface Tile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly colEnd: number;
  /** Whose packed rows the columns are. */
  readonly colOperand: 'x' | 'y';
  /** Rows and columns are the same rows of x: the tile is its own transpose. */
  readonly diagonal: boolean;
  /** The transpose is another part of the result. */
  readonly mirrored: boolean;
}

/** Where a tile's scores are until the next tile is computed. */
export interface FinishedTile {
  scores: ScoreArray;
  /** Index in `scores` of the tile, rows x cols without gaps. */
  direct: number;
  /** Index in `scores` of its transpose, cols x rows; -1 where there is none (or the tile is its own). */
  mirrored: number;
}

/** Scores that were found in a tile, row by row, until the next tile is computed. */
export interface Hits {
  readonly count: number;
  /** From the tile's first row and first column. */
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
  readonly scores: ScoreArray;
}

/** The best scores of each row, or of each column, of a tile, in no order, until the next tile is computed. */
export interface TileLists {
  /** How many entries each list has. */
  readonly counts: Uint32Array;
  /** Entries from one list to the next in `indices` and `scores`. */
  readonly capacity: number;
  /** Columns of the tile in the lists of rows, rows in the lists of columns. */
  readonly indices: Uint32Array;
  readonly scores: ScoreArray;
}

/** The scores of a tile counted, until the next tile is computed. */
export interface TileCounts {
  /** Bin b counts edges[b] <= score < edges[b + 1]; one bin more than asked for, for the scores that are 1. */
  readonly bins: Uint32Array;
  readonly minimum: number;
  readonly maximum: number;
  /** Of the scores rounded to multiples of 2^-33, so that the order of adding does not matter. */
  readonly sum: number;
}

/** What the tiles of a job are computed for. */
export type Purpose =
  | {
      readonly kind: 'dense';
      /** The caller may detach or resize the result at any moment, so only the calling thread may write to it. */
      readonly detachable: boolean;
    }
  | { readonly kind: 'pairs' }
  | { readonly kind: 'top-k'; readonly k: number }
  | { readonly kind: 'histogram'; readonly bins: number };

/** What must be known to set up memory. */
export interface JobShape {
  readonly purpose: Purpose;
  readonly dtype: DType;
  readonly depth: number;
  /** The most rows of x, and of y (0 where y is x), that are packed at a time. */
  readonly xRows: number;
  readonly yRows: number;
  /** The most rows or columns of a tile. */
  readonly tileRows: number;
  /** How many threads will compute tiles. */
  readonly threads: number;
  /** Whether those are other threads than this one, so that memory must be shared. */
  readonly shared: boolean;
}

/**
 * Computes tiles of a job, on one thread. Besides `computeTile` a backend may have its own way to do what the job is for; of a
 * diagonal tile these take the scores below the diagonal. Where one is missing, the epilogue works on whole tiles.
 */
export interface TileComputer {
  /** For every purpose of a backend that lacks the others; else for 'dense'. */
  computeTile(tile: Tile): FinishedTile;
  /** The scores of pairs whose true cosine, rounded to the nearest float64, is >= threshold. */
  findPairs?(tile: Tile, threshold: number): Hits;
  /**
   * Whether the true cosine of a tile's row and column, rounded to the nearest float64, is >= threshold; `score` is the one that
   * `computeTile` gave. Only a backend that has `findPairs` lacks it.
   */
  reaches?(tile: Tile, row: number, col: number, score: number, threshold: number): boolean;
  /** Of each row, and of each column unless `colBounds` is undefined, the best k scores among those >= its bound. */
  findBest?(tile: Tile, rowBounds: ScoreArray, colBounds: ScoreArray | undefined): { rows: TileLists; cols: TileLists };
  /** Counts scores; `edges` as many as the job's bins and one more, ascending from -1 to 1. */
  countScores?(tile: Tile, edges: Float64Array): TileCounts;
}

/** One problem in a backend's memory. Used by one call at a time. */
export interface Job {
  /** Rows at a time for `packRows`, a multiple of what the backend packs together. */
  readonly packBlock: number;
  /**
   * Normalises and packs rows [from, to) of `source` as the rows [at, at + to - from) of operand x or y; `at` is a multiple
   * of `packBlock`, and to - from at most that. Zero rows pack as zero rows. Returns -1, or the first row of `source` that
   * holds a NaN or an infinity; with `zeroNonFinite` such a row packs as a zero row instead.
   */
  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number;
  /** Gives the memory back for other jobs. */
  release(): void;
}

/** A job whose tiles the engine has computed, by whatever thread it likes, and hands to its own epilogues. */
export interface TileJob extends Job {
  /** Computes on this thread, with the scratch of thread 0. */
  readonly tiles: TileComputer;
  /** What `attach` needs on thread `thread`: structured-cloneable. */
  share(thread: number): unknown;
}

/** A job with epilogues and threads of its own. */
export interface GridJob extends Job {
  /** Makes ready to compute the tiles of a grid. */
  openGrid(grid: TileGrid, order: Order): GridWork;
}

/** The tiles of one grid, either one after another on the calling thread or all at once on others. */
export interface GridWork {
  /** Computes tile `index` and does with it what was ordered. */
  take(index: number): Delivery | undefined;
  /** After the last tile. */
  finish(): Delivery | undefined;
  /**
   * Computes all tiles on `threads` threads, while the calling thread goes on. What the order points to may not move until the
   * promise resolves, when no thread works any more: all is done, or `stop` was called. (The result of a dense job for a
   * detachable one may: then this rejects with an ArgumentError.) `receive` is called between turns of the event loop. Rejects
   * where memory ran out.
   */
  start(threads: number, receive: (content: unknown) => void): Promise<void>;
  /** How many tiles those threads have computed. */
  tilesDone(): number;
  /** Begins no further tile. */
  stop(): void;
}

/** One way of computing tiles. */
export interface Backend {
  readonly name: string;
  /** One line for people: what it runs on. */
  readonly description: string;
  /** Multiply-adds that take about two milliseconds: less is not worth a thread. `bench/crossover.ts` measures it. */
  readonly smallWork: number;
  /** Rows of the largest tile that keeps its working set in cache and takes no more than some 20 milliseconds. */
  tileRows(dtype: DType, depth: number): number;
  /** Tiles begin at, and `tileRows` is, a multiple of this. */
  tileStep(dtype: DType): number;
  /** Rows that are packed side by side; divides `tileStep`. */
  panelRows(dtype: DType): number;
  /** Products that are added before a sum restarts; Infinity if it never does. */
  readonly depthBlock: number;
  /** Most bytes of packed rows that one job can hold. */
  readonly packedLimit: number;
  /** Bytes that packing `rows` rows takes, and that a job takes besides its packed rows. */
  packedBytes(dtype: DType, rows: number, depth: number): number;
  scratchBytes(shape: JobShape): number;
  createJob(shape: JobShape): TileJob | GridJob;
  /** Whether its jobs have threads of their own. */
  readonly ownThreads: boolean;
}

/** A backend whose tiles the engine has computed. */
export interface TileBackend extends Backend {
  readonly ownThreads: false;
  createJob(shape: JobShape): TileJob;
  /** The other end of `share`, on another thread. */
  attach(shared: unknown): TileComputer;
}

/** What a backend may ask of the runtime it runs in. */
export interface Host {
  /** Turns on a feature of the JavaScript engine before the first compile; false where that cannot be done. */
  enableEngineFlag(flag: string): boolean;
  readonly architecture: string;
  /** Loads the native addon; throws an Error that says, for each place where it could be, why it is not loaded from there. */
  loadNativeAddon(): unknown;
}
