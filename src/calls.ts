// The public calls as users see them; api.ts implements them.

import type {
  Deduped,
  Dendrogram,
  Groups as GroupsResult,
  Health,
  Histogram as HistogramResult,
  MatrixBlock,
  PairScores,
  PairsBatch,
  Pairs as PairsResult,
  TopK as TopKResult,
  WorkPlan,
} from './results.js';
import type { Matrix } from './rows/dense-matrix.js';
import type { DType, NumericArray, ScoreArray } from './rows/dtype.js';
import type { StoredRows } from './rows/stored-rows.js';
import type {
  BackendInfo,
  BackendName,
  BestPairsOptions,
  CosineSimilarityOptions,
  DedupeOptions,
  FitTransformOptions,
  GroupsOptions,
  HealthOptions,
  HistogramOptions,
  LinkageOptions,
  MatrixBlockOptions,
  PairedSimilarityOptions,
  PairsOptions,
  Rows,
  ScorePairsOptions,
  TopKOptions,
  Transform,
  Vector,
} from './types.js';

/** The array type of a result, if `dtype` is known. */
export type ScoresOf<T extends DType> = [T] extends ['float32']
  ? Float32Array
  : [T] extends ['float64']
    ? Float64Array
    : ScoreArray;

/** The vectors in rows of type R; never for missing rows. */
type VectorsIn<R> = R extends null | undefined
  ? never
  : R extends Vector
    ? R
    : R extends StoredRows
      ? NumericArray
      : R extends { readonly embedding: infer V }
        ? V
        : R extends { dataSync(): infer D }
          ? ElementsIn<D>
          : R extends { readonly data: infer D }
            ? ElementsIn<D>
            : R extends { to2DArray(): infer D }
              ? VectorsIn<D>
              : R extends ReadonlyMap<unknown, infer V>
                ? V
                : R extends Iterable<infer V>
                  ? VectorsIn<V>
                  : R[keyof R];

/** The same for an array of all elements, or of rows. */
type ElementsIn<D> = D extends Vector ? D : D extends Iterable<unknown> ? VectorsIn<D> : NumericArray;

/** The element type in which vectors of type V are computed unless `dtype` is given. Missing vectors do not affect it. */
type DTypeOf<V> = [V] extends [never] ? 'float32' : V extends Float64Array ? 'float64' : V extends Vector ? 'float32' : DType;

/** The element type for x and y together: float64 if either is float64. */
type DTypeOfBoth<X extends DType, Y extends DType> = [X] extends ['float64']
  ? 'float64'
  : [Y] extends ['float64']
    ? 'float64'
    : X | Y;

/** The array type of a result: that of `out` (A) if known, otherwise by `dtype` (T), otherwise by the rows. */
export type ScoresFor<X, Y, T extends DType = never, A extends ScoreArray = never> = [A] extends [never]
  ? ScoresOf<[T] extends [never] ? DTypeOfBoth<DTypeOf<VectorsIn<X>>, DTypeOf<VectorsIn<Y>>> : T>
  : A;

export interface CosineSimilarity {
  /**
   * Returns the cosine similarity of every row of x with every row of x, or of y.
   *
   * s(i, j) = x_i · y_j / (|x_i| |y_j|), within 1e-6 of float64 arithmetic for float32 and within 1e-14 for float64. Every score
   * lies in [-1, 1]. A zero row scores 0 with every row, including itself. Every other row scores exactly 1 with itself and with
   * equal rows, and exactly -1 with opposite rows. A self-comparison is symmetric bit for bit. The same input gives the same
   * bits for any number of threads. Inputs are not changed; `out` must not overlap them.
   *
   * @param x N rows of the same length: `Float32Array[]`, `number[][]`, `{ data, shape: [N, D] }`, an open file, or another form
   *   of `Rows`. `number[][]` is computed in float32 unless `dtype` says otherwise
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself (half the work). Options may be
   *   passed in its place
   * @param options `out`, `ids`, `yIds` and the options of every call (`dtype`, `threads`, `backend`, `memoryBudget`, `signal`,
   *   ...); unknown names are refused
   * @returns an (N, M) matrix. With the backend `wasm`, its data may be in a SharedArrayBuffer
   * @throws {ArgumentError} for rows of different lengths, NaN or infinity (unless `nonFinite: 'zero'`), or invalid options
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @see Bayardo, Ma, Srikant: Scaling Up All Pairs Similarity Search, WWW 2007
   * @example const { data, shape } = await cosineSimilarity([[1, 2], [2, 1], [-1, -2]]); // shape is [3, 3]
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    y?: Y,
    options?: CosineSimilarityOptions<T, A>,
  ): Promise<Matrix<ScoresFor<X, Y, T, A>>>;
  /**
   * Returns the cosine similarity of every row of x with every row of x, or of y.
   *
   * @param x N rows of the same length: `Float32Array[]`, `number[][]`, `{ data, shape: [N, D] }`, an open file, or another form
   *   of `Rows`. `number[][]` is computed in float32 unless `dtype` says otherwise
   * @param options `out`, `ids` and the options of every call (`dtype`, `threads`, `backend`, `memoryBudget`, `signal`, ...);
   *   unknown names are refused
   * @returns an (N, M) matrix. With the backend `wasm`, its data may be in a SharedArrayBuffer
   */
  <X extends Rows, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    options?: CosineSimilarityOptions<T, A>,
  ): Promise<Matrix<ScoresFor<X, undefined, T, A>>>;
}

export interface CosineSimilaritySync {
  /**
   * Computes `cosineSimilarity` on the calling thread, for small inputs and scripts. The bits are the same, but the event loop
   * is blocked.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts, except an open file
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself. Options may be passed in its place
   * @param options the options of `cosineSimilarity`; `threads` has no effect
   * @returns an (N, M) matrix
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and for rows of an open file, which are read asynchronously
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here, or only asynchronously
   * @example const { data } = cosineSimilaritySync([[1, 0], [1, 1]]);
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    y?: Y,
    options?: CosineSimilarityOptions<T, A>,
  ): Matrix<ScoresFor<X, Y, T, A>>;
  /**
   * Computes `cosineSimilarity` on the calling thread, for small inputs and scripts. The bits are the same, but the event loop
   * is blocked.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts, except an open file
   * @param options the options of `cosineSimilarity`; `threads` has no effect
   * @returns an (N, M) matrix
   */
  <X extends Rows, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    options?: CosineSimilarityOptions<T, A>,
  ): Matrix<ScoresFor<X, undefined, T, A>>;
}

export interface PairedSimilarityCall {
  /**
   * Returns the similarity of row i of x with row i of y, for every i, as `cosine_similarity` of PyTorch does. The scores have
   * the same bits as those of `cosineSimilarity`; no others are computed.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y N rows of the same length
   * @param options `threads`, `backend`, `dtype`, `memoryBudget`, `signal` and the other options of every call; unknown names
   *   are refused
   * @returns N scores
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and if x and y have different numbers of rows, or the same
   *   ids in a different order
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const scores = await pairedSimilarity(questions, answers);
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  <X extends Rows, Y extends Rows, T extends DType = never>(
    x: X,
    y: Y,
    options?: PairedSimilarityOptions<T>,
  ): Promise<PairScores<ScoresFor<X, Y, T>>>;
}

export interface ScorePairsCall {
  /**
   * Returns the scores of the pairs listed in `rows` and `cols`, with the same bits as those of `cosineSimilarity`. Rows that
   * are in no pair are not read. Pairs may be in any order and may be repeated.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself. Options may be passed in its place
   * @param options `{ rows, cols, ... }`: pair i is row `rows[i]` of x and row `cols[i]` of y, by number or id
   * @returns one score for each pair
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and if `rows` and `cols` differ in length or contain an
   *   unknown row
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const [score] = await scorePairs(embeddings, { rows: [17], cols: [4711] });
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: ScorePairsOptions<T>,
  ): Promise<PairScores<ScoresFor<X, Y, T>>>;
  /**
   * Returns the scores of the pairs listed in `rows` and `cols`, with the same bits as those of `cosineSimilarity`. Rows that
   * are in no pair are not read. Pairs may be in any order and may be repeated.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options `{ rows, cols, ... }`: pair i is rows `rows[i]` and `cols[i]` of x, by number or id
   * @returns one score for each pair
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    options: ScorePairsOptions<T>,
  ): Promise<PairScores<ScoresFor<X, undefined, T>>>;
}

export interface StreamMatrixCall {
  /**
   * Yields the matrix of `cosineSimilarity` in blocks, for more scores than fit in memory. A self-comparison yields the blocks
   * on and above the diagonal; each of them also stands for its transpose. The bits are the same.
   *
   * Nothing is computed before the first block is requested. While a block is in use, only the next one is computed. Leaving the
   * loop early ends the work.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself. Options may be passed in its place
   * @param options `blockRows`, `ids`, `yIds` and the options of every call
   * @returns the blocks, row of blocks by row of blocks, each with its position in the (N, M) matrix
   * @throws {ArgumentError} immediately for invalid arguments; for rows that are not finite, when the next block is requested
   * @throws {MemoryError} when the next block is requested, if it does not fit in memory
   * @throws {UnsupportedError} when the first block is requested, if `backend` cannot run here
   * @example for await (const { row, col, matrix } of streamMatrix(embeddings)) save(row, col, matrix.data);
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y?: Y,
    options?: MatrixBlockOptions<T>,
  ): AsyncGenerator<MatrixBlock<ScoresFor<X, Y, T>>, void, undefined>;
  /**
   * Yields the matrix of `cosineSimilarity` in blocks, for more scores than fit in memory. A self-comparison yields the blocks
   * on and above the diagonal; each of them also stands for its transpose. The bits are the same.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options `blockRows`, `ids` and the options of every call
   * @returns the blocks, row of blocks by row of blocks, each with its position in the (N, M) matrix
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    options?: MatrixBlockOptions<T>,
  ): AsyncGenerator<MatrixBlock<ScoresFor<X, undefined, T>>, void, undefined>;
}

export interface TopKCall {
  /**
   * Returns the k most similar rows for each row of x: among the other rows of x, or among the rows of y.
   *
   * Scores have the same bits as those of `cosineSimilarity`. They are in descending order, and equal scores are ordered by
   * lower index. The whole matrix is never in memory, only the packed rows and the result.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to search in; if omitted, the other rows of x are searched. Options may be passed in its
   *   place
   * @param options `k`, or `{ k, ... }` with the options of every call
   * @returns (N, k) indices and scores. k is smaller than requested if there are fewer other rows. If not all pairs count
   *   (`groupOf`, `zeroRows: 'exclude'`), `counts` contains the length of each list
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and if k is not a positive integer
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const { indices, scores } = await topK(embeddings, { k: 10 });
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: TopKOptions<T> | number,
  ): Promise<TopKResult<ScoresFor<X, Y, T>>>;
  /**
   * Returns the k most similar rows for each row of x: among the other rows of x, or among the rows of y.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param k the number of similar rows for each row
   * @param options the options of every call, and `ids`, `groupOf`, `zeroRows`, `pruning`, `checkpoint`
   * @returns (N, k) indices and scores. k is smaller than requested if there are fewer other rows. If not all pairs count
   *   (`groupOf`, `zeroRows: 'exclude'`), `counts` contains the length of each list
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    k: number,
    options?: Omit<TopKOptions<T>, 'k'>,
  ): Promise<TopKResult<ScoresFor<X, undefined, T>>>;
  /**
   * Returns the k most similar rows for each row of x: among the other rows of x, or among the rows of y.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options `k`, or `{ k, ... }` with the options of every call
   * @returns (N, k) indices and scores. k is smaller than requested if there are fewer other rows. If not all pairs count
   *   (`groupOf`, `zeroRows: 'exclude'`), `counts` contains the length of each list
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    options: TopKOptions<T> | number,
  ): Promise<TopKResult<ScoresFor<X, undefined, T>>>;
}

export interface PairsCall {
  /**
   * Returns every pair whose true cosine is at or above the threshold.
   *
   * The true cosine is that of the two rows as the call reads them (rounded to float32 if `dtype` is float32), rounded to the
   * nearest float64. [1, 2] and [2, 1], whose cosine is 4/5, are therefore a pair at 0.8, and parallel rows are a pair at 1. The
   * returned scores are those of `cosineSimilarity`; rounding may leave one slightly below the threshold.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself, and each pair of different rows is
   *   returned once, with row < col. Options may be passed in its place
   * @param options the threshold, or `{ threshold, ... }` with `below`, `groupOf`, `pruning` and the options of every call
   * @returns all pairs, ordered by (row, col)
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and if the threshold is not a number from -1 to 1
   * @throws {MemoryError} if the pairs do not fit in memory, with their count so far; `streamPairs` has no such limit
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const { rows, cols, scores } = await pairs(embeddings, { threshold: 0.9 });
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: PairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, Y, T>>>;
  /**
   * Returns every pair whose true cosine is at or above the threshold.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param threshold the lowest true cosine of a pair, from -1 to 1
   * @param options `below`, `groupOf`, `pruning` and the options of every call
   * @returns all pairs, ordered by (row, col)
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    threshold: number,
    options?: Omit<PairsOptions<T>, 'threshold'>,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
  /**
   * Returns every pair whose true cosine is at or above the threshold.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options the threshold, or `{ threshold, ... }` with `below`, `groupOf`, `pruning` and the options of every call
   * @returns all pairs, ordered by (row, col)
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    options: PairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
}

export interface BestPairsCall {
  /**
   * Returns the pairs with the highest scores, as `paraphrase_mining` of sentence-transformers does.
   *
   * Scores have the same bits as those of `cosineSimilarity`. They are in descending order, and equal scores are ordered by
   * lower row, then by lower column. In a self-comparison, each pair of different rows counts once, with row < col. Only the
   * packed rows and the result are in memory.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself. Options may be passed in its place
   * @param options the count, or `{ count, ... }` with `below`, `groupOf`, `pruning` and the options of every call
   * @returns `count` pairs, or all of them if there are fewer
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and if the count is not a positive integer
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const { rows, cols, scores } = await bestPairs(embeddings, { count: 100 });
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: BestPairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, Y, T>>>;
  /**
   * Returns the pairs with the highest scores, as `paraphrase_mining` of sentence-transformers does.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param count the number of pairs
   * @param options `below`, `groupOf`, `pruning` and the options of every call
   * @returns `count` pairs, or all of them if there are fewer
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    count: number,
    options?: Omit<BestPairsOptions<T>, 'count'>,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
  /**
   * Returns the pairs with the highest scores, as `paraphrase_mining` of sentence-transformers does.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options the count, or `{ count, ... }` with `below`, `groupOf`, `pruning` and the options of every call
   * @returns `count` pairs, or all of them if there are fewer
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    options: BestPairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
}

export interface StreamPairsCall {
  /**
   * Yields the pairs of `pairs`, by the same rule and in the same order, in batches of up to about a million. A batch may be
   * empty. Its `rowEnd` says which rows are finished; to continue from there, pass it as `rowStart` of another call.
   *
   * Nothing is computed before the first batch is requested. While a batch is in use, only the next one is computed, so memory
   * does not grow with the number of pairs. Leaving the loop early ends the work.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself. Options may be passed in its place
   * @param options the threshold, or `{ threshold, ... }` with the options of `pairs`
   * @returns the batches; the arrays `rows`, `cols` and `scores` of a batch have one element for each of its pairs
   * @throws {ArgumentError} immediately for invalid arguments; for rows that are not finite, when the next batch is requested
   * @throws {MemoryError} when the next batch is requested, if the work does not fit in memory
   * @throws {UnsupportedError} when the first batch is requested, if `backend` cannot run here
   * @example for await (const { rows, cols, scores } of streamPairs(embeddings, { threshold: 0.9 })) save(rows, cols, scores);
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: PairsOptions<T> | number,
  ): AsyncGenerator<PairsBatch<ScoresFor<X, Y, T>>, void, undefined>;
  /**
   * Yields the pairs of `pairs`, by the same rule and in the same order, in batches of up to about a million. A batch may be
   * empty. Its `rowEnd` says which rows are finished; to continue from there, pass it as `rowStart` of another call.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param threshold the lowest true cosine of a pair, from -1 to 1
   * @param options the options of `pairs`
   * @returns the batches; the arrays `rows`, `cols` and `scores` of a batch have one element for each of its pairs
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    threshold: number,
    options?: Omit<PairsOptions<T>, 'threshold'>,
  ): AsyncGenerator<PairsBatch<ScoresFor<X, undefined, T>>, void, undefined>;
  /**
   * Yields the pairs of `pairs`, by the same rule and in the same order, in batches of up to about a million. A batch may be
   * empty. Its `rowEnd` says which rows are finished; to continue from there, pass it as `rowStart` of another call.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options the threshold, or `{ threshold, ... }` with the options of `pairs`
   * @returns the batches; the arrays `rows`, `cols` and `scores` of a batch have one element for each of its pairs
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    options: PairsOptions<T> | number,
  ): AsyncGenerator<PairsBatch<ScoresFor<X, undefined, T>>, void, undefined>;
}

export interface GroupsCall {
  /**
   * Finds groups of similar rows, each with a representative, to detect duplicates and to remove them (`keep()`).
   *
   * By default, rows joined by a chain of pairs at or above the threshold are one group, and pairs are not kept. The pairs are
   * decided by true cosines, as in `pairs`. With `method: 'complete'`, every two rows of a group are such a pair. `method:
   * 'community'` takes all rows similar to one centre. Both hold the pairs in memory.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param threshold the lowest true cosine of a pair, from -1 to 1
   * @param options `method`, `keep`, `minimumSize`, `explain`, `groupOf` and the options of every call
   * @returns the groups, largest first
   * @throws {ArgumentError} in the same cases as `pairs`
   * @throws {MemoryError} if the work does not fit in memory
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const unique = (await groups(embeddings, { threshold: 0.95 })).keep(texts);
   */
  (x: Rows, threshold: number, options?: Omit<GroupsOptions, 'threshold'>): Promise<GroupsResult>;
  /**
   * Finds groups of similar rows, each with a representative, to detect duplicates and to remove them (`keep()`).
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options the threshold, or `{ threshold, ... }` with `method`, `keep`, `minimumSize`, `explain`, `groupOf` and the
   *   options of every call
   * @returns the groups, largest first
   */
  (x: Rows, options: GroupsOptions | number): Promise<GroupsResult>;
}

export interface LinkageCall {
  /**
   * Clusters all rows hierarchically. The result is the tree that `scipy.cluster.hierarchy.linkage` computes from the distances
   * 1 - score, in its format.
   *
   * The scores of all pairs are in memory, N² / 2 numbers: 200 MB in float32 for 10,000 rows. Time grows with N². Heights are
   * within 1e-6 of float64 arithmetic. If clusters are equally near, the tree depends on the order of the rows; otherwise it is
   * unique.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options `method` ('average', 'complete' or 'single') and the options of every call
   * @returns the merges, by height, as an (N - 1, 4) matrix; its method `cut()` returns clusters
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`
   * @throws {MemoryError} before the work starts, if the scores do not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example
   * const tree = await linkage(embeddings);
   * const clusters = tree.cut({ count: 20 });
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  (x: Rows, options?: LinkageOptions): Promise<Dendrogram>;
}

export interface DedupeCall {
  /**
   * Returns the rows to keep so that no near-duplicates remain. Near-duplicates are rows whose true cosine is at or above the
   * threshold, as in `pairs`.
   *
   * No two kept rows are near-duplicates (`method: 'greedy'`, the default) or joined by a chain of near-duplicates (`method:
   * 'components'`), and no kept row is a near-duplicate of a row of `against`. Memory holds the packed rows and a few bytes per
   * row, however many near-duplicates there are. With `priority`, up to four million pairs are also held if `memoryBudget`
   * allows it.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param threshold the lowest true cosine of near-duplicates, from -1 to 1
   * @param options `against`, `priority`, `method`, `ids`, `groupOf` and the options of every call
   * @returns the rows to keep and, for each other row, the kept row that it is dropped for and their score
   * @throws {ArgumentError} in the same cases as `pairs`, and if `priority` is not a list of N numbers
   * @throws {MemoryError} if the work does not fit in memory
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const { kept } = await dedupe(batch, { threshold: 0.95, against: corpus, priority: lengths });
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    threshold: number,
    options?: Omit<DedupeOptions<T>, 'threshold'>,
  ): Promise<Deduped<ScoresFor<X, undefined, T>>>;
  /**
   * Returns the rows to keep so that no near-duplicates remain. Near-duplicates are rows whose true cosine is at or above the
   * threshold, as in `pairs`.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options the threshold, or `{ threshold, against, priority, method, ... }` with the options of every call
   * @returns the rows to keep and, for each other row, the kept row that it is dropped for and their score
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    options: (DedupeOptions<T> & { readonly against?: Y }) | number,
  ): Promise<Deduped<ScoresFor<X, Y, T>>>;
}

export interface HistogramCall {
  /**
   * Returns the distribution of the scores: counts in evenly spaced bins from -1 to 1, the extremes, the mean, and for each edge
   * the number of scores that a threshold there would keep. In a self-comparison, each pair of different rows counts once.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param y M rows of that length to compare x with; if omitted, x is compared with itself. Options may be passed in its place
   * @param options `bins` (100 by default), `checkpoint` and the options of every call
   * @returns `bins` counts; `bins` + 1 edges and, for each, the number of scores at or above it
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, and if `bins` is not a positive integer
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @example const { edges, counts, mean } = await histogram(embeddings, { bins: 50 });
   */
  (x: Rows, y?: Rows | null, options?: HistogramOptions): Promise<HistogramResult>;
  /**
   * Returns the distribution of the scores: counts in evenly spaced bins from -1 to 1, the extremes, the mean, and for each edge
   * the number of scores that a threshold there would keep. In a self-comparison, each pair of different rows counts once.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts
   * @param options `bins` (100 by default), `checkpoint` and the options of every call
   * @returns `bins` counts; `bins` + 1 edges and, for each, the number of scores at or above it
   */
  (x: Rows, options?: HistogramOptions): Promise<HistogramResult>;
}

export interface HealthCall {
  /**
   * Reports whether the cosines of these rows are meaningful: what makes scores high, rows frequent neighbours or lengths
   * significant. Each finding says what it means and what to do (`findings`).
   *
   * No figure can prove that cosine is the right measure; pairs that you know can. Rows with NaN or infinity are counted and
   * left out. All rows are read once. Figures that take more than that come from evenly spaced rows if there are many
   * (`sampled`), so a million rows take little longer than reading them. For 10,000 rows it takes about as long as three calls
   * of `topK`. The same rows give the same figures on one machine.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts, including open files
   * @param options the options of every call except `nonFinite`; with `center`, `removeComponents`, `whiten` or `transform`, the
   *   transformed rows are examined
   * @returns the figures, and `findings` in sentences
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`, but not for NaN or infinity
   * @throws {MemoryError} before the work starts, if it does not fit in memory or in `memoryBudget`
   * @throws {UnsupportedError} if `backend` cannot run here
   * @see Steck, Ekanadham, Kallus: Is Cosine-Similarity of Embeddings Really About Similarity?, WWW 2024
   * @example const { verdict, findings } = await health(embeddings);
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  (x: Rows, options?: HealthOptions): Promise<Health>;
}

export interface FitTransformCall {
  /**
   * Fits a transform to rows, for the option `transform` of every call. A transform can be applied to other rows and saved as
   * JSON. To transform rows for a single comparison, pass `center`, `removeComponents` or `whiten` to the call itself.
   *
   * `center` subtracts the mean row. `removeComponents: n` then projects out the n directions of largest variance ("all but the
   * top"); a hundredth of the depth is usual. `whiten` gives the remaining directions the same variance; those in which the rows
   * do not vary are dropped (`rank`). Sums are float64, and the rows are read once. Zero rows do not count. Except for `center`,
   * the time grows with the square of the depth; so does the time for transforming each row with `whiten`.
   *
   * @param x N rows, in any form that `cosineSimilarity` accepts, including open files
   * @param options at least one of `center`, `removeComponents` and `whiten`; also `threads`, `backend`, `nonFinite`,
   *   `memoryBudget` and `signal`
   * @returns the transform, for rows of the same length
   * @throws {ArgumentError} in the same cases as `cosineSimilarity`; if fewer than two rows are not zero; if more components are
   *   to be removed than the rows have; and if so few rows are whitened that every pair would have the same cosine
   * @throws {MemoryError} if the covariance does not fit in memory
   * @throws {UnsupportedError} if `backend` cannot run here
   * @see Mu, Viswanath: All-but-the-Top, ICLR 2018
   * @example
   * const transform = await fitTransform(docs, { removeComponents: 2 });
   * const { indices } = await topK(queries, docs, { k: 10, transform });
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  (x: Rows, options: FitTransformOptions): Promise<Transform>;
}

/**
 * Plans of calls: what a call with the same arguments would do (passes, tiles, bytes read, memory). Nothing is computed.
 *
 * Each method takes the arguments of the call with its name, and throws what that call would throw for them: ArgumentError, and MemoryError
 * if the work does not fit in memory.
 *
 * @example
 * const { passes, memoryBytes } = plan.topK(rows, { k: 10, memoryBudget: 2 ** 30 });
 */
export interface Plan {
  streamMatrix(x: Rows, y: Rows | null | undefined, options?: MatrixBlockOptions): WorkPlan;
  streamMatrix(x: Rows, options?: MatrixBlockOptions): WorkPlan;
  topK(x: Rows, y: Rows | null | undefined, options: TopKOptions | number): WorkPlan;
  topK(x: Rows, k: number, options?: Omit<TopKOptions, 'k'>): WorkPlan;
  topK(x: Rows, options: TopKOptions | number): WorkPlan;
  streamPairs(x: Rows, y: Rows | null | undefined, options: PairsOptions | number): WorkPlan;
  streamPairs(x: Rows, threshold: number, options?: Omit<PairsOptions, 'threshold'>): WorkPlan;
  streamPairs(x: Rows, options: PairsOptions | number): WorkPlan;
  bestPairs(x: Rows, y: Rows | null | undefined, options: BestPairsOptions | number): WorkPlan;
  bestPairs(x: Rows, count: number, options?: Omit<BestPairsOptions, 'count'>): WorkPlan;
  bestPairs(x: Rows, options: BestPairsOptions | number): WorkPlan;
  /** Plans groups of components. Other methods compute groups from pairs, so `streamPairs` gives their plan. */
  groups(x: Rows, threshold: number, options?: Omit<GroupsOptions, 'threshold'>): WorkPlan;
  groups(x: Rows, options: GroupsOptions | number): WorkPlan;
  linkage(x: Rows, options?: LinkageOptions): WorkPlan;
  /** Plans both parts together: x against `against`, and x with itself. */
  dedupe(x: Rows, threshold: number, options?: Omit<DedupeOptions, 'threshold'>): WorkPlan;
  dedupe(x: Rows, options: DedupeOptions | number): WorkPlan;
  histogram(x: Rows, y: Rows | null | undefined, options?: HistogramOptions): WorkPlan;
  histogram(x: Rows, options?: HistogramOptions): WorkPlan;
}

/** The environment in which allpairs runs. */
export interface RuntimeInfo {
  readonly runtime: string;
  readonly architecture: string;
  readonly cores: number;
  /**
   * Why calls with WebAssembly or `reference` use only one thread, or undefined if they use several. Whether threads can be started is
   * known only after a call has needed them.
   */
  readonly threadRefusal: string | undefined;
  /** The backend of calls that do not name one. */
  readonly backend: BackendName;
  readonly backends: readonly BackendInfo[];
}

/** The calls on one platform. */
export interface Api {
  readonly cosineSimilarity: CosineSimilarity;
  readonly cosineSimilaritySync: CosineSimilaritySync;
  readonly pairedSimilarity: PairedSimilarityCall;
  readonly scorePairs: ScorePairsCall;
  readonly streamMatrix: StreamMatrixCall;
  readonly topK: TopKCall;
  readonly pairs: PairsCall;
  readonly bestPairs: BestPairsCall;
  readonly streamPairs: StreamPairsCall;
  readonly groups: GroupsCall;
  readonly dedupe: DedupeCall;
  readonly linkage: LinkageCall;
  readonly histogram: HistogramCall;
  readonly health: HealthCall;
  readonly fitTransform: FitTransformCall;
  readonly plan: Plan;
  /**
   * Returns the runtime, its cores, and every backend, with the reason if it cannot run.
   *
   * @returns what allpairs runs on
   * @example
   * console.log(runtimeInfo().backend); // native
   */
  readonly runtimeInfo: () => RuntimeInfo;
}
