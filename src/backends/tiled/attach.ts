// The backends whose tiles are computed by other threads, by name.

import { referenceBackend } from '../reference.js';
import { attachTiles as attachWasmTiles } from '../wasm/job.js';
import type { TileComputer } from './tile-backend.js';

/** Opens a job that `backend` shared, on a thread. */
export function attachTiles(backend: string, shared: unknown): TileComputer {
  return backend === referenceBackend.name ? referenceBackend.attach(shared) : attachWasmTiles(shared);
}
