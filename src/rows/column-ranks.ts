// Columns in order of how many rows store them.

import type { CsrRows } from './csr-rows.js';

/** The place of each column among all of x and y: the rarest first, of equally rare ones the lower. */
export function ranksOfColumns(x: CsrRows, y: CsrRows | undefined): Uint32Array {
  const counts = x.countColumns();
  if (y) for (const [column, count] of y.countColumns().entries()) counts[column] = (counts[column] as number) + count;
  // From how many columns are stored by each number of rows to the place of the first of them.
  const places = new Uint32Array(x.rows + (y?.rows ?? 0) + 2);
  for (const count of counts) places[count + 1] = (places[count + 1] as number) + 1;
  for (let count = 1; count < places.length; count++) places[count] = (places[count] as number) + (places[count - 1] as number);
  return counts.map((count) => {
    const place = places[count] as number;
    places[count] = place + 1;
    return place;
  });
}
