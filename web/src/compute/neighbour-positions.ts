// Positions of rows on the map by their neighbours.

import { UMAP } from 'umap-js';
import { type Neighbours, UMAP_NEIGHBOURS } from './map-neighbours.js';
import type { Positions } from './principal-positions.js';
import { fuzzyUnion, type UmapGraph } from './umap-graph.js';

/** Runs UMAP on the exact neighbours. The same rows give the same map. */
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
  buildGraphBySorting(umap);
  const epochs = umap.initializeFit(numbers.map((row) => [row]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    await breathe(epoch / epochs);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** Private parts of umap-js with which it builds its graph. */
interface Inner {
  readonly knnIndices: number[][];
  readonly knnDistances: number[][];
  smoothKNNDistance(distances: number[][], k: number): { sigmas: number[]; rhos: number[] };
  computeMembershipStrengths(
    indices: number[][],
    distances: number[][],
    sigmas: number[],
    rhos: number[],
  ): { readonly vals: number[] };
  fuzzySimplicialSet(rows: unknown, k: number): UmapGraph;
  makeSearchGraph(): void;
}

function buildGraphBySorting(umap: UMAP): void {
  const inner = umap as unknown as Inner;
  inner.fuzzySimplicialSet = (_, k) => {
    const { knnIndices, knnDistances } = inner;
    const { sigmas, rhos } = inner.smoothKNNDistance(knnDistances, k);
    return fuzzyUnion(knnIndices, inner.computeMembershipStrengths(knnIndices, knnDistances, sigmas, rhos).vals);
  };
  // For rows that are added later; here there are none.
  inner.makeSearchGraph = () => {};
}

/** A linear congruential generator with the constants of Numerical Recipes. */
export function repeatableRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
