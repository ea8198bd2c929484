// What is done with finished tiles. An epilogue works on one thread; what it cannot put where it belongs itself it hands to
// the collector on the caller's thread.

import type { Delivery, Pass, Tile } from '../backends/work.js';

export interface Epilogue {
  /** Computes a tile of a pass and does its part with it. */
  take(pass: Pass, tile: Tile): Delivery | undefined;
  /** After the thread's last tile. */
  finish?(): Delivery | undefined;
}

/** Where the tiles of a call end up, on the caller's thread. */
export interface Collector<Order> {
  /** What a thread must know to make its epilogue: structured-cloneable. */
  readonly order: Order;
  /** Takes what the epilogue of `order` delivers. */
  receive(delivery: Delivery): void;
}
