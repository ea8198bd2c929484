// What is done with the tiles of a grid: on the GPU, where only what was found comes back, or, of what the GPU does not do, by the epilogue
// here, for which whole tiles come back.

import type { Order, TileGrid } from '../work.js';
import { CountsFinish } from './counts.js';
import { DenseFinish } from './dense.js';
import { ListsFinish } from './lists.js';
import type { JobMemory } from './memory.js';
import { PairsFinish } from './pairs.js';
import type { TileFinish } from './tile-finish.js';
import { WholeTiles } from './whole-tiles.js';

export function createFinish(memory: JobMemory, grid: TileGrid, order: Order): TileFinish {
  if (memory.layout.onGpu) {
    if (order.kind === 'dense') return new DenseFinish(memory, grid, order);
    if (order.kind === 'top-k') return new ListsFinish(memory, grid, order);
    if (order.kind === 'histogram') return new CountsFinish(memory, order);
    if (order.kind === 'pairs') return new PairsFinish(memory, grid, order, new WholeTiles(memory, grid, order));
  }
  return new WholeTiles(memory, grid, order);
}
