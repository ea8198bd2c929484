// Long work on a thread that must also answer messages.

/** Receives the fraction of the work that is done. */
export type OnProgress = (done: number) => void;

/** The interval at which work is interrupted. */
const BREATH_MS = 30;

/** Lets messages in from time to time and reports the progress. Throws when the work should end. */
export function breather(onProgress: OnProgress, signal?: AbortSignal): (done: number) => Promise<void> {
  let last = performance.now();
  return async (done) => {
    if (performance.now() - last < BREATH_MS) return;
    onProgress(done);
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
