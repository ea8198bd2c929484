// Retries requests, because temporary failures are common when many machines use one server. The SDK's own retries end when the
// response headers arrive, and they share one budget, which persistent failures exhaust.

import { setTimeout as wait } from 'node:timers/promises';
import { AllpairsError } from '../../errors.js';
import { explain, isPassing, NoAnswer } from './bucket-error.js';

export interface Patience {
  /** Maximum number of attempts per request. */
  readonly attempts: number;
  /** Longest time without data. */
  readonly silenceMs: number;
}

export interface Attempt {
  /** Aborted on a timeout, or when the caller aborts. */
  readonly signal: AbortSignal;
  /** Restarts the timeout because data has arrived. */
  alive(): void;
}

export interface AttemptOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes to send, which extend the timeout. */
  readonly bytes?: number;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 20_000;

/** Slowest upload that does not time out. */
const BYTES_PER_MS = 256;

/**
 * Returns what `run` resolves to. Throws a BucketError about `place` if all attempts fail, and the reason of `signal` if it is aborted.
 */
export async function untilAnswered<T>(
  run: (attempt: Attempt) => Promise<T>,
  place: string,
  { attempts, silenceMs }: Patience,
  { signal, bytes = 0 }: AttemptOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new NoAnswer()), silenceMs + bytes / BYTES_PER_MS);
    try {
      const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
      return await run({ signal: either, alive: () => timer.refresh() });
    } catch (error) {
      signal?.throwIfAborted();
      const cause: unknown = silence.signal.aborted ? silence.signal.reason : error;
      if (cause instanceof AllpairsError) throw cause;
      if (attempt >= attempts || !isPassing(cause)) throw explain(cause, place, attempt);
    } finally {
      clearTimeout(timer);
    }
    // A random wait, so that machines that failed together do not retry together.
    const limit = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    await wait(Math.random() * limit, undefined, { signal }).catch(() => {});
  }
}
