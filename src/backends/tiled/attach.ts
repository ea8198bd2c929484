// The backends that other threads compute tiles for, by name.

import { referenceBackend } from '../reference.js';
import { attachTiles as attachWasmTiles } from '../wasm/job.js';
import type { TileComputer } from './tile-backend.js';

/** A thread's end of a job that `backend` shared. */
export function attachTiles(backend: string, shared: unknown): TileComputer {
  return backend === referenceBackend.name ? referenceBackend.attach(shared) : attachWasmTiles(shared);
}
