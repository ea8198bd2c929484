// The ways to run a case: every backend of this machine, in every mode, also where the public calls would find a case too
// small for threads.

import { BACKEND_NAMES, type BackendName, type DType, type Options, type Rows, type ScoreArray } from 'allpairs';
import type { Backend } from '#src/backends/backend.js';
import { BackendSelection } from '#src/backends/select.js';
import { checkDenseCall } from '#src/check.js';
import { runInTurns, runOnThreads, runSync } from '#src/engine/run.js';
import { ThreadPool } from '#src/engine/thread-pool.js';
import { nodePlatform } from '#src/platform/node.js';

export const MODES = ['sync', 'turns', '1 thread', '2 threads', '3 threads'] as const;
export type Mode = (typeof MODES)[number];

const pool = new ThreadPool(nodePlatform);

/** Computes all scores of a case. */
export async function run(backend: Backend, mode: Mode, x: Rows, y: Rows | undefined, options: Options): Promise<ScoreArray> {
  const call = checkDenseCall(x, y, options);
  if (mode === 'sync') return runSync(call, backend, nodePlatform);
  if (mode === 'turns') return runInTurns(call, backend, nodePlatform);
  return runOnThreads(call, backend, nodePlatform, pool, Number(mode[0]));
}

const selection = new BackendSelection(nodePlatform);

/** The backend, or why it cannot run here; REQUIRE_BACKENDS (a list of names) makes that an error. */
export function backendOrReason(name: BackendName): { backend?: Backend; reason?: string } {
  const { backend, refusal } = selection.status(name);
  if (backend) return { backend };
  if (process.env.REQUIRE_BACKENDS?.split(',').includes(name)) throw new Error(`${name} is required: ${refusal}`);
  return { reason: refusal ?? 'unknown' };
}

export const BACKENDS = BACKEND_NAMES.map((name) => ({ name, ...backendOrReason(name) }));

/** How far a score may be from float64 arithmetic. */
export const BOUNDS: Record<DType, number> = { float32: 1e-6, float64: 1e-14 };

/** The float64 scores of the reference backend. */
export function truth(x: Rows, y?: Rows): ScoreArray {
  return runSync(checkDenseCall(x, y, { dtype: 'float64' }), selection.choose('reference'), nodePlatform);
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
