// Distributes the tiles of a grid to threads and waits for them. Tiles come from an atomic counter, so a slow thread takes fewer. Each
// score is computed once by one thread, so the result does not depend on which thread took which tile.

import type { createEpilogue } from '../../epilogues/create.js';
import { DenseEpilogue } from '../../epilogues/dense.js';
import type { Epilogue } from '../../epilogues/epilogue.js';
import type { Thread } from '../../platform/platform.js';
import type { GridWork, MultiplyAdds } from '../backend.js';
import { tileAt } from '../grid.js';
import type { Delivery, Order, TileGrid } from '../work.js';
import { type ThreadPool, threadEnded } from './thread-pool.js';
import type { TileJob } from './tile-backend.js';
import { DONE, NEXT, STOP, TAKEN, type WorkerReply, type WorkOrder } from './work-order.js';

/** The tiles of a grid and what to do with them. */
export interface GridTask {
  readonly grid: TileGrid;
  readonly order: Order;
  readonly job: TileJob;
  /** The name of the job's backend. */
  readonly backend: string;
  /** Undefined if only a matrix has been computed so far. */
  readonly createEpilogue: typeof createEpilogue | undefined;
}

export class TiledGrid implements GridWork {
  /** The epilogue of the calling thread, if it computes. */
  #epilogue: Epilogue | undefined;
  #threaded: ThreadedGrid | undefined;
  /** Multiply-adds of earlier grids of the job. */
  readonly #before: MultiplyAdds | undefined;

  constructor(
    private readonly task: GridTask,
    private readonly pool: ThreadPool,
  ) {
    this.#before = task.job.multiplyAdds?.();
  }

  take(index: number): Delivery | undefined {
    const { grid } = this.task;
    this.#epilogue ??= this.#newEpilogue();
    return this.#epilogue.take(grid.pass, tileAt(grid, index));
  }

  #newEpilogue(): Epilogue {
    const { order, job, createEpilogue } = this.task;
    if (order.kind === 'dense') return new DenseEpilogue(order, job.matrix);
    if (!createEpilogue) throw new Error('the call did not wait until its backend was ready');
    return createEpilogue(order, job, () => false);
  }

  finish(): Delivery | undefined {
    return this.#epilogue?.finish?.();
  }

  start(threads: number, receive: (delivery: Delivery) => void): Promise<boolean> {
    this.#threaded = new ThreadedGrid(this.task, this.pool);
    return this.#threaded.compute(threads, receive);
  }

  tilesDone(): number {
    return this.#threaded?.tilesDone() ?? 0;
  }

  multiplyAdds(): MultiplyAdds | undefined {
    const now = this.task.job.multiplyAdds?.();
    return now && this.#before && [now[0] - this.#before[0], now[1] - this.#before[1]];
  }

  stop(): void {
    this.#threaded?.stop();
  }
}

/** A grid that several threads compute. */
class ThreadedGrid {
  /** Ends the wait for threads. */
  readonly #waiting = new AbortController();
  #control: Int32Array | undefined;

  constructor(
    private readonly task: GridTask,
    private readonly pool: ThreadPool,
  ) {}

  /**
   * Resolves to false, without having computed anything, if no thread could be started. Rejects with a ThreadError, or with what a thread
   * threw, once no thread is working any more.
   */
  async compute(count: number, receive: (delivery: Delivery) => void): Promise<boolean> {
    const threads = await this.#leaseThreads(count);
    if (threads.length === 0) return this.#isStopped;
    const control = new Int32Array(new SharedArrayBuffer(4 * (TAKEN + threads.length)));
    this.#control = control;
    if (this.#isStopped) this.stop();
    const { backend, job, grid, order } = this.task;
    const orders = threads.map((_, thread): WorkOrder => {
      return { backend, job: job.share(thread), grid, thread, control, epilogue: order };
    });
    const ends = await Promise.all(
      threads.map((thread, index) => follow(thread, orders[index] as WorkOrder, receive, () => this.stop())),
    );
    const left = threads.filter((_, index) => !ends[index]?.ended);
    this.pool.giveBack(left, threads.length - left.length);
    const failed = ends.find((end) => end.failed);
    if (failed) throw failed.error;
    const started = left.length > 0;
    // A thread that did not start must not have taken a tile, or a tile would be missing or computed twice.
    const lost = started ? !this.#isStopped && this.tilesDone() < grid.count : Atomics.load(control, NEXT) > 0;
    if (lost) throw threadEnded(ends.find(({ ended }) => ended)?.error);
    if (!started) this.pool.refuse(ends[0]?.error);
    return started;
  }

  tilesDone(): number {
    return this.#control ? Atomics.load(this.#control, DONE) : 0;
  }

  stop(): void {
    this.#waiting.abort();
    const control = this.#control;
    if (!control) return;
    Atomics.store(control, STOP, 1);
    for (let cell = TAKEN; cell < control.length; cell++) wake(control, cell);
  }

  get #isStopped(): boolean {
    return this.#waiting.signal.aborted;
  }

  /** Leases threads; returns none if none can be started or the work was stopped meanwhile. */
  async #leaseThreads(count: number): Promise<Thread[]> {
    try {
      return await this.pool.lease(count, this.#waiting.signal);
    } catch (error) {
      if (this.#isStopped) return [];
      throw error;
    }
  }
}

/** Sets a cell that a thread may be waiting for. */
function wake(control: Int32Array, cell: number): void {
  Atomics.store(control, cell, 1);
  Atomics.notify(control, cell);
}

interface End {
  /** The thread took part and did not finish. */
  readonly failed: boolean;
  /** The thread has ended. */
  readonly ended: boolean;
  readonly error?: unknown;
}

/** Sends an order to a thread and resolves when it will not access the job any more. */
function follow(thread: Thread, order: WorkOrder, receive: (delivery: Delivery) => void, stop: () => void): Promise<End> {
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
        receive(reply.delivery);
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
