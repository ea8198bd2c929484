// The public types of arguments. Results are in rows/dense-matrix.ts.

import type { RowId } from './rows/dense-matrix.js';
import type { DType, NumericArray, ScoreArray } from './rows/dtype.js';
import type { StoredRows } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';

/** Float16Array, where the runtime has it. */
export interface HalfArray extends ArrayLike<number> {
  readonly BYTES_PER_ELEMENT: number;
  readonly [Symbol.toStringTag]: 'Float16Array';
}

/** One vector: the elements of one row. A Buffer is refused, since its elements are bytes. */
export type Vector = NumericArray | readonly number[] | HalfArray;

/** One vector as embedding services answer with it. */
export interface EmbeddingObject {
  readonly embedding: Vector;
  /** The row it belongs to. Rows are put in this order if it numbers all of them from 0. */
  readonly index?: number;
  /** The id of the row, carried if every row has one. */
  readonly id?: RowId;
}

/**
 * Rows in one array: a `Matrix`, ndarrays of scijs and of stdlib, tensors of transformers.js and ONNX Runtime. A layout or type that
 * contradicts itself or the array is refused.
 */
export interface ShapedRows {
  /** The elements: a typed array or an array of numbers. BigInt arrays are refused. */
  readonly data: ArrayLike<unknown>;
  /** [rows, depth]. Either this or `dims`. Of more dimensions those of size 1 are dropped; [depth] alone is one vector. */
  readonly shape?: readonly number[];
  /** [rows, depth], as tensor libraries call it. */
  readonly dims?: readonly number[];
  /** Elements (not bytes) from one row, and from one element, to the next. Default: by `order`. */
  readonly strides?: readonly number[];
  /** The same as `strides`, as scijs and transformers.js call it. */
  readonly stride?: readonly number[] | (() => readonly number[]);
  /** Index of the first element in `data`. Default: 0. */
  readonly offset?: number;
  /** 'row-major' or 'C' (default), 'column-major' or 'F'. ndarray's list of dimensions is accepted beside its `stride`. */
  readonly order?: string | readonly number[];
  /** True for column-major, as npyjs reports it. */
  readonly fortranOrder?: boolean;
  /**
   * The element type, if declared. 'float16' and 'bfloat16' decode a Uint16Array; any other type has to be that of the array.
   */
  readonly type?: unknown;
  /** The same as `type`, as most libraries call it. */
  readonly dtype?: unknown;
}

/**
 * Compressed sparse rows, as `scipy.sparse.csr_array` has them. Columns of a row may come in any order; elements of the same column are
 * added. Elements that are not stored are 0. The index arrays may have 32 or 64 bits (BigInt64Array).
 */
export interface SparseRows {
  /** Where the elements of each row begin in `indices` and `data`: rows + 1 of them, from 0 on, ascending. */
  readonly indptr: ArrayLike<number> | ArrayLike<bigint>;
  /** The column of each stored element. */
  readonly indices: ArrayLike<number> | ArrayLike<bigint>;
  /** The stored elements. */
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  /** The type of the elements, where the array does not say it: 'float16' or 'bfloat16' in a Uint16Array. */
  readonly type?: string;
  readonly dtype?: unknown;
  /** [rows, columns] */
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

/** Vectors by id. An id that is the name of an option needs options after it: `{}`. */
export type VectorsById = { readonly [id: string]: Vector } & { readonly out?: never; readonly data?: never };

/**
 * N vectors of the same length, never changed:
 *
 * - an array, or another iterable, of vectors, of `{ embedding }` objects, or of tensors of one row each;
 * - sparse rows, `{ indptr, indices, data, shape: [rows, columns] }`;
 * - one array with a shape: `{ data, shape: [rows, depth] }`, tensors, ndarrays, matrices;
 * - a Map or an object of vectors by id: results then have the ids as `rowIds` and `colIds`;
 * - an embedding service's answer, `{ data: [{ embedding, index }] }`;
 * - an open file (`openRows`);
 * - one vector by itself, as a query: one row. It is refused where it would be compared with itself alone.
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
 * Every backend, best first: 'native' (Node, with the best instructions that the processor has), 'wasm', 'reference'; and, only by
 * name, 'native' with one set of instructions, 'webgpu' (a GPU: float32, asynchronous calls) and 'webgpu-software' (WebGPU on the processor,
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

/** A backend by name. */
export type BackendName = (typeof BACKEND_NAMES)[number];

/** What a backend is and whether it runs here. */
export interface BackendInfo {
  readonly name: BackendName;
  readonly available: boolean;
  /** What it runs on, or why it does not. */
  readonly description: string;
  /** Chosen only by name. */
  readonly byName: boolean;
}

/** How much of the work is done. */
export interface Progress {
  /** Scores computed so far. */
  readonly done: number;
  /** Scores in the whole result. */
  readonly total: number;
  /** How many zero rows were found so far; missing where there are none. */
  readonly zeroRows?: number;
  /** Where pairs are excluded (`pruning`): the part of the multiply-adds so far that was computed, their own included. */
  readonly computed?: number;
}

/** What is taken out of the rows before they are compared. It is fitted to x and applied to x and y; `fitTransform` says how. */
export interface TransformOptions {
  /** Subtracts the mean row. Default: false, but `removeComponents` and `whiten` imply it. */
  readonly center?: boolean | undefined;
  /** Subtracts the mean row, then projects out this many directions of largest variance (all but the top). Default: none. */
  readonly removeComponents?: number | undefined;
  /** Gives all directions that are left the same variance. Default: false. */
  readonly whiten?: boolean | undefined;
}

/**
 * A transform of rows that `fitTransform` has fitted, for the option `transform` of every call. It is plain data: `JSON.stringify` writes every
 * number in full, and what `JSON.parse` reads is the same transform.
 *
 * A row of zeros stays one, since it stands for no information, and a row that is equal to the mean becomes one. Rows are transformed in float64 and
 * rounded to the call's `dtype` once.
 *
 * @example
 * const transform = await fitTransform(docs, { removeComponents: 2 });
 * const { indices } = await topK(queries, docs, { k: 10, transform });
 */
export interface Transform {
  readonly kind: 'allpairs-transform';
  readonly version: 1;
  /** Elements of a row. */
  readonly depth: number;
  /** The rows that it was fitted to: those that are not zero nor, with `nonFinite: 'zero'`, not finite. */
  readonly fittedRows: number;
  /** How many principal directions are removed. */
  readonly removeComponents: number;
  /** With `whiten` the number of directions that are left: those in which the fitted rows vary. */
  readonly rank?: number;
  readonly mean: readonly number[];
  /** The directions that are removed, orthonormal, one after another. */
  readonly components: readonly number[];
  /**
   * With `whiten`: the elements of a row that are left, and rows 0, 1, 2 ... of the lower triangle L up to their diagonal, where L Lᵀ is
   * the covariance of these elements.
   */
  readonly whitening?: { readonly elements: readonly number[]; readonly factor: readonly number[] };
}
/** What is done with rows whose elements are all 0, which have no direction. */
export type ZeroRows = 'zero' | 'exclude' | 'throw';

/** Options of every call. */
export interface Options<T extends DType = DType> extends TransformOptions {
  /** A transform of `fitTransform` for x and y, in place of `center`, `removeComponents` and `whiten`. */
  readonly transform?: Transform | undefined;
  /** Element type to compute and return. Default: float64 if x or y is a Float64Array, else float32. */
  readonly dtype?: T | undefined;
  /**
   * How many threads may compute. Default: the cores of the machine. No more start than there are tiles, nor than four per core (32 on
   * small machines). The Sync calls always use the calling thread.
   */
  readonly threads?: number | undefined;
  /** The backend to use; an error if it cannot run here. Default: the fastest that can. */
  readonly backend?: BackendName | undefined;
  /** Rows with a NaN or an infinity: 'throw' (default), or 'zero' to treat them as zero vectors. */
  readonly nonFinite?: 'throw' | 'zero' | undefined;
  /**
   * Zero rows, and those that `nonFinite: 'zero'` makes zero rows: 'zero' (default) scores 0 with everything. 'exclude' leaves them out of every pair: no
   * list names them and their own lists are empty; calls whose result has a score for every pair of rows refuse it. 'throw' refuses such rows.
   */
  readonly zeroRows?: ZeroRows | undefined;
  /** The most bytes the call may allocate, result included; an error, before the work starts if possible, if it needs more. */
  readonly memoryBudget?: number | undefined;
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then while long work runs, and once at the end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of `fitTransform`: at least one of `center`, `removeComponents` and `whiten`. */
export interface FitTransformOptions extends Omit<Options, 'dtype' | 'transform' | 'zeroRows' | 'onProgress'> {}

/** Options of `health`: those of every call, but that zero rows and rows with NaN or infinity are counted. */
export interface HealthOptions extends Omit<Options, 'nonFinite' | 'zeroRows'> {}

/** Options of calls that look for the few high scores among many. */
export interface PruningOptions {
  /**
   * 'auto' (default): pairs that provably cannot belong to the answer are excluded without being computed, where a sample of the rows says
   * that this takes less time. 'off': every pair is computed. The answer is the same, bit for bit.
   */
  readonly pruning?: 'auto' | 'off' | undefined;
}

/** An id for each row: an array, or a typed array. */
export type RowIds = readonly RowId[] | NumericArray | BigInt64Array | BigUint64Array;

/** What results call the rows: `rowIds` and `colIds`. */
export interface IdsOptions {
  /** An id for each row of x. Default: the ids that the rows came with, in a Map for example; those are not contradicted. */
  readonly ids?: RowIds | undefined;
  /** The same for y. */
  readonly yIds?: RowIds | undefined;
}

/** The group of each row: whole numbers from 0 or strings, equal ones being one group. -1 and null: the row is in no group. */
export type GroupsOfRows = ArrayLike<number | null> | ArrayLike<bigint> | ArrayLike<string | null>;

/** Options of calls that look for similar pairs: which pairs count, by the groups of their rows. */
export interface GroupingOptions {
  /** The group of each row of x. Needs one of `across` and `within`. A row in no group is across from every row, and within no group. */
  readonly groupOf?: GroupsOfRows | undefined;
  /** Only pairs of rows of different groups count: as if there were no others. */
  readonly across?: boolean | undefined;
  /** Only pairs of rows of the same group count. */
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
   * A buffer to fill instead of a new one: exactly the result's length, not overlapping the input. Its type is the `dtype`. It
   * belongs to the call until that has settled: if it is transferred or resized before, the call rejects with an ArgumentError.
   * Threads write directly to a SharedArrayBuffer; the calling thread fills any other from their tiles.
   */
  readonly out?: A | undefined;
}

/** Options of `topK`. */
export interface TopKOptions<T extends DType = DType> extends Options<T>, PruningOptions, IdsOptions, GroupingOptionsOfBoth {
  /** How many similar rows for each row. */
  readonly k: number;
  /** To save how far the call is, and to go on from there. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Options of `pairs` and `streamPairs`. */
export interface PairsOptions<T extends DType = DType> extends Options<T>, PruningOptions, IdsOptions, GroupingOptionsOfBoth {
  /**
   * The lowest true cosine of a pair, from -1 to 1 (`pairs` says more). Or one for each row of x: a pair of rows of x must reach the higher one of
   * both rows, a pair with a row of y that of the row of x. All pairs at or above the lowest are found first.
   */
  readonly threshold: number | ArrayLike<number>;
  /** Only pairs whose true cosine is below this come: those of a band. Above the threshold, up to 1. Default: no limit. */
  readonly below?: number | undefined;
  /**
   * The first row of x whose pairs are wanted. Default: 0. `rowEnd` of the last batch that was used continues a call of `streamPairs` that
   * was left.
   */
  readonly rowStart?: number | undefined;
}

/** Options of `streamMatrix`. */
export interface MatrixBlockOptions<T extends DType = DType> extends Options<T>, IdsOptions {
  /** Rows and columns of a block. Default: as many as fit the memory there is, up to some thousand. */
  readonly blockRows?: number | undefined;
}

/** Options of `bestPairs`. */
export interface BestPairsOptions<T extends DType = DType>
  extends Options<T>,
    PruningOptions,
    IdsOptions,
    GroupingOptionsOfBoth {
  /** How many pairs. */
  readonly count: number;
  /** Only pairs whose true cosine is below this come: 1 leaves out parallel rows. Default: no limit. */
  readonly below?: number | undefined;
}

/** Options of `pairedSimilarity`. */
export interface PairedSimilarityOptions<T extends DType = DType> extends Options<T>, IdsOptions {}

/** Options of `scorePairs`. */
export interface ScorePairsOptions<T extends DType = DType> extends Options<T>, IdsOptions {
  /** The first row of each pair: a row of x, by its number or its id. */
  readonly rows: ArrayLike<RowId>;
  /** The second row of each pair: a row of y, or of x where there is no y. As many as `rows`. */
  readonly cols: ArrayLike<RowId>;
  /**
   * What the numbers in `rows` and `cols` are. Needed where rows have ids that are numbers; else numbers are row numbers, and texts and bigints
   * are ids.
   */
  readonly by?: 'number' | 'id' | undefined;
}

/** Options of `histogram`. */
export interface HistogramOptions extends Options {
  /** How many bins from -1 to 1. Default: 100. */
  readonly bins?: number | undefined;
  /** To save how far the call is, and to go on from there. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Options of `dedupe`. */
export interface DedupeOptions<T extends DType = DType> extends Options<T>, PruningOptions, GroupingOptions {
  /** The lowest true cosine of near-duplicates, from -1 to 1 (`pairs` says more). */
  readonly threshold: number;
  /** Rows that are kept already, as x: a row of x that is a near-duplicate of one of them is dropped. */
  readonly against?: Rows | null | undefined;
  /** The group of each row of `against`, where `groupOf` has those of x. Pairs that do not count are no near-duplicates. */
  readonly groupOfAgainst?: GroupsOfRows | undefined;
  /**
   * A number for each row of x: of two near-duplicates the row with the higher one is kept, of equal ones the lower row. Default: all equal; with
   * `method: 'components'` the row of each component that represents it, as `groups` finds it.
   */
  readonly priority?: ArrayLike<number> | ArrayLike<bigint> | undefined;
  /** An id for each row of x, as `topK` takes them. */
  readonly ids?: RowIds | undefined;
  /** The same for `against`. */
  readonly againstIds?: RowIds | undefined;
  /**
   * 'greedy' (default): a row is dropped where a kept row is a near-duplicate of it. 'components': rows that a chain of near-duplicates joins
   * leave one row, or none where one of them is a near-duplicate of a row of `against`.
   */
  readonly method?: 'greedy' | 'components' | undefined;
}

/** Options of `groups`. */
export interface GroupsOptions extends Options, PruningOptions, GroupingOptions {
  /** The lowest true cosine of a pair, from -1 to 1 (`pairs` says more). Or one for each row: a pair must reach the higher one of both rows. */
  readonly threshold: number | ArrayLike<number>;
  /**
   * 'components' (default): rows joined by a chain of pairs. 'complete': rows of which every two are a pair; of all pairs of sets that may join,
   * those with the highest lowest score join first. 'community': rows similar to one centre, the largest such sets first, as
   * community_detection of sentence-transformers finds them.
   */
  readonly method?: 'components' | 'complete' | 'community' | undefined;
  /**
   * How many rows to keep: joins the most similar rows first, until each group and each row in none leaves one row and these are at most so
   * many. The groups are those at the highest threshold, of the scores as they are stored, that leaves at most so many; equal scores join
   * together. More are left where `threshold` is too high. Of components only.
   */
  readonly keep?: number | undefined;
  /** Whether to find the lowest score inside each group, which takes the products of all pairs of its members. Default: false. */
  readonly explain?: boolean | undefined;
  /** To save how far the call is, and to go on from there; of components only. */
  readonly checkpoint?: Checkpoint | undefined;
  /** The smallest group. Default: 2, of communities 10. */
  readonly minimumSize?: number | undefined;
  /** An id for each row of x, as `topK` takes them. */
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
