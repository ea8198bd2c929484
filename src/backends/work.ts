// What there is to compute, as engine, epilogues and backends speak of it: passes, grids of tiles, and what is done with the
// tiles. Types only.

import type { ScoreArray } from '../rows/dtype.js';

/** Rows [rowStart, rowEnd) of x against rows [colStart, colEnd) of y, or of x in a symmetric plan. */
export interface Pass {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly colEnd: number;
  /** Rows and columns are the same rows of x. */
  readonly diagonal: boolean;
}

/** The tiles of rows of one pass, numbered so that any thread can find the tile of a number. Structured-cloneable. */
export interface TileGrid {
  readonly pass: Pass;
  /** The rows, counted from the start of the pass. */
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly tileRows: number;
  readonly symmetric: boolean;
  readonly count: number;
}

/** What to do with the tiles of a grid: all that a thread must know. Structured-cloneable. */
export type Order = DenseOrder | TopKOrder | PairsOrder | HistogramOrder;

export interface DenseOrder {
  readonly kind: 'dense';
  /** The whole result, or undefined where the thread has no access to it. */
  readonly result: ScoreArray | undefined;
  readonly cols: number;
}

export interface TopKOrder {
  readonly kind: 'top-k';
  readonly k: number;
  /** N x k lists, as epilogues/best-lists.ts keeps them; over memory that all threads share. */
  readonly indices: Uint32Array;
  readonly scores: ScoreArray;
  /**
   * One cell a block of `lockRows` rows of a pass, in which every tile's rows lie, then from `colLocks` on one a block of columns
   * that are other rows; or none is needed.
   */
  readonly locks: Int32Array | undefined;
  readonly lockRows: number;
  readonly colLocks: number;
}

export interface PairsOrder {
  readonly kind: 'pairs';
  readonly threshold: number;
}

export interface HistogramOrder {
  readonly kind: 'histogram';
  /** bins + 1 of them, ascending from -1 to 1. */
  readonly edges: Float64Array;
}

/** Something for the collector of a call. Its buffers are the receiver's from now on. */
export interface Delivery {
  /** Structured-cloneable: of pairs `TilePairs`, of a histogram `Counts`. */
  readonly content: unknown;
  readonly transfer: readonly ArrayBufferLike[];
}

/** Pairs of one tile by (row, col), which are indices into x and y. Of x with itself each comes once, row < col. */
export interface TilePairs {
  /** Where the tile begins. */
  readonly tileRow: number;
  readonly tileCol: number;
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly cols: Uint32Array<ArrayBuffer>;
  readonly scores: ScoreArray;
}

/** Scores counted so far. */
export interface Counts {
  /** One bin more than asked for, for the scores that are 1. */
  readonly bins: Float64Array<ArrayBuffer>;
  minimum: number;
  maximum: number;
  /** Of the scores rounded to multiples of 2^-33, in units of that. */
  sum: bigint;
}
