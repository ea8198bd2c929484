// How often rows are among the nearest of others, and how many of the nearest stay when rows are changed.

/** Rows that are named as the most frequent neighbours. */
const HUBS = 5;

export interface Hubness {
  /** The third moment of how often rows are neighbours, by the cube of its deviation. */
  readonly skew: number;
  /** The most frequent neighbours, by their place among the rows. */
  readonly hubs: readonly { readonly row: number; readonly count: number }[];
  /** Rows that are nobody's neighbour. */
  readonly never: number;
}

/** Of `rows` rows with `k` neighbours each, in `indices`. */
export function hubnessOf(indices: Uint32Array, rows: number): Hubness {
  const counts = new Uint32Array(rows);
  for (const row of indices) counts[row] = (counts[row] as number) + 1;
  const mean = indices.length / rows;
  let [squares, cubes, never] = [0, 0, 0];
  for (const count of counts) {
    squares += (count - mean) ** 2;
    cubes += (count - mean) ** 3;
    if (count === 0) never++;
  }
  const deviation = Math.sqrt(squares / rows);
  const order = Uint32Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  const hubs = Array.from(order.subarray(0, HUBS), (row) => ({ row, count: counts[row] as number }));
  return { skew: deviation > 0 ? cubes / rows / deviation ** 3 : 0, hubs, never };
}

/** The mean fraction of the `k` nearest of each query that stay. Both lists have one more for each, since a query is among the rows. */
export function fractionKept(queries: Uint32Array, before: Uint32Array, after: Uint32Array, k: number): number {
  let kept = 0;
  for (const [at, row] of queries.entries()) {
    const others = (lists: Uint32Array) =>
      Array.from(lists.subarray(at * (k + 1), (at + 1) * (k + 1)))
        .filter((other) => other !== row)
        .slice(0, k);
    const own = new Set(others(before));
    for (const other of others(after)) if (own.has(other)) kept++;
  }
  return kept / (queries.length * k);
}
