// Work that is done on other threads, watched from the caller's: deliveries, progress, and reasons to end it.

import type { Delivery, Order } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';

const PROGRESS_INTERVAL_MS = 100;

/** What the caller wants to know of work on threads, and when it is to end. */
export interface Watched {
  readonly collector: Collector<Order>;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of finished tiles. */
  readonly onTiles: ((done: number) => void) | undefined;
}

/**
 * Resolves when `work` does. The signal, and whatever the caller's own code throws (the collector, onTiles), make `stop` be
 * called; once `work` has settled, this rejects with that, or with what `work` rejected with.
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
