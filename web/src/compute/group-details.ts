// Details of a group: its most typical row, and how similar its rows are.

export interface GroupDetails {
  /** The row that is most similar to the others on average; the first of equals. */
  readonly representative: number;
  /** The mean and the lowest score of all pairs of its rows. */
  readonly mean: number;
  readonly lowest: number;
  /** The score of each row with the representative. */
  readonly scores: ArrayLike<number>;
}

/** Number of groups that are listed at first. */
export const GROUPS_AT_FIRST = 40;

/** Returns the position of the representative among two or more rows of length 1 (or 0), and the mean score of their pairs. */
export function typicalOf(rows: readonly Float64Array[]): { representative: number; mean: number } {
  const sum = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (row[at] as number);
  let [representative, highest, total] = [0, Number.NEGATIVE_INFINITY, 0];
  for (const [place, row] of rows.entries()) {
    // The sum of its scores with all others: its product with the sum of the rows, minus that with itself.
    const others = dot(row, sum) - dot(row, row);
    total += others;
    if (others > highest) [representative, highest] = [place, others];
  }
  return { representative, mean: total / (rows.length * (rows.length - 1)) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}
