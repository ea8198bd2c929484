// The contract between engine and backends. A backend receives rows and grids of tiles, and an order that says what to do with them. How it
// packs rows, and which threads, registers and instructions it uses, is its own decision. It never reads the environment.

import type { DType, ScoreArray } from '../rows/dtype.js';
import type { RowSource } from '../rows/row-source.js';
import type { Delivery, Order, TileGrid } from './work.js';

/** What the tiles of a job are computed for. */
export type Purpose =
  | {
      readonly kind: 'dense';
      /** True if the caller can detach or resize the result at any moment, so only the calling thread may write to it. */
      readonly detachable: boolean;
    }
  | { readonly kind: 'pairs' }
  | { readonly kind: 'top-k'; readonly k: number }
  | { readonly kind: 'histogram'; readonly bins: number }
  /** Delivers whole tiles, for an epilogue in TypeScript. */
  | { readonly kind: 'tiles' };

/** The properties of a problem that determine how much memory it needs. */
export interface JobShape {
  readonly purpose: Purpose;
  readonly dtype: DType;
  readonly depth: number;
  /** Maximum number of rows of x, and of y (0 if y is x), that are packed at a time. */
  readonly xRows: number;
  readonly yRows: number;
  /** Maximum number of rows or columns of a tile. */
  readonly tileRows: number;
  /** Number of threads that will compute tiles. */
  readonly threads: number;
  /** True if those are not the calling thread. */
  readonly onThreads: boolean;
  readonly sketches: SketchDepths;
  /** Set for sparse rows; undefined if every element is stored. */
  readonly sparse?: SparseShape | undefined;
  /** Which pairs count, by the groups of their rows; undefined if all do. */
  readonly grouping?: Grouping | undefined;
  /** True if rows have thresholds of their own. */
  readonly thresholds?: boolean | undefined;
}

/** Numbers of stored elements of sparse rows. */
export interface SparseShape {
  /** Maximum over the rows of x, and of y, that are packed at a time. */
  readonly xNonzeros: number;
  readonly yNonzeros: number;
  /** Maximum over as many rows as a tile has. */
  readonly tileNonzeros: number;
  /** Maximum over single rows. */
  readonly rowNonzeros: number;
  /** True if pairs may be excluded by the rarest columns of their rows (sparse/row-filter.ts). */
  readonly filtered: boolean;
  /** Mean number of columns that two rows have in common; 0 unless `filtered`. */
  readonly commonColumns: number;
}

/** 'within': pairs in the same group; 'across': pairs in different groups. A row of NO_GROUP belongs to no pair that counts. */
export type Grouping = 'across' | 'within';

/**
 * Number of elements of a row's two sketches. Every pair is compared by its short sketches, or computed if they have no elements. The
 * remaining pairs are compared by their long sketches, if these have elements.
 */
export interface SketchDepths {
  readonly short: number;
  readonly long: number;
}

/** How sketches of rows are made, and how large their error can be (pruning/bound.ts). */
export interface Sketching {
  readonly depths: SketchDepths;
  /** Orthonormal directions of `depth` elements, stored consecutively: one fewer than the longest sketch has elements. */
  readonly directions: ScoreArray;
  /** Amount by which the squared length of a row's remainder, the last element of its sketch, is rounded up. */
  readonly squareSlack: number;
  /** Maximum amount by which the cosine of two rows can exceed the computed product of their sketches. */
  readonly slack: number;
}

/** A problem in a backend's memory, used by one call at a time. */
export interface Job {
  /** Number of rows that `packRows` packs at a time: a multiple of the rows that the backend packs together. */
  readonly packBlock: number;
  /** Called before any row is packed, if the shape has sketches. */
  setSketching(sketching: Sketching): void;
  /** Called before any row is packed, if the shape is filtered. Gives the rank of each column by how many rows store it. */
  setColumnRanks(ranks: Uint32Array): void;
  /**
   * Normalises and packs rows [from, to) of `source` as rows [at, at + to - from) of operand x or y. `at` is a multiple of `packBlock`, and
   * there are at most `packBlock` rows. Zero rows are packed as zero rows. Returns -1, or the first row of `source` that contains a NaN or
   * an infinity; with `zeroNonFinite`, such rows are packed as zero rows instead.
   */
  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number;
  /** Returns which of the packed rows [at, at + count) are zero rows, counted from `at`. */
  zeroRows(operand: 'x' | 'y', at: number, count: number): ArrayLike<number>;
  /** Sets the groups of packed rows from `at`, if the shape has a grouping. */
  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void;
  /** Sets the thresholds of packed rows from `at`, if the shape has thresholds. */
  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void;
  /** Prepares the tiles of a grid for computation. */
  openGrid(grid: TileGrid, order: Order): GridWork;
  /** Releases the memory for other jobs. */
  release(): void;
}

/** How many multiply-adds were computed, and how many all pairs of rows have. */
export type MultiplyAdds = readonly [computed: number, all: number];

/** The tiles of one grid, computed one after another on the calling thread, or all at once on other threads. */
export interface GridWork {
  /** Computes tile `index` and processes it as ordered. */
  take(index: number): Delivery | undefined;
  /** Called after the last tile. */
  finish(): Delivery | undefined;
  /**
   * Computes all tiles on `threads` threads while the calling thread continues. What the order refers to must not move until the promise
   * resolves. By then no thread is working any more: everything is done, or `stop` was called. (The result of a dense job for a detachable
   * result may move; the promise then rejects with an ArgumentError.) `receive` is called between turns of the event loop. Resolves to
   * false, without having computed anything, if no thread can be started. Rejects if memory runs out or a thread is lost.
   */
  start(threads: number, receive: (delivery: Delivery) => void): Promise<boolean>;
  /** Returns how many tiles those threads have computed. */
  tilesDone(): number;
  /** Returns the multiply-adds so far if pairs are excluded by sketches; undefined if all are computed. */
  multiplyAdds(): MultiplyAdds | undefined;
  /** Starts no further tile. */
  stop(): void;
}

/** The cost of examining a single pair, per element of a row, in elements of a tile that is computed whole. */
export interface PruningCosts {
  /** Multiply-adds of a call below which a sample of its rows takes longer than it can save; Infinity if sketches never pay. */
  readonly leastWork: number;
  readonly leastWorkOfLists: number;
  /** Cost for comparing the product of two short sketches, in addition to computing it. */
  readonly comparing: number;
  /** Cost for long sketches; undefined if there are none. */
  readonly narrowing: number | undefined;
  /** Cost for the rows themselves, when looking for pairs, and when looking for the best of each row. */
  readonly verifying: number;
  readonly verifyingOfLists: number;
}

/**
 * Computes the scores of `xRows` rows, stored consecutively in x from element `xOffset`, with those of y, or with themselves. Writes them
 * to `result`, which has the type of the scores.
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

/** A way of computing tiles. */
export interface Backend {
  readonly name: string;
  /** Describes in one line what it runs on. */
  readonly description: string;
  /** Multiply-adds that take about two milliseconds; a thread is not worth starting for less. Measured by `bench/crossover.ts`. */
  readonly smallWork: number;
  /**
   * Returns the rows of the largest tile whose working set stays in cache and that takes at most about 20 milliseconds. `stored` is the
   * mean number of stored elements of sparse rows.
   */
  tileRows(dtype: DType, depth: number, stored?: number): number;
  /** Tiles begin at multiples of this, and `tileRows` is a multiple of it. */
  tileStep(dtype: DType): number;
  /** Number of rows that are packed side by side; divides `tileStep`. */
  panelRows(dtype: DType): number;
  /** Number of products that are added before a sum restarts; Infinity if it never does. */
  readonly depthBlock: number;
  /** Maximum number of bytes of packed rows that one job can hold. */
  readonly packedLimit: number;
  /** Undefined if jobs have no sketches. */
  readonly pruningCosts: PruningCosts | undefined;
  /** True if jobs for pairs of sparse rows can be filtered. */
  readonly filtersSparse: boolean;
  /** Returns the bytes that packing `rows` rows takes, with their sketches; and those that a job takes besides its packed rows. */
  packedBytes(dtype: DType, rows: number, depth: number, sketches: SketchDepths): number;
  scratchBytes(shape: JobShape): number;
  /** Throws MemoryError. */
  createJob(shape: JobShape): Job;
  /**
   * Computes all scores of a small problem on the calling thread, with the same bits as a job; undefined if the backend has no shorter path
   * than a job. Returns false, without having written anything, if a row is not finite, an array is too short or memory runs out; a job
   * then finds the reason.
   */
  readonly computeSmall?: ComputeSmall | undefined;
  /** True if Sync calls may use it. If not, its grids are always started, whatever the number of threads. */
  readonly servesSync: boolean;
  /**
   * Called before a call that computes more than a matrix; resolves when the backend can, having loaded what it needs. If a device was lost,
   * it has been replaced.
   */
  ready?(): Promise<void> | undefined;
  /** True if its threads only access shared memory, so their output must be there. */
  readonly needsSharedMemory: boolean;
  /** Why only the calling thread computes, or undefined. */
  readonly threadRefusal: string | undefined;
}

/** What a backend may request from the runtime. */
export interface Host {
  /** Enables a feature of the JavaScript engine before anything is compiled; returns false if this is impossible. */
  enableEngineFlag(flag: string): boolean;
  readonly architecture: string;
  /** Loads the native addon. Throws an Error that says, for each possible location, why it was not loaded from there. */
  loadNativeAddon(): unknown;
}
