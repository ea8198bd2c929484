// What the calls without a matrix return. JSON.stringify writes their typed arrays as plain arrays (result-json.ts).

import { Matrix, type RowId } from './rows/dense-matrix.js';
import type { ScoreArray } from './rows/dtype.js';

/** A result as records: `for (const { row, col, score } of result)`. Each is made when it is asked for. */
export interface Entries<E> extends Iterable<E> {
  /** All records. */
  toArray(): E[];
}

/** A result as it was computed, without its records. */
export type Computed<T> = Omit<T, keyof Entries<unknown>>;

/** Two rows and their score. */
export interface PairEntry {
  /** A row of x. */
  readonly row: number;
  /** A row of y, or of x where there is no y. */
  readonly col: number;
  readonly score: number;
  /** The ids of the two, where their rows have ids. */
  readonly rowId?: RowId;
  readonly colId?: RowId;
}

/** One of the k rows that are most similar to a row. */
export interface TopKEntry extends PairEntry {
  /** 1 for the most similar. */
  readonly rank: number;
}

/** Scores of given pairs, with the ids of all rows of x and of y (or of x again), if they have ids. */
export type PairScores<T extends ScoreArray = ScoreArray> = T & {
  readonly rowIds?: readonly RowId[];
  readonly colIds?: readonly RowId[];
};

/** For each row its k most similar rows, best first. */
export interface TopK<T extends ScoreArray = ScoreArray> extends Entries<TopKEntry> {
  /** Which rows: element [i * k + j] is the row (of y, or of x) that is the most similar one to row i but j. */
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
  /** The ids of the rows of x, if they have ids: as keys of a Map, say, or by `ids`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows that `indices` counts, those of y or of x itself, if they have ids. */
  readonly colIds?: readonly RowId[];
}

/** Pairs of similar rows, by (row, col). Of x with itself row < col, and each pair comes once. */
export interface Pairs<T extends ScoreArray = ScoreArray> extends Entries<PairEntry> {
  readonly rows: Uint32Array;
  readonly cols: Uint32Array;
  readonly scores: T;
  /** How many pairs. */
  readonly length: number;
  /** The ids of the rows of x, if they have ids: as keys of a Map, say, or by `ids`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows that `cols` counts, those of y or of x itself, if they have ids. */
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
  /** The ids of all rows of x, if they have ids: row i of `matrix` is `rowIds[row + i]`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of all rows of y, or of x itself, if they have ids: column j of `matrix` is `colIds[col + j]`. */
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
  /** Bytes of the result; undefined if they are not known beforehand. */
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
  /** The ids of the rows of x, if they have ids: as keys of a Map, say, or by `ids`. */
  readonly rowIds?: readonly RowId[];
  /** The ids of the rows of `against`, if they have ids. */
  readonly againstIds?: readonly RowId[];
}

/** A row that is dropped, and the row that is kept instead. */
export interface DroppedRow {
  readonly row: number;
  readonly keptRow: number;
  /** Whose row `keptRow` is. */
  readonly source: 'x' | 'against';
  readonly score: number;
  /** The ids of the two, where their rows have ids. */
  readonly rowId?: RowId;
  readonly keptRowId?: RowId;
}

/**
 * Rows that are dropped, each for one row that is kept: the most similar row of `against`. Where none of those is a near-duplicate, it is the
 * most similar of the kept rows of x that have a higher priority, or an equal one and a lower number. With `method: 'components'` it is then
 * the row that the component leaves, or the row of `against` that is most similar to one of the component.
 */
export interface DroppedRows<T extends ScoreArray = ScoreArray> extends Entries<DroppedRow> {
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
  /**
   * The members: ascending, or of a community its centre first and then by falling similarity to it. Where a larger community has the centre, its
   * most similar row stands for it.
   */
  readonly rows: readonly number[];
  readonly size: number;
  /** The member with the highest mean similarity to the others (of equals the lowest row); of a community its centre. */
  readonly representative: number;
  /** The scores of `rows` with the representative, in their order. Its own is 1 (0 for a zero row). */
  readonly scores: readonly number[];
  /** The lowest score of two members: with `explain: true`, and always with `method: 'complete'`. NaN in a group of one row. */
  readonly lowestScore?: number;
  /** The ids of the members and of the representative, where x has ids: of groups that come by iterating `Groups`. */
  readonly rowIds?: readonly RowId[];
  readonly representativeId?: RowId;
}

/** Groups of similar rows, largest first, equal sizes by lowest member. No row is in two; many are in none. */
export class Groups implements Entries<Group> {
  /** The ids of the rows, if they have ids: as keys of a Map, say, or by `ids`. */
  declare readonly rowIds?: readonly RowId[];
  readonly #regroup: ((threshold: number) => Promise<Groups>) | undefined;

  /** @internal */
  constructor(
    readonly groups: readonly Group[],
    /** How many rows x has. */
    readonly rows: number,
    /** The threshold at which these are the groups: the one of the call (of one for each row the lowest), of `at`, or the one that `keep` led to. */
    readonly threshold: number,
    regroup?: (threshold: number) => Promise<Groups>,
  ) {
    this.#regroup = regroup;
  }

  /**
   * The groups at another threshold, as `groups` returns them there, without comparing all pairs again. Only rows that join next to the threshold,
   * closer than float32 can tell, are compared once more. The rows of the call must not have changed since; those of a file must still be open.
   *
   * @param threshold from the threshold of the call (of one for each row the lowest) to 1; rows with a higher one of their own keep that
   * @returns the groups, with the other options of the call
   * @throws {ArgumentError} where the threshold is lower than that of the call
   * @throws {TypeError} for groups that are not of `method: 'components'`
   * @example const stricter = await found.at(0.95);
   */
  async at(threshold: number): Promise<Groups> {
    if (!this.#regroup) throw new TypeError("at() needs groups that groups() returned with method: 'components'");
    const { rowIds } = this;
    const found = await this.#regroup(threshold);
    return rowIds ? Object.assign(found, { rowIds }) : found;
  }

  /** The groups, with ids where x has them. */
  *[Symbol.iterator](): Generator<Group, void, undefined> {
    const { rowIds } = this;
    if (!rowIds) return yield* this.groups;
    const idOf = (row: number) => rowIds[row] as RowId;
    for (const group of this.groups) {
      yield { ...group, rowIds: group.rows.map(idOf), representativeId: idOf(group.representative) };
    }
  }

  /** All of them. */
  toArray(): Group[] {
    return Array.from(this);
  }

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

/**
 * The tree of a hierarchical clustering of N rows, as `linkage` of SciPy returns it: an (N - 1, 4) matrix with a row for each merge, by height.
 * Its columns are the two clusters, the lower number first, the height, and how many rows the merged cluster has. Clusters 0 to N - 1 are the rows
 * of x; merge i makes cluster N + i. The height is the distance of the two, 1 - their score, from 0 to 2.
 */
export class Dendrogram extends Matrix<Float64Array> {
  /** How many rows x has. */
  declare readonly leaves: number;
  /** The ids of the rows of x, if they came with ids: as a Map, say. */
  declare readonly leafIds?: readonly RowId[];

  /** @internal */
  constructor(merges: Float64Array, leaves: number) {
    super(merges, [merges.length / 4, 4]);
    this.leaves = leaves;
  }

  /**
   * Cuts the tree into clusters.
   *
   * @param where `{ height }`: undoes the merges above this height, which is 1 - score; or `{ count }`: undoes the last merges, so that so many
   *   clusters are left (all rows, where there are fewer)
   * @returns for each row the number of its cluster: the largest is 0, of equal sizes that with the lowest row
   * @throws {RangeError} where `where` is neither
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

/** One figure of `health`, with what it means. */
export interface Finding {
  /** The field of `Health` that it is about. */
  readonly name: string;
  readonly value: number | boolean;
  /** Whether it is a reason to look before the cosines are relied on. */
  readonly notable: boolean;
  /** What the figure means, in one sentence. */
  readonly meaning: string;
  /** What to do, in one sentence. */
  readonly advice: string;
}

/**
 * What `health` finds. Figures that the rows are too few for are NaN, which JSON writes as null.
 *
 * All but the first figures are of the rows that are neither zero nor hold NaN or infinity.
 */
export interface Health {
  /** All of it in a sentence. */
  readonly verdict: string;
  readonly rows: number;
  readonly depth: number;
  /** Rows whose elements are all zero. */
  readonly zeroRows: number;
  /** Rows with NaN or infinity. */
  readonly nonFiniteRows: number;
  /** Rows that are equal to an earlier one, element by element. */
  readonly duplicateRows: number;
  /** The lengths of rows, with their standard deviation. */
  readonly norms: { readonly minimum: number; readonly maximum: number; readonly mean: number; readonly deviation: number };
  /** Whether every length is 1, within 0.001. */
  readonly unitNorm: boolean;
  /** Pearson's correlation of a row's length and its mean score with all rows; NaN where all lengths are 1. */
  readonly normScoreCorrelation: number;
  /** The mean score of all pairs of different rows: how anisotropic the rows are. */
  readonly meanScore: number;
  /** Scores that 1 %, half and 99 % of the pairs lie below, to 0.001. */
  readonly scores: { readonly low: number; readonly median: number; readonly high: number };
  /** e to the entropy of the covariance's eigenvalues, as parts of their sum (Roy and Vetterli 2007): from 1 to `depth`. */
  readonly effectiveRank: number;
  /** The fraction of the variance in the first principal direction, and in the first ten. */
  readonly varianceInFirst: number;
  readonly varianceInFirstTen: number;
  /** Skewness of how often a row is among the ten nearest of others: about 0 without hubs (Radovanović et al. 2010). */
  readonly hubnessSkew: number;
  /** The rows that are most often among the ten nearest of others. `id` where the rows have ids. */
  readonly hubs: readonly { readonly row: number; readonly id?: RowId; readonly count: number }[];
  /** Rows that are among the ten nearest of none. */
  readonly neverNeighbours: number;
  /** The fraction of the ten nearest rows that stay when the mean row is subtracted. */
  readonly neighboursKeptCentred: number;
  /** The principal directions that the next figure is about: a hundredth of the depth, at least one. */
  readonly componentsRemoved: number;
  /** The fraction of the ten nearest rows that stay when the mean row and these directions are removed. */
  readonly neighboursKeptWithoutComponents: number;
  /**
   * The lowest threshold, to 0.001, at which there are a hundred times as many pairs as with the columns of the rows permuted; NaN where no
   * score is so far above chance.
   */
  readonly suggestedThreshold: number;
  /** How many rows the figures are of: evenly spread ones, where there are more. Counts, lengths and the mean score are of all rows. */
  readonly sampled: {
    /** Of the hubs. */
    readonly neighbourRows: number;
    /** Of the neighbours that are kept, and whose neighbours these are. */
    readonly changedRows: number;
    readonly queryRows: number;
    /** Of the effective rank and the principal directions. */
    readonly varianceRows: number;
    /** Of the distribution of the scores and the suggested threshold. */
    readonly scoreRows: number;
  };
  readonly findings: readonly Finding[];
}
