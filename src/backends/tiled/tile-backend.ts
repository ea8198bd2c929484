// The interface of a backend that only computes tiles. tiled-backend.ts turns it into a Backend with threads and epilogues.

import type { ScoreArray } from '../../rows/dtype.js';
import type { Backend, Job, JobShape, MultiplyAdds } from '../backend.js';
import type { RowGroups } from '../row-marks.js';
import type { PairsOrder, Tile } from '../work.js';

/** Location of a tile's scores until the next tile is computed. */
export interface FinishedTile {
  scores: ScoreArray;
  /** Index in `scores` of the tile, rows x cols without gaps. */
  direct: number;
  /** Index in `scores` of its transpose, cols x rows; -1 if it has none or is its own transpose. Only 'dense' jobs have transposes. */
  mirrored: number;
}

/** Scores found in a tile, row by row, valid until the next tile is computed. */
export interface Hits {
  readonly count: number;
  /** Counted from the tile's first row and first column. */
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
  readonly scores: ScoreArray;
}

/** The best scores of each row, or of each column, of a tile, in any order, valid until the next tile is computed. */
export interface TileLists {
  /** Number of entries in each list. */
  readonly counts: Uint32Array;
  /** Distance between lists in `indices` and `scores`. */
  readonly capacity: number;
  /** Columns of the tile in the lists of rows, rows in the lists of columns. */
  readonly indices: Uint32Array;
  readonly scores: ScoreArray;
}

/** The counted scores of a tile, valid until the next tile is computed. */
export interface TileCounts {
  /** Bin b counts edges[b] <= score < edges[b + 1]; an additional bin counts scores of exactly 1. */
  readonly bins: Uint32Array;
  readonly minimum: number;
  readonly maximum: number;
  /** Sum of the scores rounded to multiples of 2^-33, so that the order of addition does not matter. */
  readonly sum: number;
}

/** Computes tiles of a matrix on one thread. */
export interface TileScorer {
  computeTile(tile: Tile): FinishedTile;
}

/**
 * Does the same for every purpose. In addition to `computeTile`, a backend may implement what the job is for; in a diagonal tile,
 * these methods use only the scores below the diagonal. If a method is missing, the epilogue works on whole tiles.
 */
export interface TileComputer extends TileScorer {
  /** Returns the scores of pairs that count and whose true cosine, rounded to the nearest float64, satisfies `order`. */
  findPairs?(tile: Tile, order: PairsOrder): Hits;
  /**
   * True if the true cosine of a tile's row and column, rounded to the nearest float64, is >= threshold; `score` is the one from
   * `computeTile`.
   */
  reaches(tile: Tile, row: number, col: number, score: number, threshold: number): boolean;
  /** Which pairs of a tile count, if the job has a grouping. */
  readonly groups?: RowGroups | undefined;
  /** The higher threshold of a tile's row and column, if the rows of the job have thresholds. */
  readonly thresholdOf?: ((tile: Tile, row: number, col: number) => number) | undefined;
  /**
   * Returns the best k scores of pairs that count for each row, and for each column unless `colBounds` is undefined, among those >= its
   * bound.
   */
  findBest?(tile: Tile, rowBounds: ScoreArray, colBounds: ScoreArray | undefined): { rows: TileLists; cols: TileLists };
  /** Counts scores; `edges` has one element more than the job has bins, ascending from -1 to 1. */
  countScores?(tile: Tile, edges: Float64Array): TileCounts;
}

/** Computes the tiles of a job on one thread, for a matrix and for everything else. */
export interface TilesOfJob {
  readonly matrix: TileScorer;
  /** Only for calls that awaited `ready`. */
  readonly tiles?: TileComputer;
}

/** A problem whose tiles can be computed by any thread with access to its memory. On the calling thread, it has the scratch memory of thread 0. */
export interface TileJob extends TilesOfJob, Omit<Job, 'openGrid'> {
  /** Returns the multiply-adds of all its grids, if pairs are excluded by sketches. */
  multiplyAdds?(): MultiplyAdds | undefined;
  /** Returns what `attachTiles` needs on thread `thread`; structured-cloneable. */
  share(thread: number): unknown;
}

/** A backend that computes tiles on any thread. */
export interface TileBackend extends Omit<Backend, 'createJob' | 'servesSync' | 'needsSharedMemory' | 'threadRefusal'> {
  /** Uses memory that other threads can access, if they compute. */
  createJob(shape: JobShape): TileJob;
}
