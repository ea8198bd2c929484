// What a computing thread does: take the next tile number, compute, deliver, until none is left. The two entries beside
// this file connect it to Node's and the browser's ports.

import { attachTiles } from '../backends/select.js';
import { writeTile } from '../epilogues/dense.js';
import type { ScoreArray } from '../matrix/dtype.js';
import { type TileGrid, tileAt } from './tile-plan.js';

/** Cells of the control array, shared by all threads of a run; from TAKEN on, one cell a thread. */
export const NEXT = 0;
export const DONE = 1;
export const STOP = 2;
export const TAKEN = 3;

/** One thread's part of a run. */
export interface WorkOrder {
  readonly backend: string;
  /** From the job's `share`. */
  readonly job: unknown;
  readonly grid: TileGrid;
  readonly thread: number;
  readonly control: Int32Array;
  /** The result over shared memory, or undefined where the owner copies each tile from a `DeliveredTile`. */
  readonly result: ScoreArray | undefined;
  readonly cols: number;
}

/** A tile for the owner to copy; the thread waits until its TAKEN cell is set. */
export interface DeliveredTile {
  readonly kind: 'tile';
  readonly index: number;
  readonly scores: ScoreArray;
  readonly direct: number;
  readonly mirrored: number;
}

export type WorkerReply = DeliveredTile | { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: unknown };

/** Carries out one order and says how it went. */
export function serve(order: WorkOrder, reply: (message: WorkerReply) => void): void {
  try {
    computeTiles(order, reply);
    reply({ kind: 'done' });
  } catch (error) {
    reply({ kind: 'failed', error });
  }
}

function computeTiles(order: WorkOrder, reply: (message: WorkerReply) => void): void {
  const { control, grid, result } = order;
  const computer = attachTiles(order.backend, order.job);
  while (Atomics.load(control, STOP) === 0) {
    const index = Atomics.add(control, NEXT, 1);
    if (index >= grid.count) return;
    const tile = tileAt(grid, index);
    const finished = computer.computeTile(tile);
    if (result) {
      writeTile(result, order.cols, grid.pass, tile, finished);
    } else {
      const cell = TAKEN + order.thread;
      Atomics.store(control, cell, 0);
      reply({ kind: 'tile', index, ...finished });
      Atomics.wait(control, cell, 0);
    }
    Atomics.add(control, DONE, 1);
  }
}
