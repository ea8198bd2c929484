// What the calls without a matrix return. JSON.stringify writes their typed arrays as plain arrays (result-json.ts).

import type { Matrix, RowId } from './rows/dense-matrix.js';
import type { ScoreArray } from './rows/dtype.js';

/** For each row its k most similar rows, best first. */
export interface TopK<T extends ScoreArray = ScoreArray> {
  /** Which rows: element [i * k + rank] is the row (of y, or of x) that comes at `rank` for row i. */
  readonly indices: Uint32Array;
  /** Their scores, laid out like `indices`. */
  readonly scores: T;
  /**
   * How many rows each list has, where not all pairs count (`groupOf`, `zeroRows: 'exclude'`): the first counts[i] of row i's k places are
   * filled, and the others have the index 4294967295 and the score NaN. Missing where every list has k rows.
   */
  readonly counts?: Uint32Array;
  /** [rows, k] of both; k is smaller than asked for where there are not as many other rows. */
  readonly shape: readonly [rows: number, k: number];
  /** The ids of the rows of x, if they came with ids: as a Map, say. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows that `indices` counts, those of y or of x itself, if they came with ids. */
  readonly colIds?: readonly RowId[];
}

/** Pairs of similar rows, by (row, col). Of x with itself row < col, and each pair comes once. */
export interface Pairs<T extends ScoreArray = ScoreArray> {
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
  readonly scores: T;
  /** How many pairs. */
  readonly length: number;
  /** The ids of the rows of x, if they came with ids: as a Map, say. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows that `cols` counts, those of y or of x itself, if they came with ids. */
  readonly colIds?: readonly RowId[];
}

/** A part of the whole matrix: of `streamMatrix`. */
export interface MatrixBlock<T extends ScoreArray = ScoreArray> {
  /** Its number: blocks come in this order. */
  readonly index: number;
  /** Where in the whole matrix it begins. */
  readonly row: number;
  readonly col: number;
  /** The scores, over a SharedArrayBuffer where there are such. They stay until the next block is asked for. */
  readonly matrix: Matrix<T>;
  /** Whether the transposed block, at (col, row), is a part of the whole too: it does not come on its own. */
  readonly mirrored: boolean;
  /** The ids of all rows of x, if they came with ids: row i of `matrix` is `rowIds[row + i]`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of all rows of y, or of x itself, if they came with ids: column j of `matrix` is `colIds[col + j]`. */
  readonly colIds?: readonly RowId[];
}

/** Some of the pairs: of `streamPairs`. */
export interface PairsBatch<T extends ScoreArray = ScoreArray> extends Pairs<T> {
  /** The pairs of all rows of x before this one are in this batch and the ones before. */
  readonly rowEnd: number;
}

/** The distribution of scores: of x with itself over all pairs of different rows, else over all scores. */
export interface Histogram {
  /** bins + 1 edges, evenly spaced from -1 to 1. */
  readonly edges: Float64Array;
  /** counts[b] scores lie in [edges[b], edges[b + 1]); the last bin includes 1. Whole numbers. */
  readonly counts: Float64Array;
  /**
   * atOrAbove[b] scores are >= edges[b]: what a threshold there would keep, to within rounding. Scores count as they are stored; `pairs`
   * decides those next to its threshold by the true cosine.
   */
  readonly atOrAbove: Float64Array;
  /** How many scores were counted. */
  readonly total: number;
  /** NaN, as are the following, where there is no score. */
  readonly minimum: number;
  readonly maximum: number;
  /** To within 1e-10. */
  readonly mean: number;
}

/** What a call will do. */
export interface WorkPlan {
  readonly backend: string;
  readonly threads: number;
  /** Of all pairs of rows. */
  readonly multiplyAdds: number;
  /** 'auto': when the call starts, a sample of the rows decides whether pairs are excluded without being computed. 'off': none are. */
  readonly pruning: 'auto' | 'off';
  /** Blocks of rows against blocks of rows, one after another: one where all fit in memory. */
  readonly passes: number;
  /** The most rows of a block. */
  readonly blockRows: number;
  readonly tiles: number;
  /** Rows and columns of a tile. */
  readonly tileRows: number;
  /** Bytes that are read of files: more than they have where rows do not fit in memory. */
  readonly bytesRead: number;
  /** Bytes of the result; undefined where nobody knows before. */
  readonly resultBytes: number | undefined;
  /** Bytes that the call will allocate, its result included. */
  readonly memoryBytes: number;
}

/** Which rows to keep, and why not the others: of `dedupe`. */
export interface Deduped<T extends ScoreArray = ScoreArray> {
  /** The rows of x to keep, ascending. */
  readonly kept: Uint32Array;
  /** The other rows of x, ascending. */
  readonly dropped: DroppedRows<T>;
  /** The ids of the rows of x, if they came with ids: as a Map, say. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows of `against`, if they came with ids. */
  readonly againstIds?: readonly RowId[];
}

/**
 * Rows that are dropped, each for one row that is kept: the most similar row of `against`. Where none of those is a near-duplicate, it is the
 * most similar of the kept rows of x that have a higher priority, or an equal one and a lower number. With `method: 'components'` it is then
 * the row that the component leaves, or the row of `against` that is most similar to one of the component.
 */
export interface DroppedRows<T extends ScoreArray = ScoreArray> {
  readonly rows: Uint32Array;
  /** The row that each is dropped for: of x or of `against`, as `sources` says. */
  readonly keptRows: Uint32Array;
  readonly sources: readonly ('x' | 'against')[];
  /** The score of the two. With `method: 'components'` a chain may join them, and the score be below the threshold. */
  readonly scores: T;
  /** How many rows. */
  readonly length: number;
}

/** Rows that belong together. */
export interface Group {
  /** The members: ascending, or of a community its centre first and then by falling similarity to it. */
  readonly rows: readonly number[];
  readonly size: number;
  /** The member with the highest mean similarity to the others (of equals the lowest row); of a community its centre. */
  readonly representative: number;
}

/** Groups of similar rows, largest first, equal sizes by lowest member. No row is in two; many are in none. */
export class Groups {
  /** The ids of the rows, if x came with ids: as a Map, say. */
  declare readonly rowIds?: readonly RowId[];

  /** @internal */
  constructor(
    readonly groups: readonly Group[],
    /** How many rows x has. */
    readonly rows: number,
  ) {}

  /** The rows to keep if each group is to leave one: the numbers of representatives and of rows in no group, ascending. */
  keep(): number[];
  /**
   * The items to keep, of one item for each row: texts, say.
   *
   * @throws {RangeError} if there are not as many items as rows
   */
  keep<T>(items: ArrayLike<T>): T[];
  keep<T>(items?: ArrayLike<T>): number[] | T[] {
    const labels = this.labels();
    const representatives = new Set(this.groups.map(({ representative }) => representative));
    const kept: number[] = [];
    for (let row = 0; row < this.rows; row++) if (labels[row] === -1 || representatives.has(row)) kept.push(row);
    if (items === undefined) return kept;
    if (items.length !== this.rows) {
      throw new RangeError(`keep() needs one item for each of the ${this.rows} rows; there are ${items.length}`);
    }
    return kept.map((row) => items[row] as T);
  }

  /** For each row the number of its group in `groups`, or -1. */
  labels(): number[] {
    const labels = new Array<number>(this.rows).fill(-1);
    for (const [number, { rows }] of this.groups.entries()) for (const row of rows) labels[row] = number;
    return labels;
  }
}
