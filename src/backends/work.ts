// How engine, epilogues and backends describe work: passes, grids of tiles, orders, and deliveries.

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
  /** The operand whose packed rows are the columns. */
  readonly colOperand: 'x' | 'y';
  /** Rows and columns are the same rows of x: the tile is its own transpose. */
  readonly diagonal: boolean;
  /** True if the tile also stands for its transpose, elsewhere in the result. */
  readonly mirrored: boolean;
}

/** The tiles of rows of one pass, numbered so that any thread can find a tile by its number. Structured-cloneable. */
export interface TileGrid {
  readonly pass: Pass;
  /** The rows, counted from the start of the pass. */
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly tileRows: number;
  readonly symmetric: boolean;
  readonly count: number;
}

/** What to do with the tiles of a grid: everything a thread needs to know. Structured-cloneable. */
export type Order = DenseOrder | TopKOrder | PairsOrder | HistogramOrder | BestPairsOrder;

export interface DenseOrder {
  readonly kind: 'dense';
  /** The whole result, or undefined if the thread has no access to it. */
  readonly result: ScoreArray | undefined;
  readonly cols: number;
}

export interface TopKOrder {
  readonly kind: 'top-k';
  readonly k: number;
  /** N x k lists in the form of epilogues/best-lists.ts, in memory that all threads share. */
  readonly indices: Uint32Array;
  readonly scores: ScoreArray;
  /**
   * One cell for each block of `lockRows` rows of a pass, so that the rows of each tile are in one block; then, from `colLocks`, one for
   * each block of columns that are other rows. Undefined if no locks are needed.
   */
  readonly locks: Int32Array | undefined;
  readonly lockRows: number;
  readonly colLocks: number;
}

export interface PairsOrder {
  readonly kind: 'pairs';
  /** The lowest cosine of a pair; rows may have thresholds of their own, which are not lower. */
  readonly threshold: number;
  /** The lowest cosine that is too high; Infinity if there is no limit. */
  readonly below: number;
}

export interface HistogramOrder {
  readonly kind: 'histogram';
  /** bins + 1 edges, ascending from -1 to 1. */
  readonly edges: Float64Array;
}

export interface BestPairsOrder {
  readonly kind: 'best-pairs';
  readonly count: number;
  /** As in PairsOrder. */
  readonly below: number;
}

/** A delivery for the collector of a call; structured-cloneable. The receiver owns its buffers. */
export type Delivery =
  | ({ readonly kind: 'tile' } & DeliveredTile)
  | { readonly kind: 'pairs'; readonly pairs: TilePairs }
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'best-pairs'; readonly best: FoundPairs };

/** Returns the buffers of a delivery that are transferred with it to another thread. */
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

/** The scores of a tile, and of its transpose if that is another part of the result. */
export interface DeliveredTile {
  readonly pass: Pass;
  readonly tile: Tile;
  readonly direct: ScoreArray;
  readonly mirrored: ScoreArray | undefined;
}

/** Pairs, as indices into x and y. A self-comparison returns each pair once, with row < col. */
export interface FoundPairs {
  readonly rows: Uint32Array<ArrayBuffer>;
  readonly cols: Uint32Array<ArrayBuffer>;
  readonly scores: ScoreArray;
}

/** Pairs of one tile, ordered by (row, col). */
export interface TilePairs extends FoundPairs {
  /** Position of the tile. */
  readonly tileRow: number;
  readonly tileCol: number;
}

/** Counts of scores so far. */
export interface Counts {
  /** One bin more than requested, for scores of exactly 1. */
  readonly bins: Float64Array<ArrayBuffer>;
  minimum: number;
  maximum: number;
  /** Sum of the scores rounded to multiples of 2^-33, in units of 2^-33. */
  sum: bigint;
}
