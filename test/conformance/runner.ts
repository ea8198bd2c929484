// The ways to run a case on a platform: every backend, in every mode, also where the public calls would find a case too
// small for threads. Knows nothing of Node, so that a page can run it too.

import type { DType, Options, Rows, ScoreArray } from 'allpairs';
import type { Backend } from '#src/backends/backend.js';
import { BackendSelection } from '#src/backends/select.js';
import { checkDenseCall } from '#src/check.js';
import { runInTurns, runOnThreads, runSync } from '#src/engine/run.js';
import { ThreadPool } from '#src/engine/thread-pool.js';
import type { Platform } from '#src/platform/platform.js';

const MODES_OF_ONE = ['sync', 'turns'] as const;
const MODES_OF_THREADS = ['1 thread', '2 threads', '3 threads'] as const;
export type Mode = (typeof MODES_OF_ONE)[number] | (typeof MODES_OF_THREADS)[number];

/** How far a score may be from float64 arithmetic. */
export const BOUNDS: Record<DType, number> = { float32: 1e-6, float64: 1e-14 };

export class Runner {
  readonly modes: readonly Mode[];
  readonly selection: BackendSelection;
  private readonly pool: ThreadPool;

  constructor(private readonly platform: Platform) {
    this.modes = platform.threadRefusal ? MODES_OF_ONE : [...MODES_OF_ONE, ...MODES_OF_THREADS];
    this.selection = new BackendSelection(platform);
    this.pool = new ThreadPool(platform);
  }

  /** Computes all scores of a case. */
  async run(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: Options): Promise<ScoreArray> {
    const call = checkDenseCall(x, y, options);
    if (mode === 'sync') return runSync(call, backend, this.platform);
    if (mode === 'turns') return runInTurns(call, backend, this.platform);
    return runOnThreads(call, backend, this.platform, this.pool, Number(mode[0]));
  }

  /** The float64 scores of the reference backend. */
  truth(x: Rows, y?: Rows): ScoreArray {
    return runSync(checkDenseCall(x, y, { dtype: 'float64' }), this.selection.choose('reference'), this.platform);
  }
}

/** The largest distance; NaN counts as infinitely far. */
export function largestError(got: ScoreArray, want: ScoreArray): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs((got[i] as number) - (want[i] as number));
    if (!(error <= largest)) largest = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return largest;
}

/** Whether two results are the same, bit for bit. */
export function sameBits(a: ScoreArray, b: ScoreArray): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const bitsOfA = new Int32Array(a.buffer, a.byteOffset, a.byteLength / 4);
  const bitsOfB = new Int32Array(b.buffer, b.byteOffset, b.byteLength / 4);
  for (let i = 0; i < bitsOfA.length; i++) if (bitsOfA[i] !== bitsOfB[i]) return false;
  return true;
}
