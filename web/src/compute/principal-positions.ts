// Positions of rows on the map by their principal components. Only the directions of rows matter, as for their similarity.

/** x and y of each row, one row after another. */
export type Positions = Float32Array<ArrayBuffer>;

/** The axes are computed from at most this many evenly spaced rows, and all rows are then placed along them. */
const MAX_FITTED = 1500;

type UnitRow = (row: number) => Float64Array;

/** Up to two orthonormal axes, one after another, and the mean of the rows they were computed from. */
export interface Axes {
  readonly mean: ArrayLike<number>;
  readonly components: ArrayLike<number>;
}

/** Returns the principal axes of rows of length `depth`, one after another; fewer than two if the rows vary in fewer directions. */
export type FindAxes = (rows: Float64Array, depth: number) => Promise<Axes>;

/**
 * Returns the two principal components of the rows scaled to length 1.
 *
 * @param along returns how far each unit row reaches along each axis (rows, axes)
 */
export async function principalPositions(
  rows: number,
  unitRow: UnitRow,
  findAxes: FindAxes,
  along: (axes: readonly Float64Array[]) => Promise<ArrayLike<number>>,
): Promise<Positions> {
  const positions = new Float32Array(rows * 2);
  const count = Math.min(rows, MAX_FITTED);
  const depth = rows > 0 ? unitRow(0).length : 0;
  const fitted = new Float64Array(count * depth);
  for (let at = 0; at < count; at++) fitted.set(unitRow(Math.floor((at * rows) / count)), at * depth);
  const { mean, components } = await findAxes(fitted, depth);
  const axes = Array.from({ length: depth > 0 ? components.length / depth : 0 }, (_, axis) =>
    Float64Array.from({ length: depth }, (_, at) => components[axis * depth + at] as number),
  );
  if (axes.length === 0) return positions;
  const lengths = await along(axes);
  const middle = axes.map((axis) => axis.reduce((sum, element, at) => sum + element * (mean[at] as number), 0));
  for (let row = 0; row < rows; row++) {
    for (const [axis, offset] of middle.entries()) {
      positions[2 * row + axis] = (lengths[row * axes.length + axis] as number) - offset;
    }
  }
  return positions;
}
