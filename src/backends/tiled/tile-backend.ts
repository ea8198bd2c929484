// What a backend offers that computes nothing but tiles: tiled-backend.ts makes a Backend of it, with threads and epilogues.

import type { ScoreArray } from '../../rows/dtype.js';
import type { Backend, Job, JobShape, MultiplyAdds } from '../backend.js';
import type { RowGroups } from '../row-marks.js';
import type { PairsOrder, Tile } from '../work.js';

/** Where a tile's scores are until the next tile is computed. */
export interface FinishedTile {
  scores: ScoreArray;
  /** Index in `scores` of the tile, rows x cols without gaps. */
  direct: number;
  /**
   * Index in `scores` of its transpose, cols x rows; -1 without one, or if the tile is its own. Only jobs for 'dense' have
   * transposes.
   */
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

/**
 * Computes tiles of a job, on one thread. Besides `computeTile` a backend may have its own way to do what the job is for; of a
 * diagonal tile these take the scores below the diagonal. Where one is missing, the epilogue works on whole tiles.
 */
export interface TileComputer {
  /** For every purpose of a backend that lacks the others; else for 'dense' and 'tiles'. */
  computeTile(tile: Tile): FinishedTile;
  /** The scores of pairs that count whose true cosine, rounded to the nearest float64, is what `order` asks for. */
  findPairs?(tile: Tile, order: PairsOrder): Hits;
  /**
   * Whether the true cosine of a tile's row and column, rounded to the nearest float64, is >= threshold; `score` is the one that
   * `computeTile` gave.
   */
  reaches(tile: Tile, row: number, col: number, score: number, threshold: number): boolean;
  /** Which pairs of a tile count, where the job has a grouping. */
  readonly groups?: RowGroups | undefined;
  /** The higher threshold of a tile's row and column, where the rows of the job have thresholds. */
  readonly thresholdOf?: ((tile: Tile, row: number, col: number) => number) | undefined;
  /** Of pairs that count, of each row, and of each column unless `colBounds` is undefined, the best k scores among those >= its bound. */
  findBest?(tile: Tile, rowBounds: ScoreArray, colBounds: ScoreArray | undefined): { rows: TileLists; cols: TileLists };
  /** Counts scores; `edges` as many as the job's bins and one more, ascending from -1 to 1. */
  countScores?(tile: Tile, edges: Float64Array): TileCounts;
}

/** A problem whose tiles any thread can compute that reaches its memory. */
export interface TileJob extends Omit<Job, 'openGrid'> {
  /** Computes on this thread, with the scratch of thread 0. */
  readonly tiles: TileComputer;
  /** Of all its grids, where pairs are excluded by sketches. */
  multiplyAdds?(): MultiplyAdds | undefined;
  /** What `attach` needs on thread `thread`: structured-cloneable. */
  share(thread: number): unknown;
}

/** A backend that computes tiles on whatever thread it is asked to. */
export interface TileBackend extends Omit<Backend, 'createJob' | 'servesSync' | 'needsSharedMemory' | 'threadRefusal'> {
  /** Memory that other threads reach, too, where they compute. */
  createJob(shape: JobShape): TileJob;
  /** The other end of `share`, on another thread. */
  attach(shared: unknown): TileComputer;
}
