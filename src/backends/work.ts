// What there is to compute, as engine, epilogues and backends speak of it: passes, grids of tiles, what is done with the tiles, and
// what comes of it.

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
export type Order = DenseOrder | TopKOrder | PairsOrder | HistogramOrder | BestPairsOrder;

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
  /** The lowest cosine of a pair; rows may have thresholds of their own, which are not lower. */
  readonly threshold: number;
  /** The lowest cosine that is too high; Infinity where none is. */
  readonly below: number;
}

export interface HistogramOrder {
  readonly kind: 'histogram';
  /** bins + 1 of them, ascending from -1 to 1. */
  readonly edges: Float64Array;
}

export interface BestPairsOrder {
  readonly kind: 'best-pairs';
  readonly count: number;
  /** As of a PairsOrder. */
  readonly below: number;
}

/** Something for the collector of a call: structured-cloneable. Its buffers are the receiver's from now on. */
export type Delivery =
  | ({ readonly kind: 'tile' } & DeliveredTile)
  | { readonly kind: 'pairs'; readonly pairs: TilePairs }
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'best-pairs'; readonly best: FoundPairs };

/** The buffers of a delivery that go with it to another thread. */
export function buffersOf(delivery: Delivery): ArrayBufferLike[] {
  switch (delivery.kind) {
    case 'tile':
      return delivery.mirrored ? [delivery.direct.buffer, delivery.mirrored.buffer] : [delivery.direct.buffer];
    case 'pairs':
      return buffersOfPairs(delivery.pairs);
    case 'counts':
      return [delivery.counts.bins.buffer];
    case 'best-pairs':
      return buffersOfPairs(delivery.best);
  }
}

function buffersOfPairs({ rows, cols, scores }: FoundPairs): ArrayBufferLike[] {
  return [rows.buffer, cols.buffer, scores.buffer];
}

/** The scores of a tile, and of its transpose where that is another part of the result. */
export interface DeliveredTile {
  readonly pass: Pass;
  readonly tile: Tile;
  readonly direct: ScoreArray;
  readonly mirrored: ScoreArray | undefined;
}

/** Pairs, as indices into x and y. Of x with itself each comes once, row < col. */
export interface FoundPairs {
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly cols: Uint32Array<ArrayBuffer>;
  readonly scores: ScoreArray;
}

/** Pairs of one tile by (row, col). */
export interface TilePairs extends FoundPairs {
  /** Where the tile begins. */
  readonly tileRow: number;
  readonly tileCol: number;
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
