// The backends whose tiles are computed by other threads, by name.

import { type Memory, ReferenceTiles } from '../reference-tiles.js';
import { attachTiles as attachWasmTiles } from '../wasm/attach.js';
import type { TilesOfJob } from './tile-backend.js';

/** Opens a job that `backend` shared, on a thread. */
export function attachTiles(backend: string, shared: unknown): TilesOfJob {
  if (backend === 'wasm') return attachWasmTiles(shared);
  const tiles = new ReferenceTiles(shared as Memory);
  return { matrix: tiles, tiles };
}
