// Where rows lie on the map by their principal components: by their directions alone, as their similarity is.

/** x and y of each row, one after another. */
export type Positions = Float32Array<ArrayBuffer>;

/** The axes are found from at most this many rows, evenly spaced; all rows are then placed by them. */
const MAX_FITTED = 1500;

/** Rows placed between two calls of `breathe`. */
const PLACED = 256;

type UnitRow = (row: number) => Float64Array;

/** Up to two orthonormal axes, one after another, and the mean of the rows that they were found from. */
export interface Axes {
  readonly mean: ArrayLike<number>;
  readonly components: ArrayLike<number>;
}

/** Finds the principal axes of rows of length `depth`, one after another; fewer than two where the rows vary in fewer directions. */
export type FindAxes = (rows: Float64Array, depth: number) => Promise<Axes>;

/**
 * The two principal components of the rows scaled to length 1.
 *
 * @param breathe called now and then with the fraction of the work that is done
 */
export async function principalPositions(
  rows: number,
  unitRow: UnitRow,
  findAxes: FindAxes,
  breathe: (done: number) => Promise<void>,
): Promise<Positions> {
  const positions = new Float32Array(rows * 2);
  const count = Math.min(rows, MAX_FITTED);
  const depth = rows > 0 ? unitRow(0).length : 0;
  const fitted = new Float64Array(count * depth);
  for (let at = 0; at < count; at++) fitted.set(unitRow(Math.floor((at * rows) / count)), at * depth);
  const { mean, components } = await findAxes(fitted, depth);
  for (let row = 0; row < rows; row++) {
    if (row % PLACED === 0) await breathe(row / rows);
    const unit = unitRow(row);
    for (let axis = 0; axis * depth < components.length; axis++) {
      let sum = 0;
      for (let at = 0; at < depth; at++) {
        sum += ((unit[at] as number) - (mean[at] as number)) * (components[axis * depth + at] as number);
      }
      positions[2 * row + axis] = sum;
    }
  }
  return positions;
}
