// The input of UMAP.

/** Number of neighbours that shape the map, the default of umap-js. */
export const UMAP_NEIGHBOURS = 15;

/** The k rows most similar to each row (N, k), best first. */
export interface Neighbours {
  readonly indices: Uint32Array;
  readonly scores: ArrayLike<number>;
  readonly shape: readonly [rows: number, k: number];
}
