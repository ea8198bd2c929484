import type { Platform } from '../platform/platform.js';

/** Milliseconds between turns of the event loop. */
const TURN_MS = 8;

/** Work in steps. A step may be a promise; `yield` then returns what it resolves to. */
export type Steps<T> = Generator<Promise<unknown> | undefined, T, unknown>;

/** Drives steps on the calling thread, in turns with its event loop. */
export async function inTurns<T>(platform: Platform, signal: AbortSignal | undefined, steps: Steps<T>): Promise<T> {
  signal?.throwIfAborted();
  let since = performance.now();
  let resolved: unknown;
  for (;;) {
    const step = steps.next(resolved);
    if (step.done) return step.value;
    if (step.value) resolved = await step.value;
    // Also after a promise, because data from memory resolves without a turn of the event loop.
    if (performance.now() - since > TURN_MS) {
      await platform.yieldToEventLoop();
      since = performance.now();
    }
    signal?.throwIfAborted();
  }
}

/** Drives steps to their end synchronously; none of them may be a promise. */
export function inOneGo<T>(signal: AbortSignal | undefined, steps: Steps<T>): T {
  signal?.throwIfAborted();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    signal?.throwIfAborted();
  }
}
