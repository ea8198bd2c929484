// Hands the tiles of a grid to threads and waits for them. Tiles come from an atomic counter, so that a slow thread takes
// fewer; each score is computed once by one thread, so that the result does not depend on who took what.

import type { Job } from '../backends/backend.js';
import { writeTile } from '../epilogues/dense.js';
import type { ScoreArray } from '../matrix/dtype.js';
import type { Thread } from '../platform/platform.js';
import { type ThreadPool, threadEnded } from './thread-pool.js';
import { type TileGrid, tileAt } from './tile-plan.js';
import { DONE, STOP, TAKEN, type WorkerReply, type WorkOrder } from './worker.js';

const PROGRESS_INTERVAL_MS = 100;

export interface ThreadedRun {
  readonly backend: string;
  readonly job: Job;
  readonly grid: TileGrid;
  readonly result: ScoreArray;
  readonly cols: number;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of finished tiles. */
  readonly onTiles: ((done: number) => void) | undefined;
}

/** Computes every tile of `run.grid`. Rejects with the signal's reason, or a ThreadError, once no thread works any more. */
export async function computeOnThreads(pool: ThreadPool, run: ThreadedRun): Promise<void> {
  const threads = await pool.lease(run.threads);
  const control = new Int32Array(new SharedArrayBuffer(4 * (TAKEN + threads.length)));
  const stop = () => Atomics.store(control, STOP, 1);
  run.signal?.addEventListener('abort', stop);
  const { onTiles } = run;
  let progressError: { readonly error: unknown } | undefined;
  const showProgress = () => {
    try {
      onTiles?.(Atomics.load(control, DONE));
    } catch (error) {
      progressError ??= { error };
      stop();
    }
  };
  const timer = onTiles && setInterval(showProgress, PROGRESS_INTERVAL_MS);
  try {
    if (run.signal?.aborted) stop();
    const ends = await Promise.all(threads.map((thread, index) => follow(thread, order(run, control, index), run, stop)));
    const left = threads.filter((_, index) => !ends[index]?.ended);
    pool.giveBack(left, threads.length - left.length);
    const failure = ends.find((end) => end.failed) ?? progressError;
    run.signal?.throwIfAborted();
    if (failure) throw failure.error;
  } finally {
    if (timer !== undefined) clearInterval(timer);
    run.signal?.removeEventListener('abort', stop);
  }
}

function order(run: ThreadedRun, control: Int32Array, thread: number): WorkOrder {
  const { backend, job, grid, result, cols } = run;
  const shared = result.buffer instanceof SharedArrayBuffer;
  return { backend, job: job.share(thread), grid, thread, control, result: shared ? result : undefined, cols };
}

interface End {
  readonly failed: boolean;
  /** The thread itself is gone. */
  readonly ended: boolean;
  readonly error?: unknown;
}

/** Sends one thread its order and resolves when it will touch the job no more. */
function follow(thread: Thread, order: WorkOrder, run: ThreadedRun, stop: () => void): Promise<End> {
  return new Promise((resolve) => {
    const fail = (end: End) => {
      stop();
      resolve(end);
    };
    const onMessage = (message: unknown) => {
      const reply = message as WorkerReply;
      if (reply.kind === 'done') resolve({ failed: false, ended: false });
      else if (reply.kind === 'failed') fail({ failed: true, ended: false, error: reply.error });
      else {
        const { grid, result, cols } = run;
        writeTile(result, cols, grid.pass, tileAt(grid, reply.index), reply);
        Atomics.store(order.control, TAKEN + order.thread, 1);
        Atomics.notify(order.control, TAKEN + order.thread);
      }
    };
    thread.listen(onMessage, (reason) => fail({ failed: true, ended: true, error: threadEnded(reason) }));
    thread.hold();
    thread.post(order);
  });
}
