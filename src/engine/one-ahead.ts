// Parts of an answer, one after another: while one is used the next is computed, and no further.

import type { Run } from './run.js';

/**
 * What `compute` resolves to, until that is undefined. Nothing is computed before the first is asked for. Releases the run at the
 * end, also where the consumer leaves early or the run's signal aborts: then what is being computed is stopped first.
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
      // Whoever waits for it learns of its failure; nobody may be waiting yet.
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
