// The public calls as users see them. api.ts makes them.

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

/** The array type of a result: by `dtype` where it is known. */
export type ScoresOf<T extends DType> = [T] extends ['float32']
  ? Float32Array
  : [T] extends ['float64']
    ? Float64Array
    : ScoreArray;

/** The vectors in rows of type R; no rows have none. */
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

/** The same of an array of all elements, or of rows. */
type ElementsIn<D> = D extends Vector ? D : D extends Iterable<unknown> ? VectorsIn<D> : NumericArray;

/** The element type that vectors of type V are computed in unless `dtype` says otherwise. No vectors have no say. */
type DTypeOf<V> = [V] extends [never] ? 'float32' : V extends Float64Array ? 'float64' : V extends Vector ? 'float32' : DType;

/** The element type for x and y together: float64 if either has it. */
type DTypeOfBoth<X extends DType, Y extends DType> = [X] extends ['float64']
  ? 'float64'
  : [Y] extends ['float64']
    ? 'float64'
    : X | Y;

/** The array type of a result, by what is known: of `out` (A), of `dtype` (T), else of the rows. */
export type ScoresFor<X, Y, T extends DType = never, A extends ScoreArray = never> = [A] extends [never]
  ? ScoresOf<[T] extends [never] ? DTypeOfBoth<DTypeOf<VectorsIn<X>>, DTypeOf<VectorsIn<Y>>> : T>
  : A;

export interface CosineSimilarity {
  /**
   * Cosine similarity of every row of x with every row of x, or of y.
   *
   * s(i, j) = x_i · y_j / (|x_i| |y_j|), as float64 arithmetic would give it, to within 1e-6 in float32 and 1e-14 in float64.
   * Every score lies in [-1, 1]. A zero row has similarity 0 with everything, itself included; every other row has exactly
   * 1 with itself and with its equals, exactly -1 with its opposites. x against itself is symmetric bit for bit. The same
   * input gives the same bits for any number of threads. Inputs are not changed; `out` may not overlap them.
   *
   * @param x N rows of the same length D: `Float32Array[]`, `number[][]`, `{ data, shape: [N, D] }`, or another form of `Rows`.
   *   `number[][]` gives float32 unless `dtype` says otherwise.
   * @param y M rows of the same length; x itself if left out (half the work). Options may stand in its place.
   * @param options `dtype`, `out` and what every call takes. Unknown names are refused.
   * @returns an (N, M) matrix. Its data lies in a SharedArrayBuffer where threads of JavaScript filled it (`wasm`).
   * @throws {ArgumentError} rows of different lengths, NaN or infinity (unless `nonFinite: 'zero'`), bad options
   * @throws {MemoryError} before the work starts, where the result or `memoryBudget` cannot hold it
   * @throws {UnsupportedError} where `backend` cannot run here
   * @see Bayardo, Ma, Srikant: Scaling Up All Pairs Similarity Search, WWW 2007
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    y?: Y,
    options?: CosineSimilarityOptions<T, A>,
  ): Promise<Matrix<ScoresFor<X, Y, T, A>>>;
  <X extends Rows, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    options?: CosineSimilarityOptions<T, A>,
  ): Promise<Matrix<ScoresFor<X, undefined, T, A>>>;
}

export interface CosineSimilaritySync {
  /**
   * `cosineSimilarity` at once on the calling thread: for small inputs and scripts. The same bits, but the event loop waits.
   *
   * @throws {ArgumentError} as `cosineSimilarity`, and for rows of an open file, which are read asynchronously
   * @throws {MemoryError} as `cosineSimilarity`
   * @throws {UnsupportedError} as `cosineSimilarity`
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    y?: Y,
    options?: CosineSimilarityOptions<T, A>,
  ): Matrix<ScoresFor<X, Y, T, A>>;
  <X extends Rows, T extends DType = never, A extends ScoreArray = never>(
    x: X,
    options?: CosineSimilarityOptions<T, A>,
  ): Matrix<ScoresFor<X, undefined, T, A>>;
}

export interface PairedSimilarityCall {
  /**
   * Returns the similarity of row i of x with row i of y, for every i, as `cosine_similarity` of PyTorch does. The scores have the bits that
   * `cosineSimilarity` gives; nothing else is computed.
   *
   * @param x N rows, as `cosineSimilarity` takes them
   * @param y N rows of the same length
   * @param options what every call takes
   * @returns N scores
   * @throws {ArgumentError} as `cosineSimilarity`, and where x and y have different numbers of rows, or the same ids in another order
   * @throws {MemoryError} before the work starts, where it does not fit
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
   * Returns the scores of the pairs that `rows` and `cols` list, with the bits that `cosineSimilarity` gives. Rows that are in no pair are not
   * read. Pairs come in any order, and more than once.
   *
   * @param x N rows; y M rows, x itself if left out: what `cosineSimilarity` takes. Options may stand in y's place.
   * @param options `{ rows, cols, ... }`: pair i is row `rows[i]` of x with row `cols[i]` of y, by their numbers or ids
   * @returns one score for each pair
   * @throws {ArgumentError} as `cosineSimilarity`, and where `rows` and `cols` differ in length, or name no rows
   * @throws {MemoryError} before the work starts, where it does not fit
   * @example const [score] = await scorePairs(embeddings, { rows: [17], cols: [4711] });
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: ScorePairsOptions<T>,
  ): Promise<PairScores<ScoresFor<X, Y, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    options: ScorePairsOptions<T>,
  ): Promise<PairScores<ScoresFor<X, undefined, T>>>;
}

export interface StreamMatrixCall {
  /**
   * The matrix of `cosineSimilarity` in blocks, for more scores than memory holds: of x with itself those on and above the
   * diagonal, each of which also stands for its transpose. The same bits.
   *
   * Nothing is computed before the first block is asked for, and while a block is being used the next one is computed, no
   * further. Leaving the loop early ends the work.
   *
   * @param x N rows; y M rows, x itself if left out: what `cosineSimilarity` takes. Options may stand in y's place.
   * @returns the blocks, by rows of blocks; each tells where it belongs in the (N, M) matrix
   * @throws {ArgumentError} at once; the rest as `cosineSimilarity`, when the next block is asked for
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y?: Y,
    options?: MatrixBlockOptions<T>,
  ): AsyncGenerator<MatrixBlock<ScoresFor<X, Y, T>>, void, undefined>;
  <X extends Rows, T extends DType = never>(
    x: X,
    options?: MatrixBlockOptions<T>,
  ): AsyncGenerator<MatrixBlock<ScoresFor<X, undefined, T>>, void, undefined>;
}

export interface TopKCall {
  /**
   * The k most similar rows of each row of x: of the other rows of x, or of y.
   *
   * Scores have the bits that `cosineSimilarity` gives, highest first, equal scores by lower index. The whole matrix is never
   * held: memory is the rows, packed, and the result.
   *
   * @param x N rows; y M rows, x itself if left out: what `cosineSimilarity` takes. Options may stand in y's place.
   * @param options `k`, or `{ k, ... }`; other options may follow `k`
   * @returns (N, k) indices and scores; k is smaller than asked for where there are not as many other rows. Where not all pairs count (`groupOf`,
   *   `zeroRows: 'exclude'`), `counts` says how many rows each list has.
   * @throws {ArgumentError} as `cosineSimilarity`, and where k is no positive integer
   * @throws {MemoryError} before the work starts, where it does not fit
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: TopKOptions<T> | number,
  ): Promise<TopKResult<ScoresFor<X, Y, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    k: number,
    options?: Omit<TopKOptions<T>, 'k'>,
  ): Promise<TopKResult<ScoresFor<X, undefined, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    options: TopKOptions<T> | number,
  ): Promise<TopKResult<ScoresFor<X, undefined, T>>>;
}

export interface PairsCall {
  /**
   * Returns every pair whose true cosine is at or above the threshold.
   *
   * The true cosine is that of the two rows as the call reads them (rounded to float32 where `dtype` is float32), rounded to the nearest
   * float64. So [1, 2] and [2, 1], whose cosine is 4/5, are a pair at 0.8, and parallel rows are one at 1. The scores that are returned
   * are those of `cosineSimilarity`; rounding may leave one slightly below the threshold.
   *
   * @param x N rows; y M rows, x itself if left out (then each pair of different rows comes once, row < col).
   * @param options the threshold, or `{ threshold, ... }`; other options may follow the threshold
   * @returns the pairs by (row, col); always all of them
   * @throws {ArgumentError} as `cosineSimilarity`, and where the threshold is no number from -1 to 1
   * @throws {MemoryError} where the pairs do not fit, with their count so far; `streamPairs` has no such limit
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: PairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, Y, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    threshold: number,
    options?: Omit<PairsOptions<T>, 'threshold'>,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    options: PairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
}

export interface BestPairsCall {
  /**
   * Returns the pairs with the highest scores of all, as `paraphrase_mining` of sentence-transformers does.
   *
   * Scores have the bits that `cosineSimilarity` gives, highest first; equal scores by lower row, then by lower column. Of x with itself
   * each pair of different rows counts once, row < col. Memory is the rows, packed, and the result.
   *
   * @param x N rows; y M rows, x itself if left out: what `cosineSimilarity` takes. Options may stand in y's place.
   * @param options the count, or `{ count, ... }`; other options may follow the count
   * @returns `count` pairs, or all of them where there are fewer
   * @throws {ArgumentError} as `cosineSimilarity`, and where the count is no positive integer
   * @throws {MemoryError} before the work starts, where it does not fit
   * @example const { rows, cols, scores } = await bestPairs(embeddings, { count: 100 });
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: BestPairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, Y, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    count: number,
    options?: Omit<BestPairsOptions<T>, 'count'>,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
  <X extends Rows, T extends DType = never>(
    x: X,
    options: BestPairsOptions<T> | number,
  ): Promise<PairsResult<ScoresFor<X, undefined, T>>>;
}

export interface StreamPairsCall {
  /**
   * The pairs of `pairs`, by the same rule and in the same order, in batches of some million at most. A batch may be empty: each tells by `rowEnd` how
   * far the work is, and with that as `rowStart` another call goes on where this one was left.
   *
   * Nothing is computed before the first batch is asked for, and while a batch is being used only the next one is computed:
   * memory does not grow with the number of pairs. Leaving the loop early ends the work.
   *
   * @param x N rows; y M rows, x itself if left out: as `pairs` takes them
   * @param options the threshold, or `{ threshold, ... }`; other options may follow the threshold
   * @returns the batches; of each the arrays `rows`, `cols` and `scores` are as long as it has pairs
   * @throws {ArgumentError} at once; the rest as `pairs`, when the next batch is asked for
   */
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    y: Y,
    options: PairsOptions<T> | number,
  ): AsyncGenerator<PairsBatch<ScoresFor<X, Y, T>>, void, undefined>;
  <X extends Rows, T extends DType = never>(
    x: X,
    threshold: number,
    options?: Omit<PairsOptions<T>, 'threshold'>,
  ): AsyncGenerator<PairsBatch<ScoresFor<X, undefined, T>>, void, undefined>;
  <X extends Rows, T extends DType = never>(
    x: X,
    options: PairsOptions<T> | number,
  ): AsyncGenerator<PairsBatch<ScoresFor<X, undefined, T>>, void, undefined>;
}

export interface GroupsCall {
  /**
   * Groups of similar rows, each with the row that represents it: to find duplicates, and to remove them (`keep()`).
   *
   * By default two rows are in one group where a chain of pairs at or above the threshold joins them; the pairs are forgotten
   * as they come. Which pairs these are is decided by their true cosines, as `pairs` does. With `method: 'complete'` every two rows of a group are
   * such a pair, and `method: 'community'` takes all rows similar to one centre; both hold the pairs meanwhile.
   *
   * @param x N rows, as `cosineSimilarity` takes them
   * @param options the threshold, or `{ threshold, ... }`; other options may follow the threshold
   * @returns the groups, largest first
   * @throws {ArgumentError} as `pairs`
   * @throws {MemoryError} where it does not fit
   */
  (x: Rows, threshold: number, options?: Omit<GroupsOptions, 'threshold'>): Promise<GroupsResult>;
  (x: Rows, options: GroupsOptions | number): Promise<GroupsResult>;
}

export interface LinkageCall {
  /**
   * Clusters all rows hierarchically: the tree that `scipy.cluster.hierarchy.linkage` makes of the distances 1 - score, in its format.
   *
   * The scores of all pairs are held, N² / 2 numbers: of 10,000 rows 200 MB in float32. Time grows with N². Heights are within 1e-6 of those of
   * float64. Where clusters are equally near, the tree depends on the order of the rows; otherwise it is the only one.
   *
   * @param x N rows, as `cosineSimilarity` takes them
   * @param options `method` and what every call takes
   * @returns the merges, by height, as an (N - 1, 4) matrix; `cut()` makes clusters of it
   * @throws {ArgumentError} as `cosineSimilarity`
   * @throws {MemoryError} before the work starts, where the scores do not fit
   * @example
   * const tree = await linkage(embeddings);
   * const clusters = tree.cut({ count: 20 });
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  (x: Rows, options?: LinkageOptions): Promise<Dendrogram>;
}

export interface DedupeCall {
  /**
   * Returns the rows to keep so that no near-duplicates are left: rows whose true cosine is at or above the threshold, as `pairs` decides it.
   *
   * No two kept rows are near-duplicates (`method: 'greedy'`, the default), or are joined by a chain of near-duplicates ('components'), and no
   * kept row is one of a row of `against`. Memory is the rows, packed, and some bytes a row, however many near-duplicates there are; with
   * `priority` up to four million pairs are held, if `memoryBudget` allows it.
   *
   * @param x N rows, as `cosineSimilarity` takes them
   * @param options the threshold, or `{ threshold, against, priority, method, ... }`; other options may follow the threshold
   * @returns the rows to keep, and for each other row the kept row that it is dropped for, with the score
   * @throws {ArgumentError} as `pairs`, and where `priority` is no list of N numbers
   * @throws {MemoryError} where it does not fit
   * @example
   * const { kept } = await dedupe(batch, { threshold: 0.95, against: corpus, priority: lengths });
   */
  <X extends Rows, T extends DType = never>(
    x: X,
    threshold: number,
    options?: Omit<DedupeOptions<T>, 'threshold'>,
  ): Promise<Deduped<ScoresFor<X, undefined, T>>>;
  <X extends Rows, Y extends Rows | null | undefined = undefined, T extends DType = never>(
    x: X,
    options: (DedupeOptions<T> & { readonly against?: Y }) | number,
  ): Promise<Deduped<ScoresFor<X, Y, T>>>;
}

export interface HistogramCall {
  /**
   * How the scores are distributed: counts over evenly spaced bins from -1 to 1, the extremes, the mean, and for each edge how
   * many scores a threshold there would keep. Of x with itself each pair of different rows counts once.
   *
   * @param x N rows; y M rows, x itself if left out: what `cosineSimilarity` takes. Options may stand in y's place.
   * @returns `bins` counts, and bins + 1 edges and numbers at or above them
   * @throws {ArgumentError} as `cosineSimilarity`, and where bins is no positive integer
   * @throws {MemoryError} before the work starts, where it does not fit
   */
  (x: Rows, y?: Rows | null, options?: HistogramOptions): Promise<HistogramResult>;
  (x: Rows, options?: HistogramOptions): Promise<HistogramResult>;
}

export interface HealthCall {
  /**
   * Returns whether the cosines of these rows can be believed: what in them makes scores high, neighbours frequent or lengths meaningful, each
   * with what it means and what to do (`findings`).
   *
   * No figure can prove that cosine is the right measure; pairs that you know can. Rows with NaN or infinity are counted and left out. All rows are read
   * once; what takes more than that is found from evenly spread rows where there are many (`sampled`), so that a million rows take little longer than
   * to read them. Of 10,000 rows it takes about as long as three calls of `topK`. The same rows give the same figures on one machine.
   *
   * @param x N rows, as `cosineSimilarity` takes them, files included
   * @param options what every call takes but `nonFinite`; with `center`, `removeComponents`, `whiten` or `transform`, of the rows that these make
   * @returns the figures, and `findings` in sentences
   * @throws {ArgumentError} as `cosineSimilarity`, but not for NaN or infinity
   * @throws {MemoryError} before the work starts, where it does not fit
   * @see Steck, Ekanadham, Kallus: Is Cosine-Similarity of Embeddings Really About Similarity?, WWW 2024
   * @example
   * const { verdict, findings } = await health(embeddings);
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  (x: Rows, options?: HealthOptions): Promise<Health>;
}

export interface FitTransformCall {
  /**
   * Fits a transform to rows, for the option `transform` of every call: to apply it to rows that it was not fitted to, and to keep it
   * as JSON. For rows that are compared once, every call takes `center`, `removeComponents` and `whiten` itself.
   *
   * `center` subtracts the mean row. `removeComponents: n` then projects out the n directions of largest variance, which is "all but the
   * top"; a hundredth of the depth is usual. `whiten` gives the directions that are left the same variance; those in which the rows do not vary are
   * dropped (`rank`). Sums are float64, and the rows are read once. Rows of zeros do not count. The time grows with the square of the depth
   * but for `center`, and so does that of transforming each row with `whiten`.
   *
   * @param x N rows, as `cosineSimilarity` takes them, files included
   * @param options at least one of `center`, `removeComponents` and `whiten`; `threads`, `backend`, `nonFinite`, `memoryBudget` and `signal`
   * @returns the transform, of rows of the same length
   * @throws {ArgumentError} as `cosineSimilarity`; where fewer than two rows are not zero, where more components are to be removed than the rows
   *   have, and where so few rows are to be whitened that every pair would have the same cosine
   * @throws {MemoryError} where the covariance does not fit
   * @see Mu, Viswanath: All-but-the-Top, ICLR 2018
   * @example
   * const transform = await fitTransform(docs, { removeComponents: 2 });
   * const { indices } = await topK(queries, docs, { k: 10, transform });
   */
  // biome-ignore lint/style/useShorthandFunctionType: as every call is declared.
  (x: Rows, options: FitTransformOptions): Promise<Transform>;
}

/**
 * What a call would do with the same arguments: passes, tiles, bytes read, memory. Computes nothing.
 *
 * Each member takes the arguments of the call of its name, and throws what that call throws for them: ArgumentError, and MemoryError where
 * the work does not fit.
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
  /** Groups of components; other methods find theirs in pairs: their plan is that of `streamPairs`. */
  groups(x: Rows, threshold: number, options?: Omit<GroupsOptions, 'threshold'>): WorkPlan;
  groups(x: Rows, options: GroupsOptions | number): WorkPlan;
  linkage(x: Rows, options?: LinkageOptions): WorkPlan;
  /** Of both parts together: x against `against`, and x with itself. */
  dedupe(x: Rows, threshold: number, options?: Omit<DedupeOptions, 'threshold'>): WorkPlan;
  dedupe(x: Rows, options: DedupeOptions | number): WorkPlan;
  histogram(x: Rows, y: Rows | null | undefined, options?: HistogramOptions): WorkPlan;
  histogram(x: Rows, options?: HistogramOptions): WorkPlan;
}

/** Where allpairs runs. */
export interface RuntimeInfo {
  readonly runtime: string;
  readonly architecture: string;
  readonly cores: number;
  /**
   * Why calls with WebAssembly or `reference` use one thread only, or undefined where they use several. Whether threads start shows
   * when a call first needs them.
   */
  readonly threadRefusal: string | undefined;
  /** The backend of calls that name none. */
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
  /** The runtime, its cores, and every backend with the reason where it cannot run. */
  readonly runtimeInfo: () => RuntimeInfo;
}
