// Estimates from sampled rows how many pairs survive sketches of each depth.

import { SKETCH_DEPTHS } from './longest-sketches.js';

/**
 * Returns the fraction of pairs that sketches of each depth leave, given `count` coordinates of each row and a threshold for each pair
 * (the second row is the first argument). If there is a y, its rows follow the rows of x, and only pairs of both sides count.
 */
export function survivingFractions(
  coordinates: Float32Array,
  count: number,
  rowsOfX: number | undefined,
  thresholdOf: (a: number, b: number) => number,
): Map<number, number> {
  if (count === 0) return new Map();
  const rows = coordinates.length / count;
  // Rows with few directions have no longer sketches; theirs leave almost nothing.
  const sizes = [...SKETCH_DEPTHS.filter((size) => size < count + 1), count + 1];
  const rests = restsOf(coordinates, count, sizes);
  const left = new Uint32Array(sizes.length);
  for (let a = rowsOfX ?? 1; a < rows; a++) {
    for (let b = 0; b < (rowsOfX ?? a); b++) {
      const threshold = thresholdOf(a, b);
      let product = 0;
      let k = 0;
      for (let at = 0; at < sizes.length; at++) {
        const end = (sizes[at] as number) - 1;
        for (; k < end; k++) product += (coordinates[a * count + k] as number) * (coordinates[b * count + k] as number);
        // Longer sketches exclude everything that shorter ones exclude.
        if (product + (rests[at * rows + a] as number) * (rests[at * rows + b] as number) < threshold) break;
        left[at] = (left[at] as number) + 1;
      }
    }
  }
  const pairs = Math.max(1, rowsOfX === undefined ? (rows * (rows - 1)) / 2 : rowsOfX * (rows - rowsOfX));
  return new Map(sizes.map((size, at) => [size, (left[at] as number) / pairs]));
}

/** Returns, for each sketch size, the length that is left of each row. */
function restsOf(coordinates: Float32Array, count: number, sizes: readonly number[]): Float64Array {
  const rows = coordinates.length / count;
  const rests = new Float64Array(sizes.length * rows);
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    let k = 0;
    for (const [at, size] of sizes.entries()) {
      for (; k < size - 1; k++) squares += (coordinates[row * count + k] as number) ** 2;
      rests[at * rows + row] = Math.sqrt(Math.max(0, 1 - squares));
    }
  }
  return rests;
}
