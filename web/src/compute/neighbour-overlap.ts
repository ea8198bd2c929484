// Counts the nearest rows of a row that two models share.

/** Numbers of nearest rows that are compared. */
export const NEAREST_COMPARED: readonly number[] = [10, 20, 50];

/** How two models agree. */
export interface ModelOverlaps {
  /** For each number of `NEAREST_COMPARED`, how many of its nearest rows each row has in both models. */
  readonly shared: readonly Uint8Array[];
  /** The rows of each model that are all zeros, whose nearest rows mean nothing. */
  readonly zeroRows: readonly (readonly number[])[];
}

/** Nearest rows of every row, best first: `k` for each. */
interface Lists {
  readonly indices: ArrayLike<number>;
  readonly shape: readonly [rows: number, k: number];
}

/** Counts, for each size and each row, how many of its `size` nearest rows are the same in both lists. */
export function overlapsOf(
  first: Lists,
  second: Lists,
  sizes: readonly number[] = NEAREST_COMPARED,
): Uint8Array<ArrayBuffer>[] {
  const [rows, k] = first.shape;
  const overlaps = sizes.map(() => new Uint8Array(rows));
  /** By row, its place among the nearest; those of other rows are from an earlier round. */
  const place = new Uint32Array(rows);
  const round = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < k; at++) {
      const other = first.indices[row * k + at] as number;
      place[other] = at;
      round[other] = row + 1;
    }
    for (let at = 0; at < k; at++) {
      const other = second.indices[row * k + at] as number;
      if (round[other] !== row + 1) continue;
      const later = Math.max(at, place[other] as number);
      for (const [number, size] of sizes.entries()) {
        if (later < size) (overlaps[number] as Uint8Array)[row] = ((overlaps[number] as Uint8Array)[row] as number) + 1;
      }
    }
  }
  return overlaps;
}
