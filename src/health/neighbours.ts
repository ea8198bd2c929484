// Counts how often rows are among the nearest of others, and how many nearest rows stay after a change.

/** Number of hubs to report. */
const HUBS = 5;

export interface Hubness {
  /** The third moment of the neighbour counts, divided by the cube of their standard deviation. */
  readonly skew: number;
  /** The most frequent neighbours, by their index among the rows. */
  readonly hubs: readonly { readonly row: number; readonly count: number }[];
  /** Number of rows that are in no neighbour list. */
  readonly never: number;
}

/** Measures the hubness of `rows` rows with `k` neighbours each in `indices`. */
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

/**
 * Returns the mean fraction of the `k` nearest rows of a query that stay. Both lists have k + 1 entries per query, because the query is
 * among the rows.
 */
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
