// The graph that UMAP lays out: each row's neighbours, both ways. The same as umap-js makes, in numbers instead of maps by text: those take
// half a gigabyte and eight seconds for 20,000 rows.

/** An edge of the graph, as umap-js reads it. */
interface Edge {
  readonly row: number;
  readonly col: number;
  readonly value: number;
}

/** What umap-js asks of a graph. */
export interface UmapGraph {
  readonly nRows: number;
  readonly nCols: number;
  getValues(): ArrayLike<number>;
  map(change: (value: number) => number): { readonly nRows: number; getAll(): Edge[] };
}

/**
 * The union of two fuzzy sets, the neighbours of each row and the rows that it is a neighbour of: an edge there with strength a and back
 * with strength b has a + b - ab. `strengths` (N, k) are of the neighbours (N, k).
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
  // By row, then column. Each edge once.
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
