// The public types of arguments. Results are in rows/dense-matrix.ts.

import type { RowId } from './rows/dense-matrix.js';
import type { DType, NumericArray, ScoreArray } from './rows/dtype.js';
import type { StoredRows } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';

/** Float16Array, if the runtime has it. */
export interface HalfArray extends ArrayLike<number> {
  readonly BYTES_PER_ELEMENT: number;
  readonly [Symbol.toStringTag]: 'Float16Array';
}

/** One vector: the elements of one row. A Buffer is refused, because its elements are bytes. */
export type Vector = NumericArray | readonly number[] | HalfArray;

/** One vector in the response of an embedding service. */
export interface EmbeddingObject {
  readonly embedding: Vector;
  /** The row it belongs to. Rows are put in this order if it numbers all of them from 0. */
  readonly index?: number;
  /** The id of the row, used if every row has one. */
  readonly id?: RowId;
}

/**
 * Rows in one array: a `Matrix`, ndarrays of scijs and stdlib, tensors of transformers.js and ONNX Runtime. A layout or type that
 * contradicts itself or the array is refused.
 */
export interface ShapedRows {
  /** The elements: a typed array or an array of numbers. BigInt arrays are refused. */
  readonly data: ArrayLike<unknown>;
  /**
   * [rows, depth]. Give either this or `dims`. If there are more than two dimensions, those of size 1 are dropped; [depth] alone is one
   * vector.
   */
  readonly shape?: readonly number[];
  /** [rows, depth], under the name that tensor libraries use. */
  readonly dims?: readonly number[];
  /** Distance in elements (not bytes) from one row to the next, and from one element to the next. Default: determined by `order`. */
  readonly strides?: readonly number[];
  /** The same as `strides`, under the name that scijs and transformers.js use. */
  readonly stride?: readonly number[] | (() => readonly number[]);
  /** Index of the first element in `data`. Default: 0. */
  readonly offset?: number;
  /** 'row-major' or 'C' (default), 'column-major' or 'F'. ndarray's list of dimensions is accepted together with its `stride`. */
  readonly order?: string | readonly number[];
  /** True for column-major, as npyjs reports it. */
  readonly fortranOrder?: boolean;
  /** The element type, if declared. 'float16' and 'bfloat16' decode a Uint16Array; any other type must be that of the array. */
  readonly type?: unknown;
  /** The same as `type`, under the name that most libraries use. */
  readonly dtype?: unknown;
}

/**
 * Compressed sparse rows, as in `scipy.sparse.csr_array`. The columns of a row may be in any order; duplicate elements are added. Elements
 * that are not stored are 0. The index arrays may have 32 or 64 bits (BigInt64Array).
 */
export interface SparseRows {
  /** Start of each row's elements in `indices` and `data`: rows + 1 numbers, ascending from 0. */
  readonly indptr: ArrayLike<number> | ArrayLike<bigint>;
  /** The column of each stored element. */
  readonly indices: ArrayLike<number> | ArrayLike<bigint>;
  /** The stored elements. */
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  /** The type of the elements, if the array does not show it: 'float16' or 'bfloat16' in a Uint16Array. */
  readonly type?: string;
  readonly dtype?: unknown;
  /** [rows, columns]. */
  readonly shape: readonly number[];
}

/** A tensor of TensorFlow.js. */
export interface SyncTensor {
  dataSync(): ArrayLike<unknown>;
  readonly shape: readonly number[];
  readonly dtype?: unknown;
}

/** A matrix of ml-matrix. */
export interface ArrayMatrix {
  to2DArray(): readonly (readonly number[])[];
}

/** Vectors by id. If an id is the name of an option, pass options after the object: `{}`. */
export type VectorsById = { readonly [id: string]: Vector } & { readonly out?: never; readonly data?: never };

/**
 * N vectors of the same length, which are never changed:
 *
 * - an array, or another iterable, of vectors, of `{ embedding }` objects, or of tensors with one row each;
 * - sparse rows, `{ indptr, indices, data, shape: [rows, columns] }`;
 * - one array with a shape: `{ data, shape: [rows, depth] }`, tensors, ndarrays, matrices;
 * - a Map or an object of vectors by id: results then contain the ids as `rowIds` and `colIds`;
 * - the response of an embedding service, `{ data: [{ embedding, index }] }`;
 * - an open file (`openRows`);
 * - a single vector, as a query: one row. It is refused if it would only be compared with itself.
 */
export type Rows =
  | Vector
  | Iterable<Vector | EmbeddingObject | ShapedRows>
  | ReadonlyMap<RowId, Vector>
  | VectorsById
  | ShapedRows
  | SparseRows
  | { readonly data: readonly (EmbeddingObject | Vector)[] }
  | SyncTensor
  | ArrayMatrix
  | StoredRows;

/**
 * Every backend, best first: 'native' (Node, with the best instructions of the processor), 'wasm', 'reference'. The others are used only by
 * name: 'native' with one instruction set, 'webgpu' (a GPU: float32, asynchronous calls) and 'webgpu-software' (WebGPU on the processor,
 * for tests).
 */
export const BACKEND_NAMES = [
  'native',
  'wasm',
  'reference',
  'native-avx512',
  'native-avx2',
  'native-sse2',
  'native-neon',
  'webgpu',
  'webgpu-software',
] as const;

/** The name of a backend. */
export type BackendName = (typeof BACKEND_NAMES)[number];

/** What a backend is and whether it runs here. */
export interface BackendInfo {
  readonly name: BackendName;
  readonly available: boolean;
  /** What it runs on, or why it does not. */
  readonly description: string;
  /** True if it is used only by name. */
  readonly byName: boolean;
}

/** How much of the work is done. */
export interface Progress {
  /** Scores computed so far. */
  readonly done: number;
  /** Scores in the whole result. */
  readonly total: number;
  /** Number of zero rows found so far; undefined if there are none. */
  readonly zeroRows?: number;
  /** If pairs are excluded (`pruning`): the fraction of the multiply-adds so far that was computed, including those for excluding pairs. */
  readonly computed?: number;
}

/** Transforms of the rows before they are compared. They are fitted to x and applied to x and y; see `fitTransform`. */
export interface TransformOptions {
  /** Subtracts the mean row. Default: false, but `removeComponents` and `whiten` imply it. */
  readonly center?: boolean | undefined;
  /** Subtracts the mean row, then projects out this many directions of largest variance (all but the top). Default: none. */
  readonly removeComponents?: number | undefined;
  /** Gives all remaining directions the same variance. Default: false. */
  readonly whiten?: boolean | undefined;
}

/**
 * A transform fitted by `fitTransform`, for the option `transform` of every call. It is plain data: `JSON.stringify` writes every number in
 * full, and `JSON.parse` restores the same transform.
 *
 * A zero row stays a zero row, because it contains no information. A row that is equal to the mean becomes one. Rows are transformed in
 * float64 and rounded to the call's `dtype` once.
 *
 * @example
 * const transform = await fitTransform(docs, { removeComponents: 2 });
 * const { indices } = await topK(queries, docs, { k: 10, transform });
 */
export interface Transform {
  readonly kind: 'allpairs-transform';
  readonly version: 1;
  /** Number of elements in a row. */
  readonly depth: number;
  /** Number of rows that it was fitted to, without zero rows and, with `nonFinite: 'zero'`, rows that are not finite. */
  readonly fittedRows: number;
  /** Number of principal directions that are removed. */
  readonly removeComponents: number;
  /** With `whiten`: the number of remaining directions, in which the fitted rows vary. */
  readonly rank?: number;
  readonly mean: readonly number[];
  /** The removed directions, orthonormal and stored consecutively. */
  readonly components: readonly number[];
  /**
   * With `whiten`: the indices of the elements that remain, and rows 0, 1, 2, ... of the lower triangle L up to their diagonal, where L Lᵀ
   * is the covariance of these elements.
   */
  readonly whitening?: { readonly elements: readonly number[]; readonly factor: readonly number[] };
}
/** How rows whose elements are all 0 are treated; they have no direction. */
export type ZeroRows = 'zero' | 'exclude' | 'throw';

/** Options of every call. */
export interface Options<T extends DType = DType> extends TransformOptions {
  /** A transform from `fitTransform` for x and y, instead of `center`, `removeComponents` and `whiten`. */
  readonly transform?: Transform | undefined;
  /** Element type for the computation and the result. Default: float64 if x or y is a Float64Array, otherwise float32. */
  readonly dtype?: T | undefined;
  /**
   * Maximum number of computing threads. Default: the number of cores. There are never more threads than tiles, or than four per core (32
   * on small machines). Sync calls always use the calling thread.
   */
  readonly threads?: number | undefined;
  /** The backend to use; an error if it cannot run here. Default: the fastest one that can. */
  readonly backend?: BackendName | undefined;
  /** Rows with a NaN or an infinity: 'throw' (default), or 'zero' to treat them as zero vectors. */
  readonly nonFinite?: 'throw' | 'zero' | undefined;
  /**
   * Zero rows, including those from `nonFinite: 'zero'`: 'zero' (default) gives them the score 0 with every row. 'exclude' omits them from
   * every pair: they are in no list and their own lists are empty; calls that return a score for every pair of rows refuse this. 'throw'
   * refuses such rows.
   */
  readonly zeroRows?: ZeroRows | undefined;
  /**
   * Maximum number of bytes that the call may allocate, including the result. If it needs more, it throws, if possible before the work
   * starts.
   */
  readonly memoryBudget?: number | undefined;
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called from time to time during long work, and once at the end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of `fitTransform`: at least one of `center`, `removeComponents` and `whiten`. */
export interface FitTransformOptions extends Omit<Options, 'dtype' | 'transform' | 'zeroRows' | 'onProgress'> {}

/** Options of `health`: those of every call, except that zero rows and rows with NaN or infinity are counted. */
export interface HealthOptions extends Omit<Options, 'nonFinite' | 'zeroRows'> {}

/** Options of calls that look for few high scores among many. */
export interface PruningOptions {
  /**
   * 'auto' (default): pairs that provably cannot belong to the answer are excluded without computing them, if a sample of the rows shows
   * that this is faster. 'off': every pair is computed. The answer is the same, bit for bit.
   */
  readonly pruning?: 'auto' | 'off' | undefined;
}

/** An id for each row: an array, or a typed array. */
export type RowIds = readonly RowId[] | NumericArray | BigInt64Array | BigUint64Array;

/** The names of rows in results: `rowIds` and `colIds`. */
export interface IdsOptions {
  /** An id for each row of x. Default: the ids that came with the rows, for example in a Map; `ids` must not contradict them. */
  readonly ids?: RowIds | undefined;
  /** An id for each row of y, like `ids`. */
  readonly yIds?: RowIds | undefined;
}

/** The group of each row: integers from 0 or strings; equal values are one group. -1 and null mean that the row is in no group. */
export type GroupsOfRows = ArrayLike<number | null> | ArrayLike<bigint> | ArrayLike<string | null>;

/** Options of calls that look for similar pairs: which pairs count, by the groups of their rows. */
export interface GroupingOptions {
  /**
   * The group of each row of x. Requires `across` or `within`. With `across`, a row in no group may be paired with every row; with
   * `within`, with none.
   */
  readonly groupOf?: GroupsOfRows | undefined;
  /** Only pairs of rows in different groups count, as if there were no others. */
  readonly across?: boolean | undefined;
  /** Only pairs of rows in the same group count. */
  readonly within?: boolean | undefined;
}

/** The same for calls that compare x with y. */
export interface GroupingOptionsOfBoth extends GroupingOptions {
  /** The group of each row of y. */
  readonly groupOfY?: GroupsOfRows | undefined;
}

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions<T extends DType = DType, A extends ScoreArray = ScoreArray>
  extends Options<T>,
    IdsOptions {
  /**
   * A buffer to fill instead of a new one. It must have exactly the result's length and must not overlap the input. Its type determines the
   * `dtype`. It belongs to the call until the call has settled: if it is transferred or resized before, the call rejects with an
   * ArgumentError. Threads write directly to a SharedArrayBuffer; for any other buffer, the calling thread copies their tiles.
   */
  readonly out?: A | undefined;
}

/** Options of `topK`. */
export interface TopKOptions<T extends DType = DType> extends Options<T>, PruningOptions, IdsOptions, GroupingOptionsOfBoth {
  /** Number of similar rows for each row. */
  readonly k: number;
  /** Saves the progress of the call, and continues from saved progress. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Options of `pairs` and `streamPairs`. */
export interface PairsOptions<T extends DType = DType> extends Options<T>, PruningOptions, IdsOptions, GroupingOptionsOfBoth {
  /**
   * The lowest true cosine of a pair, from -1 to 1 (see `pairs`), or a list with one threshold for each row of x. Then a pair of rows of x
   * must reach the higher threshold of both rows, and a pair with a row of y that of the row of x. All pairs at or above the lowest
   * threshold are found first.
   */
  readonly threshold: number | ArrayLike<number>;
  /**
   * Returns only pairs whose true cosine is below this, to select a range. It must be above the threshold and at most 1. Default: no limit.
   */
  readonly below?: number | undefined;
  /**
   * The first row of x whose pairs are returned. Default: 0. To continue a call of `streamPairs` that was ended early, pass the `rowEnd` of
   * the last batch that was used.
   */
  readonly rowStart?: number | undefined;
}

/** Options of `streamMatrix`. */
export interface MatrixBlockOptions<T extends DType = DType> extends Options<T>, IdsOptions {
  /** Rows and columns of a block. Default: as many as fit in memory, up to a few thousand. */
  readonly blockRows?: number | undefined;
}

/** Options of `bestPairs`. */
export interface BestPairsOptions<T extends DType = DType>
  extends Options<T>,
    PruningOptions,
    IdsOptions,
    GroupingOptionsOfBoth {
  /** Number of pairs. */
  readonly count: number;
  /** Returns only pairs whose true cosine is below this; 1 omits parallel rows. Default: no limit. */
  readonly below?: number | undefined;
}

/** Options of `pairedSimilarity`. */
export interface PairedSimilarityOptions<T extends DType = DType> extends Options<T>, IdsOptions {}

/** Options of `scorePairs`. */
export interface ScorePairsOptions<T extends DType = DType> extends Options<T>, IdsOptions {
  /** The first row of each pair: a row of x, by its number or its id. */
  readonly rows: ArrayLike<RowId>;
  /** The second row of each pair: a row of y, or of x if there is no y. Must have as many elements as `rows`. */
  readonly cols: ArrayLike<RowId>;
  /**
   * The meaning of the numbers in `rows` and `cols`. Required if rows have ids that are numbers; otherwise numbers are row numbers, and
   * strings and bigints are ids.
   */
  readonly by?: 'number' | 'id' | undefined;
}

/** Options of `histogram`. */
export interface HistogramOptions extends Options {
  /** Number of bins from -1 to 1. Default: 100. */
  readonly bins?: number | undefined;
  /** Saves the progress of the call, and continues from saved progress. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Options of `dedupe`. */
export interface DedupeOptions<T extends DType = DType> extends Options<T>, PruningOptions, GroupingOptions {
  /** The lowest true cosine of near-duplicates, from -1 to 1 (see `pairs`). */
  readonly threshold: number;
  /** Rows that are already kept, in any form that x can have. A row of x that is a near-duplicate of one of them is dropped. */
  readonly against?: Rows | null | undefined;
  /** The group of each row of `against`; `groupOf` contains those of x. Pairs that do not count are not near-duplicates. */
  readonly groupOfAgainst?: GroupsOfRows | undefined;
  /**
   * A number for each row of x. Of two near-duplicates, the row with the higher number is kept; if equal, the lower row. Default: all
   * equal; with `method: 'components'`, the row that represents each component, as in `groups`.
   */
  readonly priority?: ArrayLike<number> | ArrayLike<bigint> | undefined;
  /** An id for each row of x, as in `topK`. */
  readonly ids?: RowIds | undefined;
  /** An id for each row of `against`. */
  readonly againstIds?: RowIds | undefined;
  /**
   * 'greedy' (default): a row is dropped if it is a near-duplicate of a kept row. 'components': of rows joined by a chain of
   * near-duplicates, one is kept, or none if one of them is a near-duplicate of a row of `against`.
   */
  readonly method?: 'greedy' | 'components' | undefined;
}

/** Options of `groups`. */
export interface GroupsOptions extends Options, PruningOptions, GroupingOptions {
  /**
   * The lowest true cosine of a pair, from -1 to 1 (see `pairs`), or a list with one threshold for each row. Then a pair must reach the
   * higher threshold of both rows.
   */
  readonly threshold: number | ArrayLike<number>;
  /**
   * 'components' (default): rows joined by a chain of pairs. 'complete': every two rows of a group are a pair; among the groups that may
   * join, those with the highest minimum score join first. 'community': rows similar to one centre, the largest communities first, as in
   * community_detection of sentence-transformers.
   */
  readonly method?: 'components' | 'complete' | 'community' | undefined;
  /**
   * Maximum number of rows to keep: the most similar rows are joined first, until the representatives of groups and the rows in no group
   * number at most this many. The groups are those at the highest threshold, on stored scores, that satisfies this; equal scores join
   * together. More rows remain if `threshold` is too high. Only for components.
   */
  readonly keep?: number | undefined;
  /** Finds the lowest score inside each group, which takes the products of all pairs of its members. Default: false. */
  readonly explain?: boolean | undefined;
  /** Saves the progress of the call, and continues from saved progress; only for components. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The smallest group. Default: 2, or 10 for communities. */
  readonly minimumSize?: number | undefined;
  /** An id for each row of x, as in `topK`. */
  readonly ids?: RowIds | undefined;
}

/** Options of `linkage`. */
export interface LinkageOptions<T extends DType = DType> extends Options<T> {
  /**
   * The score of two clusters: 'average' (default), the mean over all pairs of a row of one and a row of the other; 'complete', the lowest of
   * these scores; 'single', the highest.
   */
  readonly method?: 'average' | 'complete' | 'single' | undefined;
}
