// Hands the tiles of a grid to threads and waits for them. Tiles come from an atomic counter, so that a slow thread takes
// fewer; each score is computed once by one thread, so that the result does not depend on who took what.

import type { GridJob, TileJob } from '../backends/backend.js';
import type { Thread } from '../platform/platform.js';
import { type ThreadPool, threadEnded } from './thread-pool.js';
import { type ThreadedRun, watch } from './watch.js';
import { DONE, NEXT, STOP, TAKEN, type WorkerReply, type WorkOrder } from './worker.js';

/** A run on threads of the pool. */
export interface PoolRun extends ThreadedRun {
  readonly backend: string;
  readonly job: TileJob;
}

/**
 * Computes every tile of `run.grid`. Resolves to false, and has computed nothing, if no thread could be started. Rejects with the
 * signal's reason, or a ThreadError, once no thread works any more.
 */
export async function computeOnThreads(pool: ThreadPool, run: PoolRun): Promise<boolean> {
  const threads = await pool.lease(run.threads, run.signal);
  if (threads.length === 0) return false;
  const control = new Int32Array(new SharedArrayBuffer(4 * (TAKEN + threads.length)));
  const stop = () => {
    Atomics.store(control, STOP, 1);
    for (let thread = 0; thread < threads.length; thread++) wake(control, TAKEN + thread);
  };
  const isStopped = () => Atomics.load(control, STOP) !== 0;
  if (run.signal?.aborted) stop();
  let started = true;
  await watch(run, { stop, tilesDone: () => Atomics.load(control, DONE) }, async (receive) => {
    const orders = threads.map((_, index) => order(run, control, index));
    const ends = await Promise.all(threads.map((thread, index) => follow(thread, orders[index] as WorkOrder, receive, stop)));
    const left = threads.filter((_, index) => !ends[index]?.ended);
    pool.giveBack(left, threads.length - left.length);
    const failed = ends.find((end) => end.failed);
    if (failed) throw failed.error;
    started = left.length > 0;
    // A thread that has not started took no tile. If that were wrong, a tile would be missing, or computed twice.
    const lost = started ? !isStopped() && Atomics.load(control, DONE) < run.grid.count : Atomics.load(control, NEXT) > 0;
    if (lost) throw threadEnded(ends.find(({ ended }) => ended)?.error);
    if (!started) pool.refuse(ends[0]?.error);
  });
  return started;
}

/** The same on the job's own threads. */
export async function computeOnOwnThreads(job: GridJob, run: ThreadedRun): Promise<void> {
  run.signal?.throwIfAborted();
  const work = job.openGrid(run.grid, run.collector.order);
  const stop = () => work.stop();
  await watch(run, { stop, tilesDone: () => work.tilesDone() }, async (receive) => {
    await work.start(run.threads, receive);
    const last = work.finish();
    if (last !== undefined) receive(last.content);
  });
}

function order({ backend, job, grid, collector }: PoolRun, control: Int32Array, thread: number): WorkOrder {
  return { backend, job: job.share(thread), grid, thread, control, epilogue: collector.order };
}

/** Sets a cell that a thread may be waiting for. */
function wake(control: Int32Array, cell: number): void {
  Atomics.store(control, cell, 1);
  Atomics.notify(control, cell);
}

interface End {
  /** The thread took part and did not finish. */
  readonly failed: boolean;
  /** The thread is gone. */
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
    thread.listen(onMessage, (reason, started) => {
      if (started) fail({ failed: true, ended: true, error: threadEnded(reason) });
      else resolve({ failed: false, ended: true, error: reason });
    });
    thread.hold();
    thread.post(order);
  });
}
