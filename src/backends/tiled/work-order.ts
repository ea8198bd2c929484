// What the calling thread and the threads of a run exchange.

import type { Delivery, Order, TileGrid } from '../work.js';

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
