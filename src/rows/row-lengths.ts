import type { ScoreArray } from './dtype.js';

/** Returns the length of each row of a matrix. */
export function lengthsOf(matrix: ScoreArray, depth: number): Float64Array {
  const lengths = new Float64Array(matrix.length / depth);
  for (let row = 0, k = 0; row < lengths.length; row++) {
    let squares = 0;
    for (const end = k + depth; k < end; k++) squares += (matrix[k] as number) ** 2;
    lengths[row] = Math.sqrt(squares);
  }
  return lengths;
}
