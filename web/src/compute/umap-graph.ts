// The graph that UMAP lays out: each row's neighbours, in both directions. It equals that of umap-js, but uses numbers instead of maps with
// text keys, which take half a gigabyte and eight seconds for 20,000 rows.

/** An edge of the graph, in the form that umap-js reads. */
interface Edge {
  readonly row: number;
  readonly col: number;
  readonly value: number;
}

/** The part of a graph that umap-js uses. */
export interface UmapGraph {
  readonly nRows: number;
  readonly nCols: number;
  getValues(): ArrayLike<number>;
  map(change: (value: number) => number): { readonly nRows: number; getAll(): Edge[] };
}

/**
 * Returns the union of two fuzzy sets, the neighbours of each row and the rows of which it is a neighbour: an edge with strength a in one
 * direction and b in the other has a + b - ab. `strengths` (N, k) belong to the neighbours (N, k).
 */
export function fuzzyUnion(neighbours: readonly (readonly number[])[], strengths: ArrayLike<number>): UmapGraph {
  const rows = neighbours.length;
  const width = neighbours[0]?.length ?? 0;
  const strength = (row: number, col: number) => {
    const at = neighbours[row]?.indexOf(col) ?? -1;
    return at < 0 ? 0 : (strengths[row * width + at] as number);
  };
  const keys = new Float64Array(2 * rows * width);
  for (let row = 0, at = 0; row < rows; row++) {
    for (const col of neighbours[row] ?? []) {
      keys[at++] = row * rows + col;
      keys[at++] = col * rows + row;
    }
  }
  // Ordered by row, then column. Contains each edge once.
  const edges = keys.sort().filter((key, at) => key !== keys[at - 1]);
  const rowOf = (key: number) => Math.floor(key / rows);
  const values = edges.map((key) => {
    const [row, col] = [rowOf(key), key % rows];
    const [there, back] = [strength(row, col), strength(col, row)];
    return there + back - there * back;
  });
  return {
    nRows: rows,
    nCols: rows,
    getValues: () => values,
    map: (change) => ({
      nRows: rows,
      getAll: () =>
        Array.from(edges, (key, at) => ({ row: rowOf(key), col: key % rows, value: change(values[at] as number) })).filter(
          ({ value }) => value !== 0,
        ),
    }),
  };
}
