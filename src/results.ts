// The results of calls that do not return a matrix. JSON.stringify writes their typed arrays as plain arrays (result-json.ts).

import { Matrix, type RowId } from './rows/dense-matrix.js';
import type { ScoreArray } from './rows/dtype.js';

/** A result as records: `for (const { row, col, score } of result)`. Each record is created when it is requested. */
export interface Entries<E> extends Iterable<E> {
  /** Returns all records. */
  toArray(): E[];
}

/** A result as it was computed, without its records. */
export type Computed<T> = Omit<T, keyof Entries<unknown>>;

/** Two rows and their score. */
export interface PairEntry {
  /** A row of x. */
  readonly row: number;
  /** A row of y, or of x if there is no y. */
  readonly col: number;
  readonly score: number;
  /** The ids of the two rows, if rows have ids. */
  readonly rowId?: RowId;
  readonly colId?: RowId;
}

/** One of the k most similar rows of a row. */
export interface TopKEntry extends PairEntry {
  /** 1 for the most similar row. */
  readonly rank: number;
}

/** Scores of given pairs, with the ids of all rows of x and of y (or of x again), if they have ids. */
export type PairScores<T extends ScoreArray = ScoreArray> = T & {
  readonly rowIds?: readonly RowId[];
  readonly colIds?: readonly RowId[];
};

/** The k most similar rows of each row, best first. */
export interface TopK<T extends ScoreArray = ScoreArray> extends Entries<TopKEntry> {
  /** Element [i * k + j] is the row (of y, or of x) at position j in the list of row i. */
  readonly indices: Uint32Array;
  /** Their scores, in the same layout as `indices`. */
  readonly scores: T;
  /**
   * Length of each list if not all pairs count (`groupOf`, `zeroRows: 'exclude'`). The first counts[i] of row i's k places are used; the
   * others have the index 4294967295 and the score NaN. Undefined if every list has k rows.
   */
  readonly counts?: Uint32Array;
  /** [rows, k]; k is smaller than requested if there are fewer other rows. */
  readonly shape: readonly [rows: number, k: number];
  /** The ids of the rows of x, if they have ids, for example from a Map or the option `ids`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows that `indices` refers to (those of y, or of x itself), if they have ids. */
  readonly colIds?: readonly RowId[];
}

/** Pairs of similar rows, ordered by (row, col). A self-comparison returns each pair once, with row < col. */
export interface Pairs<T extends ScoreArray = ScoreArray> extends Entries<PairEntry> {
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
  readonly scores: T;
  /** Number of pairs. */
  readonly length: number;
  /** The ids of the rows of x, if they have ids, for example from a Map or the option `ids`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows that `cols` refers to (those of y, or of x itself), if they have ids. */
  readonly colIds?: readonly RowId[];
}

/** A block of the whole matrix, from `streamMatrix`. */
export interface MatrixBlock<T extends ScoreArray = ScoreArray> {
  /** Number of the block; blocks arrive in this order. */
  readonly index: number;
  /** Position of the block in the whole matrix. */
  readonly row: number;
  readonly col: number;
  /** The scores, in a SharedArrayBuffer if available. They are valid until the next block is requested. */
  readonly matrix: Matrix<T>;
  /** True if this block also stands for its transpose at (col, row), which is not delivered separately. */
  readonly mirrored: boolean;
  /** The ids of all rows of x, if they have ids: row i of `matrix` is `rowIds[row + i]`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of all rows of y, or of x itself, if they have ids: column j of `matrix` is `colIds[col + j]`. */
  readonly colIds?: readonly RowId[];
}

/** Some of the pairs, from `streamPairs`. */
export interface PairsBatch<T extends ScoreArray = ScoreArray> extends Pairs<T> {
  /** All pairs of rows of x before this one are in this batch and the ones before it. */
  readonly rowEnd: number;
}

/** The distribution of scores: over all pairs of different rows in a self-comparison, otherwise over all scores. */
export interface Histogram {
  /** Histogram bin edges: `bins + 1` values, evenly spaced from -1 to 1. */
  readonly edges: Float64Array;
  /** counts[b] is the number of scores in [edges[b], edges[b + 1]); the last bin includes 1. Integers. */
  readonly counts: Float64Array;
  /**
   * atOrAbove[b] is the number of scores >= edges[b]: what a threshold there would keep, to within rounding. Scores count as stored;
   * `pairs` decides those next to its threshold by the true cosine.
   */
  readonly atOrAbove: Float64Array;
  /** Number of counted scores. */
  readonly total: number;
  /** Minimum score; like the following fields, NaN if there are no scores. */
  readonly minimum: number;
  readonly maximum: number;
  /** Accurate to within 1e-10. */
  readonly mean: number;
}

/** What a call will do. */
export interface WorkPlan {
  readonly backend: string;
  readonly threads: number;
  /** Multiply-adds of all pairs of rows. */
  readonly multiplyAdds: number;
  /**
   * 'auto': when the call starts, a sample of the rows decides whether pairs are excluded without computing them. 'off': every pair is
   * computed.
   */
  readonly pruning: 'auto' | 'off';
  /** Number of passes, each of which compares two blocks of rows: 1 if everything fits in memory. */
  readonly passes: number;
  /** Maximum number of rows in a block. */
  readonly blockRows: number;
  readonly tiles: number;
  /** Rows and columns of a tile. */
  readonly tileRows: number;
  /** Bytes read from files, which may be more than their size if rows do not fit in memory. */
  readonly bytesRead: number;
  /** Bytes of the result; undefined if unknown in advance. */
  readonly resultBytes: number | undefined;
  /** Bytes that the call will allocate, including its result. */
  readonly memoryBytes: number;
}

/** Which rows to keep, and why the others are dropped, from `dedupe`. */
export interface Deduped<T extends ScoreArray = ScoreArray> {
  /** The rows of x to keep, ascending. */
  readonly kept: Uint32Array;
  /** The other rows of x, ascending. */
  readonly dropped: DroppedRows<T>;
  /** The ids of the rows of x, if they have ids, for example from a Map or the option `ids`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows of `against`, if they have ids. */
  readonly againstIds?: readonly RowId[];
}

/** A dropped row, and the row that is kept instead. */
export interface DroppedRow {
  readonly row: number;
  readonly keptRow: number;
  /** The input that contains row `keptRow`. */
  readonly source: 'x' | 'against';
  readonly score: number;
  /** The ids of the two rows, if rows have ids. */
  readonly rowId?: RowId;
  readonly keptRowId?: RowId;
}

/**
 * Dropped rows, each with the kept row that it is dropped for: the most similar row of `against` or, if none of those is a near-duplicate,
 * the most similar kept row of x with a higher priority, or with an equal priority and a lower number. With `method: 'components'`, it is
 * the row that the component keeps, or the row of `against` that is most similar to a row of the component.
 */
export interface DroppedRows<T extends ScoreArray = ScoreArray> extends Entries<DroppedRow> {
  readonly rows: Uint32Array;
  /** The row that each is dropped for, in x or `against` according to `sources`. */
  readonly keptRows: Uint32Array;
  readonly sources: readonly ('x' | 'against')[];
  /** The score of the two rows. With `method: 'components'`, they may be joined by a chain, and the score may be below the threshold. */
  readonly scores: T;
  /** Number of dropped rows. */
  readonly length: number;
}

/** Rows that belong together. */
export interface Group {
  /**
   * The members in ascending order. In a community, the centre comes first, then the others by descending similarity to it. If a larger
   * community contains the centre, its most similar row takes its place.
   */
  readonly rows: readonly number[];
  readonly size: number;
  /** The member with the highest mean similarity to the others (the lowest row if equal); the centre of a community. */
  readonly representative: number;
  /** The scores of `rows` with the representative, in the same order. Its own is 1 (0 for a zero row). */
  readonly scores: readonly number[];
  /** The lowest score between two members, with `explain: true` and always with `method: 'complete'`. NaN in a group of one row. */
  readonly lowestScore?: number;
  /** The ids of the members and of the representative, if x has ids; in groups obtained by iterating `Groups`. */
  readonly rowIds?: readonly RowId[];
  readonly representativeId?: RowId;
}

/** Groups of similar rows, largest first, then by lowest member. Each row is in at most one group. */
export class Groups implements Entries<Group> {
  /** The ids of the rows, if they have ids, for example from a Map or the option `ids`. */
  declare readonly rowIds?: readonly RowId[];
  readonly #regroup: ((threshold: number) => Promise<Groups>) | undefined;

  /** @internal */
  constructor(
    readonly groups: readonly Group[],
    /** Number of rows in x. */
    readonly rows: number,
    /** The threshold of these groups: that of the call (the lowest if each row has one), that of `at`, or the one found for `keep`. */
    readonly threshold: number,
    regroup?: (threshold: number) => Promise<Groups>,
  ) {
    this.#regroup = regroup;
  }

  /**
   * Returns the groups at another threshold, as `groups` would, without comparing all pairs again. Only rows that join so close to the
   * threshold that float32 cannot decide are compared once more. The rows of the call must not have changed, and files must still be open.
   *
   * @param threshold from the threshold of the call (the lowest if each row has one) to 1; rows with a higher threshold of their own keep
   *   it
   * @returns the groups, with the other options of the call
   * @throws {ArgumentError} if the threshold is lower than that of the call
   * @throws {TypeError} if the groups were not found with `method: 'components'`
   * @example const stricter = await found.at(0.95);
   */
  async at(threshold: number): Promise<Groups> {
    if (!this.#regroup) throw new TypeError("at() needs groups that groups() returned with method: 'components'");
    const { rowIds } = this;
    const found = await this.#regroup(threshold);
    return rowIds ? Object.assign(found, { rowIds }) : found;
  }

  /** The groups, with ids if x has them. */
  *[Symbol.iterator](): Generator<Group, void, undefined> {
    const { rowIds } = this;
    if (!rowIds) return yield* this.groups;
    const idOf = (row: number) => rowIds[row] as RowId;
    for (const group of this.groups) {
      yield { ...group, rowIds: group.rows.map(idOf), representativeId: idOf(group.representative) };
    }
  }

  /** Returns all groups. */
  toArray(): Group[] {
    return Array.from(this);
  }

  /** Returns the rows to keep if each group keeps one: representatives and rows in no group, ascending. */
  keep(): number[];
  /**
   * Returns the items to keep.
   *
   * @param items one item for each row, for example texts
   * @returns the items of the rows to keep
   * @throws {RangeError} if the number of items differs from the number of rows
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

  /** Returns for each row the index of its group in `groups`, or -1. */
  labels(): number[] {
    const labels = new Array<number>(this.rows).fill(-1);
    for (const [number, { rows }] of this.groups.entries()) for (const row of rows) labels[row] = number;
    return labels;
  }
}

/**
 * The tree of a hierarchical clustering of N rows, in the format of SciPy's `linkage`: an (N - 1, 4) matrix with a row for each merge, by
 * height. Its columns are the two clusters (the lower number first), the height, and the number of rows in the merged cluster. Clusters 0
 * to N - 1 are the rows of x; merge i creates cluster N + i. The height is the distance of the two clusters, 1 - their score, from 0 to 2.
 */
export class Dendrogram extends Matrix<Float64Array> {
  /** Number of rows in x. */
  declare readonly leaves: number;
  /** The ids of the rows of x, if they came with ids, for example in a Map. */
  declare readonly leafIds?: readonly RowId[];

  /** @internal */
  constructor(merges: Float64Array, leaves: number) {
    super(merges, [merges.length / 4, 4]);
    this.leaves = leaves;
  }

  /**
   * Cuts the tree into clusters.
   *
   * @param where `{ height }` undoes the merges above this height, which is 1 - score; `{ count }` undoes the last merges, so that this
   *   many clusters remain (or all rows, if there are fewer)
   * @returns for each row the number of its cluster; the largest is 0, and equal sizes are ordered by lowest row
   * @throws {RangeError} if `where` is neither
   * @example const clusters = tree.cut({ height: 1 - 0.8 });
   */
  cut(where: { readonly height: number } | { readonly count: number }): number[] {
    const merges = this.mergesUntil(where);
    const { data, leaves } = this;
    const members: number[][] = Array.from({ length: leaves }, (_, row) => [row]);
    const none: number[] = [];
    for (let merge = 0; merge < merges; merge++) {
      const [a, b] = [data[4 * merge] as number, data[4 * merge + 1] as number];
      const [some, more] = [members[a] as number[], members[b] as number[]];
      // The smaller part moves.
      const [large, small] = some.length < more.length ? [more, some] : [some, more];
      for (const row of small) large.push(row);
      members.push(large);
      members[a] = none;
      members[b] = none;
    }
    const clusters = members
      .filter(({ length }) => length > 0)
      .map((rows) => ({ rows, first: rows.reduce((a, b) => Math.min(a, b)) }));
    clusters.sort((a, b) => b.rows.length - a.rows.length || a.first - b.first);
    const labels = new Array<number>(leaves);
    for (const [number, { rows }] of clusters.entries()) for (const row of rows) labels[row] = number;
    return labels;
  }

  private mergesUntil(where: { readonly height?: unknown; readonly count?: unknown }): number {
    const { height, count } = where ?? {};
    const merges = this.shape[0];
    if (typeof height === 'number' && !Number.isNaN(height) && count === undefined) {
      let below = 0;
      while (below < merges && (this.data[4 * below + 2] as number) <= height) below++;
      return below;
    }
    if (Number.isSafeInteger(count) && (count as number) > 0 && height === undefined) {
      return Math.max(0, this.leaves - (count as number));
    }
    throw new RangeError('cut() needs { height }, a number, or { count }, a positive whole number');
  }
}

/** One figure of `health`, and what it means. */
export interface Finding {
  /** The field of `Health` that it is about. */
  readonly name: string;
  readonly value: number | boolean;
  /** True if it should be examined before the cosines are relied on. */
  readonly notable: boolean;
  /** What the figure means, in one sentence. */
  readonly meaning: string;
  /** What to do, in one sentence. */
  readonly advice: string;
}

/**
 * The result of `health`. Figures that need more rows are NaN, which JSON writes as null.
 *
 * All figures except the first ones concern the rows that are not zero and contain no NaN or infinity.
 */
export interface Health {
  /** A summary in one sentence. */
  readonly verdict: string;
  readonly rows: number;
  readonly depth: number;
  /** Rows whose elements are all zero. */
  readonly zeroRows: number;
  /** Rows with NaN or infinity. */
  readonly nonFiniteRows: number;
  /** Number of rows equal to an earlier row, element by element. */
  readonly duplicateRows: number;
  /** The lengths of rows, with their standard deviation. */
  readonly norms: { readonly minimum: number; readonly maximum: number; readonly mean: number; readonly deviation: number };
  /** True if every length is 1, within 0.001. */
  readonly unitNorm: boolean;
  /** Pearson's correlation between a row's length and its mean score with all rows; NaN if all lengths are 1. */
  readonly normScoreCorrelation: number;
  /** The mean score of all pairs of different rows, which measures anisotropy. */
  readonly meanScore: number;
  /** The 1st, 50th and 99th percentile of the scores, to 0.001. */
  readonly scores: { readonly low: number; readonly median: number; readonly high: number };
  /** e to the entropy of the covariance's normalised eigenvalues (Roy and Vetterli 2007): from 1 to `depth`. */
  readonly effectiveRank: number;
  /** The fraction of the variance in the first principal direction, and in the first ten. */
  readonly varianceInFirst: number;
  readonly varianceInFirstTen: number;
  /** Skewness of how often a row is among the ten nearest of others: about 0 without hubs (Radovanović et al. 2010). */
  readonly hubnessSkew: number;
  /** The rows that are most often among the ten nearest of others. `id` is set if rows have ids. */
  readonly hubs: readonly { readonly row: number; readonly id?: RowId; readonly count: number }[];
  /** Number of rows that are not among the ten nearest of any other row. */
  readonly neverNeighbours: number;
  /** The fraction of the ten nearest rows that remain if the mean row is subtracted. */
  readonly neighboursKeptCentred: number;
  /** Number of principal directions that the next figure is about: a hundredth of the depth, but at least one. */
  readonly componentsRemoved: number;
  /** The fraction of the ten nearest rows that remain if the mean row and these directions are removed. */
  readonly neighboursKeptWithoutComponents: number;
  /**
   * The lowest threshold, to 0.001, at which there are a hundred times as many pairs as with permuted columns; NaN if no score is that far
   * above chance.
   */
  readonly suggestedThreshold: number;
  /**
   * The number of rows that figures are based on: evenly spaced ones, if there are more. Counts, lengths and the mean score use all rows.
   */
  readonly sampled: {
    /** For the hubs. */
    readonly neighbourRows: number;
    /** For the neighbours that remain, and the number of rows whose neighbours these are. */
    readonly changedRows: number;
    readonly queryRows: number;
    /** For the effective rank and the principal directions. */
    readonly varianceRows: number;
    /** For the distribution of the scores and the suggested threshold. */
    readonly scoreRows: number;
  };
  readonly findings: readonly Finding[];
}
