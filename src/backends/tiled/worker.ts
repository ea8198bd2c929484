// The loop of a computing thread: take the next tile number, compute, deliver, until no tile is left. The two entries in this folder
// connect it to the ports of Node and of browsers.

import { createEpilogue } from '../../epilogues/create.js';
import { tileAt } from '../grid.js';
import { buffersOf, type Delivery, type Order, type TileGrid } from '../work.js';
import { attachTiles } from './attach.js';

/** Cells of the control array, which all threads of a run share; from TAKEN, there is one cell per thread. */
export const NEXT = 0;
export const DONE = 1;
export const STOP = 2;
export const TAKEN = 3;

/** One thread's part of a run. */
export interface WorkOrder {
  readonly backend: string;
  /** The value of the job's `share`. */
  readonly job: unknown;
  readonly grid: TileGrid;
  readonly thread: number;
  readonly control: Int32Array;
  readonly epilogue: Order;
}

export type WorkerReply =
  /** A delivery for the owner, who sets the thread's TAKEN cell on receipt. At most one is in transit. */
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown };

export type Reply = (message: WorkerReply, transfer: readonly ArrayBufferLike[]) => void;

/** Carries out an order and reports the outcome. */
export function serve(order: WorkOrder, reply: Reply): void {
  try {
    computeTiles(order, reply);
    reply({ kind: 'done' }, []);
  } catch (error) {
    reply({ kind: 'failed', error }, []);
  }
}

function computeTiles(order: WorkOrder, reply: Reply): void {
  const { control, grid } = order;
  const cell = TAKEN + order.thread;
  const isStopped = () => Atomics.load(control, STOP) !== 0;
  let underWay = false;
  const deliver = (delivery: Delivery | undefined) => {
    if (delivery === undefined) return;
    if (underWay) Atomics.wait(control, cell, 0);
    Atomics.store(control, cell, 0);
    // A stop that came before the line above would not wake the next wait.
    if (isStopped()) return;
    reply({ kind: 'delivery', delivery }, buffersOf(delivery));
    underWay = true;
  };
  const epilogue = createEpilogue(order.epilogue, attachTiles(order.backend, order.job), isStopped);
  while (!isStopped()) {
    const index = Atomics.add(control, NEXT, 1);
    if (index >= grid.count) {
      deliver(epilogue.finish?.());
      return;
    }
    deliver(epilogue.take(grid.pass, tileAt(grid, index)));
    Atomics.add(control, DONE, 1);
  }
}
