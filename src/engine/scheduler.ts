// Hands the tiles of a grid to threads and waits for them. Tiles come from an atomic counter, so that a slow thread takes
// fewer; each score is computed once by one thread, so that the result does not depend on who took what.

import type { Job } from '../backends/backend.js';
import type { EpilogueOrder } from '../epilogues/create.js';
import type { Collector } from '../epilogues/epilogue.js';
import type { Thread } from '../platform/platform.js';
import { type ThreadPool, threadEnded } from './thread-pool.js';
import type { TileGrid } from './tile-plan.js';
import { DONE, STOP, TAKEN, type WorkerReply, type WorkOrder } from './worker.js';

const PROGRESS_INTERVAL_MS = 100;

export interface ThreadedRun {
  readonly backend: string;
  readonly job: Job;
  readonly grid: TileGrid;
  readonly collector: Collector<EpilogueOrder>;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of finished tiles. */
  readonly onTiles: ((done: number) => void) | undefined;
}

/** Computes every tile of `run.grid`. Rejects with the signal's reason, or a ThreadError, once no thread works any more. */
export async function computeOnThreads(pool: ThreadPool, run: ThreadedRun): Promise<void> {
  const { signal, onTiles } = run;
  const threads = await pool.lease(run.threads, signal);
  const control = new Int32Array(new SharedArrayBuffer(4 * (TAKEN + threads.length)));
  const stop = () => {
    Atomics.store(control, STOP, 1);
    for (let thread = 0; thread < threads.length; thread++) wake(control, TAKEN + thread);
  };
  signal?.addEventListener('abort', stop);
  let ownError: { readonly error: unknown } | undefined;
  /** What the caller's own code throws ends the run. */
  const guard = (call: () => void) => {
    try {
      if (!ownError) call();
    } catch (error) {
      ownError = { error };
      stop();
    }
  };
  const timer = onTiles && setInterval(() => guard(() => onTiles(Atomics.load(control, DONE))), PROGRESS_INTERVAL_MS);
  try {
    if (signal?.aborted) stop();
    const receive = (delivery: unknown) => guard(() => run.collector.receive(delivery));
    const orders = threads.map((_, index) => order(run, control, index));
    const ends = await Promise.all(threads.map((thread, index) => follow(thread, orders[index] as WorkOrder, receive, stop)));
    const left = threads.filter((_, index) => !ends[index]?.ended);
    pool.giveBack(left, threads.length - left.length);
    signal?.throwIfAborted();
    const failure = ownError ?? ends.find((end) => end.failed);
    if (failure) throw failure.error;
  } finally {
    if (timer !== undefined) clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function order({ backend, job, grid, collector }: ThreadedRun, control: Int32Array, thread: number): WorkOrder {
  return { backend, job: job.share(thread), grid, thread, control, epilogue: collector.order };
}

/** Sets a cell that a thread may be waiting for. */
function wake(control: Int32Array, cell: number): void {
  Atomics.store(control, cell, 1);
  Atomics.notify(control, cell);
}

interface End {
  readonly failed: boolean;
  /** The thread itself is gone. */
  readonly ended: boolean;
  readonly error?: unknown;
}

/** Sends one thread its order and resolves when it will touch the job no more. */
function follow(thread: Thread, order: WorkOrder, receive: (delivery: unknown) => void, stop: () => void): Promise<End> {
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
        receive(reply.content);
        wake(order.control, TAKEN + order.thread);
      }
    };
    thread.listen(onMessage, (reason) => fail({ failed: true, ended: true, error: threadEnded(reason) }));
    thread.hold();
    thread.post(order);
  });
}
