// Computes the parts of an answer one after another: while one part is used, the next one is computed, and no more.

import type { Run } from './run.js';

/**
 * Yields what `compute` resolves to, until that is undefined. Starts computing only when the first part is requested. Releases the run
 * at the end, even if the consumer leaves early or the signal aborts; the current computation is stopped first.
 */
export async function* oneAhead<T>(
  run: Run,
  compute: (signal: AbortSignal) => Promise<T | undefined>,
): AsyncGenerator<T, void, undefined> {
  const { signal } = run.problem;
  const stopper = new AbortController();
  const stop = () => stopper.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  let next: Promise<T | undefined> | undefined;
  try {
    signal?.throwIfAborted();
    next = compute(stopper.signal);
    for (let part = await next; part; part = await next) {
      next = compute(stopper.signal);
      // The consumer will receive the rejection; this prevents an unhandled one until then.
      next.catch(() => {});
      yield part;
    }
    run.progress.finish();
  } finally {
    stopper.abort();
    await next?.catch(() => {});
    signal?.removeEventListener('abort', stop);
    run.release();
  }
}
