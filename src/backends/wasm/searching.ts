// What only calls without a matrix need, loaded on the calling thread by the first of them.

import type { Arena } from './arena.js';
import { bindSearchKernels, compileSearchKernels, type SearchKernels } from './search-kernels.js';

export { compileSearchKernels } from './search-kernels.js';
export { SearchTiles } from './search-tiles.js';

const bound = new WeakMap<Arena, SearchKernels>();

/** Returns the kernels for the memory of an arena. */
export function searchKernelsOf(arena: Arena): SearchKernels {
  let kernels = bound.get(arena);
  if (!kernels) {
    kernels = bindSearchKernels(compileSearchKernels(arena.build, arena.shared), arena.memory);
    bound.set(arena, kernels);
  }
  return kernels;
}
