// What happens to finished tiles. An epilogue works on one thread. What it cannot write to its final place, it hands to the collector
// on the caller's thread.

import type { Delivery, Pass, Tile } from '../backends/work.js';

export interface Epilogue {
  /** Computes a tile of a pass and processes it. */
  take(pass: Pass, tile: Tile): Delivery | undefined;
  /** Called after the thread's last tile. */
  finish?(): Delivery | undefined;
}

/** Receives the results of a call on the caller's thread. */
export interface Collector<Order> {
  /** What a thread needs to create its epilogue; structured-cloneable. */
  readonly order: Order;
  /** Receives what the epilogue of `order` delivers. */
  receive(delivery: Delivery): void;
}
