// Where rows lie on the map by their neighbours.

import { UMAP } from 'umap-js';
import { type Neighbours, UMAP_NEIGHBOURS } from './map-neighbours.js';
import type { Positions } from './principal-positions.js';

/** UMAP on the exact neighbours. The same rows give the same map. */
export async function neighbourPositions(
  { indices, scores, shape: [rows, k] }: Neighbours,
  breathe: (done: number) => Promise<void>,
): Promise<Positions> {
  const umap = new UMAP({ nNeighbors: Math.min(UMAP_NEIGHBOURS, k + 1), random: repeatableRandom() });
  const numbers = Array.from({ length: rows }, (_, row) => row);
  // umap-js counts a row as its own first neighbour.
  umap.setPrecomputedKNN(
    numbers.map((row) => [row, ...indices.subarray(row * k, (row + 1) * k)]),
    numbers.map((row) => [0, ...Array.from({ length: k }, (_, rank) => 1 - (scores[row * k + rank] as number))]),
  );
  const epochs = umap.initializeFit(numbers.map((row) => [row]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    await breathe(epoch / epochs);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** A linear congruential generator with the constants of Numerical Recipes. */
function repeatableRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
