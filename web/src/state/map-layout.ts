// Runs UMAP on a separate thread, which ends with it.

import { proxy, wrap } from 'comlink';
import { startMap } from '#start-workers';
import type { OnProgress } from '../compute/breather.js';
import type { Neighbours } from '../compute/map-neighbours.js';
import type { LayOut } from '../compute/map-worker.js';
import type { Positions } from '../compute/principal-positions.js';

/** Null if it was cancelled. */
export async function layOutMap(
  neighbours: Neighbours,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Positions | null> {
  if (signal.aborted) return null;
  const worker = startMap();
  try {
    return await new Promise<Positions | null>((resolve, reject) => {
      signal.addEventListener('abort', () => resolve(null), { once: true });
      worker.addEventListener('error', ({ message }) =>
        reject(new Error(`the thread that draws the map has failed: ${message || 'it could not be started'}`)),
      );
      wrap<LayOut>(worker)(neighbours, proxy(onProgress)).then(resolve, reject);
    });
  } finally {
    worker.terminate();
  }
}
