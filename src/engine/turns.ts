import type { Platform } from '../platform/platform.js';

/** The event loop gets its turn this often. */
const TURN_MS = 8;

/** Drives steps on the calling thread, which goes on serving its event loop. */
export async function inTurns<T>(platform: Platform, signal: AbortSignal | undefined, steps: Generator<void, T>): Promise<T> {
  signal?.throwIfAborted();
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since > TURN_MS) {
      await platform.yieldToEventLoop();
      since = performance.now();
    }
    signal?.throwIfAborted();
  }
}

/** Drives steps to their end at once. */
export function atOnce<T>(signal: AbortSignal | undefined, steps: Generator<void, T>): T {
  signal?.throwIfAborted();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    signal?.throwIfAborted();
  }
}
