// The seam between engine and backends: a backend is given rows and grids of tiles, and does what is ordered with them. How it packs,
// on which threads it computes, which registers and instructions it uses, is its own affair. It never reads the environment.

import type { DType, ScoreArray } from '../rows/dtype.js';
import type { RowSource } from '../rows/row-source.js';
import type { Delivery, Order, TileGrid } from './work.js';

/** What the tiles of a job are computed for. */
export type Purpose =
  | {
      readonly kind: 'dense';
      /** The caller may detach or resize the result at any moment, so only the calling thread may write to it. */
      readonly detachable: boolean;
    }
  | { readonly kind: 'pairs' }
  | { readonly kind: 'top-k'; readonly k: number }
  | { readonly kind: 'histogram'; readonly bins: number }
  /** Whole tiles, for an epilogue in TypeScript. */
  | { readonly kind: 'tiles' };

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
  /** Whether those are other threads than this one. */
  readonly onThreads: boolean;
  readonly sketches: SketchDepths;
  /** Of a job for sparse rows; undefined where every element is stored. */
  readonly sparse?: SparseShape | undefined;
  /** Which pairs count, by the groups of their rows; all of them if undefined. */
  readonly grouping?: Grouping | undefined;
  /** Whether rows have thresholds of their own. */
  readonly thresholds?: boolean | undefined;
}

/** How many elements of sparse rows are stored. */
export interface SparseShape {
  /** In the rows of x, and of y, that are packed at a time; at most. */
  readonly xNonzeros: number;
  readonly yNonzeros: number;
  /** In as many rows as a tile has; at most. */
  readonly tileNonzeros: number;
  /** In one row; at most. */
  readonly rowNonzeros: number;
  /** Whether pairs may be excluded by the rarest columns of their rows (sparse/row-filter.ts). */
  readonly filtered: boolean;
  /** Columns that two rows store both, in the mean; 0 unless `filtered`. */
  readonly commonColumns: number;
}

/** 'within': pairs of one group; 'across': pairs of two. Nothing counts with a row of NO_GROUP. */
export type Grouping = 'across' | 'within';

/**
 * Elements of the two sketches of a row. Every pair is compared by its short sketches, or where they have no elements is computed; what
 * those leave is compared by its long ones, where they have any.
 */
export interface SketchDepths {
  readonly short: number;
  readonly long: number;
}

/** What sketches of rows are made with, and how far they may be off (pruning/bound.ts). */
export interface Sketching {
  readonly depths: SketchDepths;
  /** Orthonormal directions of `depth` elements, one after another: one less than the longest sketch has elements. */
  readonly directions: ScoreArray;
  /** What the square of the length of the rest of a row, its last element, is rounded up by. */
  readonly squareSlack: number;
  /** The most by which the cosine of two rows may lie above the computed product of their sketches. */
  readonly slack: number;
}

/** One problem in a backend's memory. Used by one call at a time. */
export interface Job {
  /** Rows at a time for `packRows`, a multiple of what the backend packs together. */
  readonly packBlock: number;
  /** Before any row is packed, where the shape has sketches. */
  setSketching(sketching: Sketching): void;
  /** Before any row is packed, where the shape is filtered: the place of each column among all in order of how many rows store it. */
  setColumnRanks(ranks: Uint32Array): void;
  /**
   * Normalises and packs rows [from, to) of `source` as the rows [at, at + to - from) of operand x or y; `at` is a multiple
   * of `packBlock`, and to - from at most that. Zero rows pack as zero rows. Returns -1, or the first row of `source` that
   * holds a NaN or an infinity; with `zeroNonFinite` such a row packs as a zero row instead.
   */
  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number;
  /** Those of the packed rows [at, at + count) that are zero rows, counted from `at`. */
  zeroRows(operand: 'x' | 'y', at: number, count: number): ArrayLike<number>;
  /** Where the shape has a grouping: the groups of packed rows from `at` on. */
  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void;
  /** Where the shape has thresholds: those of packed rows from `at` on. */
  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void;
  /** Makes ready to compute the tiles of a grid. */
  openGrid(grid: TileGrid, order: Order): GridWork;
  /** Gives the memory back for other jobs. */
  release(): void;
}

/** How many were computed, and how many all pairs of rows have. */
export type MultiplyAdds = readonly [computed: number, all: number];

/** The tiles of one grid, either one after another on the calling thread or all at once on others. */
export interface GridWork {
  /** Computes tile `index` and does with it what was ordered. */
  take(index: number): Delivery | undefined;
  /** After the last tile. */
  finish(): Delivery | undefined;
  /**
   * Computes all tiles on `threads` threads, while the calling thread continues. What the order points to may not move until the
   * promise resolves, when no thread works any more: all is done, or `stop` was called. (The result of a dense job for a
   * detachable one may: then this rejects with an ArgumentError.) `receive` is called between turns of the event loop. Resolves to
   * false, and has computed nothing, where no thread can be started. Rejects where memory ran out or a thread was lost.
   */
  start(threads: number, receive: (delivery: Delivery) => void): Promise<boolean>;
  /** How many tiles those threads have computed. */
  tilesDone(): number;
  /** So far, where pairs are excluded by sketches; undefined where all are computed. */
  multiplyAdds(): MultiplyAdds | undefined;
  /** Begins no further tile. */
  stop(): void;
}

/** What looking at single pairs takes, for each element of a row: in elements of a tile that is computed whole. */
export interface PruningCosts {
  /** At their long sketches; undefined where there are none. */
  readonly narrowing: number | undefined;
  /** At their rows, where pairs are looked for, and where the best of each row are. */
  readonly verifying: number;
  readonly verifyingOfLists: number;
}

/**
 * The scores of `xRows` rows, one after another in x from element `xOffset` on, with those of y, or with themselves, to `result`, whose type is
 * that of the scores.
 */
export type ComputeSmall = (
  result: ScoreArray,
  depth: number,
  zeroNonFinite: boolean,
  x: ScoreArray,
  xOffset: number,
  xRows: number,
  y: ScoreArray | undefined,
  yOffset: number,
  yRows: number,
) => boolean;

/** One way of computing tiles. */
export interface Backend {
  readonly name: string;
  /** One line for people: what it runs on. */
  readonly description: string;
  /** Multiply-adds that take about two milliseconds: less is not worth a thread. `bench/crossover.ts` measures it. */
  readonly smallWork: number;
  /**
   * Rows of the largest tile that keeps its working set in cache and takes no more than some 20 milliseconds. `stored`: of sparse rows, how
   * many elements of a row are stored in the mean.
   */
  tileRows(dtype: DType, depth: number, stored?: number): number;
  /** Tiles begin at, and `tileRows` is, a multiple of this. */
  tileStep(dtype: DType): number;
  /** Rows that are packed side by side; divides `tileStep`. */
  panelRows(dtype: DType): number;
  /** Products that are added before a sum restarts; Infinity if it never does. */
  readonly depthBlock: number;
  /** Most bytes of packed rows that one job can hold. */
  readonly packedLimit: number;
  /** Undefined where jobs have no sketches. */
  readonly pruningCosts: PruningCosts | undefined;
  /** Whether jobs for pairs of sparse rows may be filtered. */
  readonly filtersSparse: boolean;
  /** Bytes that packing `rows` rows takes, with their sketches; and that a job takes besides its packed rows. */
  packedBytes(dtype: DType, rows: number, depth: number, sketches: SketchDepths): number;
  scratchBytes(shape: JobShape): number;
  /** Throws MemoryError. */
  createJob(shape: JobShape): Job;
  /**
   * Computes all scores of a small problem at once on the calling thread, with the bits that a job gives them; undefined in backends that have
   * no shorter way than a job. Returns false, and has written nothing, where a row is not finite, an array is not as long as the problem needs,
   * or memory runs out: a job then gives the reason.
   */
  readonly computeSmall?: ComputeSmall | undefined;
  /** Whether calls that cannot wait may use it: else its grids are started, whatever the number of threads. */
  readonly servesSync: boolean;
  /** Before a call: resolves when the backend, whose device may have been lost, can compute again. */
  ready?(): Promise<void> | undefined;
  /** Whether its threads reach nothing but shared memory: what they are to fill has to lie there. */
  readonly needsSharedMemory: boolean;
  /** Why no other thread than the calling one computes, or undefined. */
  readonly threadRefusal: string | undefined;
}

/** What a backend may ask of the runtime it runs in. */
export interface Host {
  /** Turns on a feature of the JavaScript engine before the first compile; false where that cannot be done. */
  enableEngineFlag(flag: string): boolean;
  readonly architecture: string;
  /** Loads the native addon; throws an Error that says, for each place where it could be, why it is not loaded from there. */
  loadNativeAddon(): unknown;
}
