// Long work on a thread that is asked questions meanwhile.

/** Told the share of the work that is done. */
export type OnProgress = (done: number) => void;

/** Work is interrupted so often. */
const BREATH_MS = 30;

/** Lets messages in every now and then, and tells how far the work is. Throws when it is to end. */
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
