// Watches work on other threads from the caller's thread: deliveries, progress, and reasons to stop.

import type { Delivery, Order } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';

const PROGRESS_INTERVAL_MS = 100;

/** What the caller wants to receive from threads, and when they must stop. */
export interface Watched {
  readonly collector: Collector<Order>;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of finished tiles. */
  readonly onTiles: ((done: number) => void) | undefined;
}

/**
 * Resolves when `work` does. If the signal aborts, or the caller's code (collector, onTiles) throws, calls `stop` and, once `work` has
 * settled, rejects with that reason. Otherwise rejects if `work` does.
 */
export async function watch(
  { collector, signal, onTiles }: Watched,
  { stop, tilesDone }: { readonly stop: () => void; readonly tilesDone: () => number },
  work: (receive: (delivery: Delivery) => void) => Promise<void>,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const attempt = (call: () => void) => {
    try {
      if (!failure) call();
    } catch (error) {
      failure = { error };
      stop();
    }
  };
  signal?.addEventListener('abort', stop);
  const timer = onTiles && setInterval(() => attempt(() => onTiles(tilesDone())), PROGRESS_INTERVAL_MS);
  try {
    await work((delivery) => attempt(() => collector.receive(delivery)));
  } catch (error) {
    failure ??= { error };
  } finally {
    if (timer !== undefined) clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
  if (failure) throw failure.error;
}
