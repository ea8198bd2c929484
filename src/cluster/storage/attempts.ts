// Requests that are tried again: what fails in passing is common where many machines ask one server. The SDK's own attempts end with
// the head of an answer, and share one budget that steady faults use up.

import { setTimeout as wait } from 'node:timers/promises';
import { AllpairsError } from '../../errors.js';
import { explain, isPassing, NoAnswer } from './bucket-error.js';

export interface Patience {
  /** How often a request is tried. */
  readonly attempts: number;
  /** How long nothing may come. */
  readonly silenceMs: number;
}

export interface Attempt {
  /** Aborted when nothing came for too long, or the caller wants no more. */
  readonly signal: AbortSignal;
  /** Something came: the time begins anew. */
  alive(): void;
}

export interface AttemptOptions {
  readonly signal?: AbortSignal | undefined;
  /** To be sent, for which time is added. */
  readonly bytes?: number;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 20_000;

/** The slowest upload that is not given up. */
const BYTES_PER_MS = 256;

/** What `run` resolves to, or a BucketError about `place`. Where `signal` is aborted, its reason is thrown. */
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
    // Any time up to the limit, so that machines that failed together do not come again together.
    const limit = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    await wait(Math.random() * limit, undefined, { signal }).catch(() => {});
  }
}
