import type { Platform } from '../platform/platform.js';

/** The event loop gets its turn this often. */
const TURN_MS = 8;

/** Work in steps. A step may be a promise: what it resolves to is what `yield` returns. */
export type Steps<T> = Generator<Promise<unknown> | undefined, T, unknown>;

/** Drives steps on the calling thread, which goes on serving its event loop. */
export async function inTurns<T>(platform: Platform, signal: AbortSignal | undefined, steps: Steps<T>): Promise<T> {
  signal?.throwIfAborted();
  let since = performance.now();
  let resolved: unknown;
  for (;;) {
    const step = steps.next(resolved);
    if (step.done) return step.value;
    if (step.value) resolved = await step.value;
    // Also after a promise: what is read from memory resolves without a turn.
    if (performance.now() - since > TURN_MS) {
      await platform.yieldToEventLoop();
      since = performance.now();
    }
    signal?.throwIfAborted();
  }
}

/** Drives steps, none of which is a promise, to their end at once. */
export function inOneGo<T>(signal: AbortSignal | undefined, steps: Steps<T>): T {
  signal?.throwIfAborted();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    signal?.throwIfAborted();
  }
}
