// The public calls, on a platform: check, choose a backend, run. The entries (index.ts, browser.ts) bind them to theirs.

import type { Backend } from './backends/backend.js';
import { type BackendInfo, BackendSelection } from './backends/select.js';
import { type CheckedCall, checkDenseCall } from './check.js';
import { isSmall, runInTurns, runOnThreads, runSync } from './engine/run.js';
import { ThreadPool } from './engine/thread-pool.js';
import { ArgumentError } from './errors.js';
import { Matrix } from './matrix/dense-matrix.js';
import type { DType, ScoreArray } from './matrix/dtype.js';
import type { Platform } from './platform/platform.js';
import { BACKEND_NAMES, type BackendName, type Options, type Rows } from './types.js';

/** The array type of a result: by `dtype` where it is known. */
export type ScoresOf<T extends DType> = [T] extends ['float32']
  ? Float32Array
  : [T] extends ['float64']
    ? Float64Array
    : ScoreArray;

export interface CosineSimilarity {
  /**
   * Cosine similarity of every row of x with every row of x, or of y.
   *
   * s(i, j) = x_i · y_j / (|x_i| |y_j|), as float64 arithmetic would give it, to within 1e-6 in float32 and 1e-14 in float64.
   * Every score lies in [-1, 1]. A zero row has similarity 0 with everything, itself included; every other row has exactly
   * 1 with itself and with its equals, exactly -1 with its opposites. x against itself is symmetric bit for bit. The same
   * input gives the same bits for any number of threads. Inputs are not changed; `out` may not overlap them.
   *
   * @param x N rows of the same length D: `Float32Array[]`, `number[][]`, or `{ data, shape: [N, D] }`. Other typed arrays,
   *   `dims` for `shape`, and `stride` and `offset` work too. `number[][]` gives float32 unless `dtype` says otherwise.
   * @param y M rows of the same length; x itself if left out (half the work). Options may stand in its place.
   * @returns an (N, M) matrix. Its data lies in a SharedArrayBuffer where several threads filled it.
   * @throws {ArgumentError} rows of different lengths, NaN or infinity (unless `nonFinite: 'zero'`), bad options
   * @throws {MemoryError} before the work starts, where the result or `memoryBudget` cannot hold it
   * @throws {UnsupportedError} where `backend` cannot run here
   * @see Bayardo, Ma, Srikant: Scaling Up All Pairs Similarity Search, WWW 2007
   */
  <T extends DType = DType>(x: Rows, y?: Rows | null, options?: Options<T>): Promise<Matrix<ScoresOf<T>>>;
  <T extends DType = DType>(x: Rows, options?: Options<T>): Promise<Matrix<ScoresOf<T>>>;
}

export interface CosineSimilaritySync {
  /**
   * `cosineSimilarity` at once on the calling thread: for small inputs and scripts. The same bits, but the event loop waits.
   */
  <T extends DType = DType>(x: Rows, y?: Rows | null, options?: Options<T>): Matrix<ScoresOf<T>>;
  <T extends DType = DType>(x: Rows, options?: Options<T>): Matrix<ScoresOf<T>>;
}

/** Where allpairs runs. */
export interface RuntimeInfo {
  readonly runtime: string;
  readonly architecture: string;
  readonly cores: number;
  /** Why calls use one thread only, or undefined where they use several. */
  readonly threadRefusal: string | undefined;
  /** The backend of calls that name none. */
  readonly backend: BackendName;
  readonly backends: readonly BackendInfo[];
}

/** The calls on one platform. */
export interface Api {
  readonly cosineSimilarity: CosineSimilarity;
  readonly cosineSimilaritySync: CosineSimilaritySync;
  /** The runtime, its cores, and every backend with the reason where it cannot run. */
  readonly runtimeInfo: () => RuntimeInfo;
}

/** Forces a backend for calls that name none. */
const BACKEND_VARIABLE = 'ALLPAIRS_BACKEND';

export function createApi(platform: Platform): Api {
  const backends = new BackendSelection(platform);
  const pool = new ThreadPool(platform);

  let automatic: Backend | undefined;
  /** The backend of calls that name none, chosen once. */
  const automaticBackend = (): Backend => {
    automatic ??= backends.choose(backendFromEnvironment(platform));
    return automatic;
  };
  const backendOf = (call: CheckedCall) => (call.backend ? backends.choose(call.backend) : automaticBackend());

  const asMatrix = <T extends DType>(data: ScoreArray, { x, y }: CheckedCall) =>
    new Matrix(data as ScoresOf<T>, [x.rows, (y ?? x).rows]);

  async function cosineSimilarity<T extends DType>(x: Rows, y?: unknown, options?: unknown): Promise<Matrix<ScoresOf<T>>> {
    const call = checkDenseCall(x, y, options);
    const backend = backendOf(call);
    const threads = call.threads ?? platform.cores();
    if (isSmall(call, backend)) return asMatrix(runSync(call, backend, platform), call);
    const data = await (platform.threadRefusal
      ? runInTurns(call, backend, platform)
      : runOnThreads(call, backend, platform, pool, threads));
    return asMatrix(data, call);
  }

  function cosineSimilaritySync<T extends DType>(x: Rows, y?: unknown, options?: unknown): Matrix<ScoresOf<T>> {
    const call = checkDenseCall(x, y, options);
    return asMatrix(runSync(call, backendOf(call), platform), call);
  }

  function runtimeInfo(): RuntimeInfo {
    return {
      runtime: platform.runtime,
      architecture: platform.architecture,
      cores: platform.cores(),
      threadRefusal: platform.threadRefusal,
      backend: automaticBackend().name as BackendName,
      backends: BACKEND_NAMES.map((name) => backends.describe(name)),
    };
  }

  return { cosineSimilarity, cosineSimilaritySync, runtimeInfo };
}

function backendFromEnvironment(platform: Platform): BackendName | undefined {
  const name = platform.environment(BACKEND_VARIABLE);
  if (!name) return undefined;
  if ((BACKEND_NAMES as readonly string[]).includes(name)) return name as BackendName;
  throw new ArgumentError(BACKEND_VARIABLE, `expected ${BACKEND_NAMES.join(' or ')} in ${BACKEND_VARIABLE}, got ${name}`);
}
