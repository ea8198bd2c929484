// A job of another thread.

import type { ScoreArray } from '../../rows/dtype.js';
import type { JobShape } from '../backend.js';
import type { TilesOfJob } from '../tiled/tile-backend.js';
import { bindKernels } from './kernels.js';
import { layoutOf, type TileScratch } from './layout.js';
import { MatrixTiles } from './matrix-tiles.js';
import { bindSearchKernels } from './search-kernels.js';
import { SearchTiles } from './search-tiles.js';

export interface Shared {
  readonly module: WebAssembly.Module;
  /** Set for calls without a matrix. */
  readonly searchModule: WebAssembly.Module | undefined;
  readonly memory: WebAssembly.Memory;
  readonly shape: JobShape;
  readonly thread: number;
  /** See SearchTiles. */
  readonly slack: number;
}

/** Opens a job on the thread that received `shared`. */
export function attachTiles(shared: unknown): TilesOfJob {
  const { module, searchModule, memory, shape, thread, slack } = shared as Shared;
  const kernels = bindKernels(module, memory);
  const layout = layoutOf(shape);
  const scratch = layout.scratch[thread] as TileScratch;
  const { buffer } = memory;
  const heap: ScoreArray = shape.dtype === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
  if (!searchModule) return { matrix: new MatrixTiles(kernels, shape, layout, scratch, heap) };
  const tiles = new SearchTiles(kernels, bindSearchKernels(searchModule, memory), shape, layout, scratch, heap, slack);
  return { matrix: tiles, tiles };
}
