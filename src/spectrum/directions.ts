// Finds the directions of largest variance, largest first: eigenvectors of a covariance matrix, by subspace iteration.

import { lengthsOf } from '../rows/row-lengths.js';
import type { Products } from './products.js';
import { diagonalise } from './small-symmetric.js';

/** Additional directions to iterate, which make the others converge faster. */
const SPARE = 16;
/**
 * Allowed difference between the product of a direction and its variance times the direction, as a fraction of the largest variance.
 */
export const EXACT = 1e-13;
export const ROUGH = 1e-5;
/** Nearly equal variances do not converge, and any directions between them are equally good. */
const MAX_STEPS = 1000;
/** Steps between two checks for convergence, which are expensive. */
const STEPS_TOGETHER = 4;

/** Directions, one after another, with the variance of each. */
export interface Directions {
  readonly vectors: Float64Array;
  readonly variances: Float64Array;
}

/** Returns up to `count` orthonormal directions of the symmetric matrix `covariance`; fewer if its rank is lower. */
export async function principalDirections(
  covariance: Float64Array,
  depth: number,
  count: number,
  products: Products,
  residual: number,
): Promise<Directions> {
  const followed = Math.min(depth, 2 * count + SPARE);
  let basis = orthonormalised(startingRows(followed, depth), depth);
  const lengths = lengthsOf(covariance, depth);
  let found: Directions = { vectors: new Float64Array(0), variances: new Float64Array(0) };
  for (let step = 0; step < MAX_STEPS && basis.length > 0; step++) {
    const moved = await products(basis, covariance, depth, lengths);
    if (step % STEPS_TOGETHER !== STEPS_TOGETHER - 1) {
      basis = orthonormalised(moved, depth);
      continue;
    }
    const rows = basis.length / depth;
    const { values, vectors } = diagonalise(await products(basis, moved, depth), rows);
    const turned = combine(vectors, basis, rows, depth);
    const movedTurned = combine(vectors, moved, rows, depth);
    const wanted = Math.min(count, rows);
    found = { vectors: turned.slice(0, wanted * depth), variances: Float64Array.from(values.slice(0, wanted)) };
    if (isSettled(turned, movedTurned, values, wanted, depth, residual)) break;
    basis = orthonormalised(movedTurned, depth);
  }
  return withFixedSigns(withVariance(found, depth), depth);
}

/** Returns the same numbers of either sign in every run (xorshift32). */
function startingRows(rows: number, depth: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length: rows * depth }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  });
}

/** Gram-Schmidt, applied twice so that rows are orthogonal to the last digit. Rows that depend on earlier ones are left out. */
function orthonormalised(rows: Float64Array, depth: number): Float64Array {
  let kept = 0;
  for (let from = 0; from < rows.length; from += depth) {
    const row = rows.slice(from, from + depth);
    const before = lengthOf(row);
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < kept; at += depth) {
        let part = 0;
        for (let k = 0; k < depth; k++) part += (rows[at + k] as number) * (row[k] as number);
        for (let k = 0; k < depth; k++) row[k] = (row[k] as number) - part * (rows[at + k] as number);
      }
    }
    const length = lengthOf(row);
    if (!(length > 1e-12 * before)) continue;
    for (let k = 0; k < depth; k++) rows[kept + k] = (row[k] as number) / length;
    kept += depth;
  }
  return rows.slice(0, kept);
}

function lengthOf(row: Float64Array): number {
  let squares = 0;
  for (const value of row) squares += value * value;
  return Math.sqrt(squares);
}

/** Returns rows that are sums of `rows`, weighted by the rows of `weights`. */
function combine(weights: Float64Array, rows: Float64Array, count: number, depth: number): Float64Array {
  const sums = new Float64Array(count * depth);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const weight = weights[i * count + j] as number;
      for (let k = 0; k < depth; k++) {
        sums[i * depth + k] = (sums[i * depth + k] as number) + weight * (rows[j * depth + k] as number);
      }
    }
  }
  return sums;
}

function isSettled(
  vectors: Float64Array,
  moved: Float64Array,
  values: Float64Array,
  count: number,
  depth: number,
  residual: number,
): boolean {
  const limit = residual * Math.abs(values[0] ?? 0);
  for (let i = 0; i < count; i++) {
    let squares = 0;
    for (let k = i * depth; k < (i + 1) * depth; k++) {
      squares += ((moved[k] as number) - (values[i] as number) * (vectors[k] as number)) ** 2;
    }
    if (Math.sqrt(squares) > limit) return false;
  }
  return true;
}

/** Variances below this fraction of the largest are rounding. */
export const NO_VARIANCE = 1e-12;

function withVariance({ vectors, variances }: Directions, depth: number): Directions {
  const count = variances.filter((value) => value > NO_VARIANCE * (variances[0] as number)).length;
  return { vectors: vectors.slice(0, count * depth), variances: variances.slice(0, count) };
}

/** Makes the largest element of each direction positive, so that every backend gives the same sign. */
function withFixedSigns(directions: Directions, depth: number): Directions {
  const { vectors } = directions;
  for (let from = 0; from < vectors.length; from += depth) {
    const vector = vectors.subarray(from, from + depth);
    const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) + 1e-9 ? value : most), 0);
    if (largest < 0) for (let k = 0; k < depth; k++) vector[k] = -(vector[k] as number);
  }
  return directions;
}
