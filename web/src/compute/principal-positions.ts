// Where rows lie on the map by their principal components: by their directions alone, as their similarity is.

import { PCA } from 'ml-pca';

/** x and y of each row, one after another. */
export type Positions = Float32Array<ArrayBuffer>;

/** Axes are found from so many rows at most, evenly spaced; all rows are then placed by them. */
const MAX_FITTED = 1500;

type UnitRow = (row: number) => Float64Array;

/** Rows that are placed at a time. */
const PLACED = 256;

/** The two principal components of the rows scaled to length 1. `breathe` is called now and then with the share that is done. */
export async function principalPositions(
  rows: number,
  unitRow: UnitRow,
  breathe: (done: number) => Promise<void>,
): Promise<Positions> {
  const positions = new Float32Array(rows * 2);
  const count = Math.min(rows, MAX_FITTED);
  const fitted = Array.from({ length: count }, (_, at) => unitRow(Math.floor((at * rows) / count)));
  const depth = fitted[0]?.length ?? 0;
  const components = Math.min(2, depth, count - 1);
  if (components < 1) return positions;
  const columns = columnsBySpread(fitted, depth);
  const pca = new PCA(
    fitted.map((row) => columns.map((column) => row[column] as number)),
    { method: 'NIPALS', nCompNIPALS: components },
  );
  const axes = pca.getLoadings().to2DArray();
  const { means } = pca.toJSON();
  for (let row = 0; row < rows; row++) {
    if (row % PLACED === 0) await breathe(row / rows);
    const unit = unitRow(row);
    for (let axis = 0; axis < components; axis++) {
      let sum = 0;
      for (const [at, column] of columns.entries()) {
        sum += ((unit[column] as number) - (means[at] as number)) * (axes[axis]?.[at] as number);
      }
      // Where the rows spread in fewer directions there is no such axis.
      positions[2 * row + axis] = Number.isFinite(sum) ? sum : 0;
    }
  }
  return positions;
}

/** Columns by falling variance: NIPALS begins with the first, and cannot begin with one that is the same in all rows. */
function columnsBySpread(rows: readonly Float64Array[], depth: number): number[] {
  const spreads = Array.from({ length: depth }, (_, column) => {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      const element = row[column] as number;
      sum += element;
      squares += element * element;
    }
    return squares - (sum * sum) / rows.length;
  });
  return Array.from(spreads.keys()).sort((a, b) => (spreads[b] as number) - (spreads[a] as number));
}
