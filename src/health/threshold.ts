// Finds the scores that exceed chance, by comparing the rows with the same rows after permuting each column. Permuted rows have the
// same mean and the same numbers in each column, but share nothing else.

/** At the threshold, at most one pair in this many would occur by chance. */
const PAIRS_PER_CHANCE = 100;

/** Returns `rows` of length `depth` with each column permuted, the same way in every run. */
export function permuteColumns<A extends Float32Array | Float64Array>(rows: A, depth: number): A {
  const permuted = rows.slice() as A;
  const count = rows.length / depth;
  let state = 0x2545f491;
  for (let k = 0; k < depth; k++) {
    for (let row = count - 1; row > 0; row--) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const other = Math.floor(((state >>> 0) / 2 ** 32) * (row + 1));
      const kept = permuted[row * depth + k] as number;
      permuted[row * depth + k] = permuted[other * depth + k] as number;
      permuted[other * depth + k] = kept;
    }
  }
  return permuted;
}

/**
 * Returns the lowest edge at which the rows have a hundred times as many pairs as permuted rows plus one; NaN if there is none. Both
 * lists count the pairs at or above each edge.
 */
export function suggestThreshold(edges: Float64Array, found: Float64Array, byChance: Float64Array): number {
  for (let at = 0; at < edges.length; at++) {
    if ((found[at] as number) >= PAIRS_PER_CHANCE * ((byChance[at] as number) + 1)) return edges[at] as number;
  }
  return Number.NaN;
}

/** Returns the edge below which `fraction` of all scores lie. */
export function quantile(edges: Float64Array, atOrAbove: Float64Array, fraction: number): number {
  const total = atOrAbove[0] as number;
  if (!(total > 0)) return Number.NaN;
  const at = atOrAbove.findIndex((count) => count <= (1 - fraction) * total);
  return edges[at < 0 ? edges.length - 1 : at] as number;
}
