// Finds orthonormal directions that hold most of the length of sampled rows: one step of power iteration, then orthogonalisation that
// takes the longest remaining vector first, so that the first m directions are nearly the best m. Any directions give correct results;
// good ones are faster.

import type { Cosines } from '../engine/cosines-between.js';
import { lengthsOf } from '../rows/row-lengths.js';

/** Directions shorter than this fraction of the longest are noise. */
const NOISE = 1e-5;
/** Additional starting rows, because the last directions found are poor. */
const SPARE = 16;
/** Larger than the error of a float64 cosine. */
const COSINE_ERROR = 1e-12;

/** Returns up to `count` directions of `depth` elements for a sample of unit rows. */
export async function findDirections(
  sample: Float32Array,
  depth: number,
  count: number,
  cosines: Cosines,
): Promise<Float64Array> {
  const rows = sample.length / depth;
  const starts = Math.min(count + SPARE, rows);
  // For some rows s of X, computes (s Xᵀ) X, which is long in directions that many rows share.
  const some = new Float32Array(starts * depth);
  for (let at = 0; at < starts; at++) {
    const row = Math.floor((at * rows) / starts);
    some.set(sample.subarray(row * depth, (row + 1) * depth), at * depth);
  }
  const weights = await cosines(some, sample, depth, 'float32');
  return orthonormal(await dotProducts(weights, transpose(sample, rows, depth), rows, cosines), depth, count, cosines);
}

/** Returns the dot products of the rows of a and b, both `depth` long, computed from cosines and lengths. */
async function dotProducts<A extends Float32Array | Float64Array>(
  a: A,
  b: A,
  depth: number,
  cosines: Cosines,
): Promise<Float64Array> {
  const products = new Float64Array(await cosines(a, b, depth, a instanceof Float32Array ? 'float32' : 'float64'));
  const ofRows = lengthsOf(a, depth);
  const ofCols = a === b ? ofRows : lengthsOf(b, depth);
  const cols = ofCols.length;
  for (const [row, length] of ofRows.entries()) {
    for (let col = 0; col < cols; col++)
      products[row * cols + col] = (products[row * cols + col] as number) * length * (ofCols[col] as number);
  }
  return products;
}

function transpose<A extends Float32Array | Float64Array>(matrix: A, rows: number, cols: number): A {
  const transposed = (matrix instanceof Float32Array ? new Float32Array(matrix.length) : new Float64Array(matrix.length)) as A;
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) transposed[col * rows + row] = matrix[row * cols + col] as number;
  return transposed;
}

/**
 * Returns up to `most` orthonormal rows that nearly span `vectors`, the longest remainder first, without noise. A pivoted Cholesky
 * decomposition of the products lets the backend do nearly all the work.
 */
async function orthonormal(vectors: Float64Array, depth: number, most: number, cosines: Cosines): Promise<Float64Array> {
  const count = vectors.length / depth;
  const { order, factor } = decompose(await dotProducts(vectors, vectors, depth, cosines), count, Math.min(most, count));
  const rank = order.length;
  const chosen = new Float64Array(rank * depth);
  for (const [at, row] of order.entries()) chosen.set(vectors.subarray(row * depth, (row + 1) * depth), at * depth);
  return dotProducts(invert(factor, count, rank), transpose(chosen, rank, depth), rank, cosines);
}

/** Returns up to `most` rows of the Cholesky factor L, and the order in which they were chosen. */
function decompose(products: Float64Array, count: number, most: number): { order: number[]; factor: Float64Array } {
  const order = Array.from({ length: count }, (_, at) => at);
  const factor = new Float64Array(count * count);
  const squares = Float64Array.from(order, (at) => products[at * count + at] as number);
  const longest = squares.reduce((most, square) => Math.max(most, square), 0);
  for (let found = 0; found < most; found++) {
    let best = found;
    for (let at = found + 1; at < count; at++) if ((squares[at] as number) > (squares[best] as number)) best = at;
    if (!((squares[best] as number) > NOISE ** 2 * longest)) return { order: order.slice(0, found), factor };
    [order[found], order[best]] = [order[best] as number, order[found] as number];
    [squares[found], squares[best]] = [squares[best] as number, squares[found] as number];
    const line = factor.slice(found * count, (found + 1) * count);
    factor.copyWithin(found * count, best * count, (best + 1) * count);
    factor.set(line, best * count);
    const length = Math.sqrt(squares[found] as number);
    factor[found * count + found] = length;
    for (let at = found + 1; at < count; at++) {
      const whole = products[(order[at] as number) * count + (order[found] as number)] as number;
      const part = (whole - product(factor, at * count, found * count, found)) / length;
      factor[at * count + found] = part;
      squares[at] = (squares[at] as number) - part ** 2;
    }
  }
  return { order: order.slice(0, most), factor };
}

/** Returns the inverse of the leading `rank` rows and columns of a lower triangle, row by row. */
function invert(factor: Float64Array, count: number, rank: number): Float64Array {
  const inverse = new Float64Array(rank * rank);
  for (let row = 0; row < rank; row++) {
    const to = row * rank;
    inverse[to + row] = 1;
    for (let at = 0; at < row; at++) {
      const part = factor[row * count + at] as number;
      for (let k = 0; k <= at; k++) inverse[to + k] = (inverse[to + k] as number) - part * (inverse[at * rank + k] as number);
    }
    const length = factor[row * count + row] as number;
    for (let k = 0; k <= row; k++) inverse[to + k] = (inverse[to + k] as number) / length;
  }
  return inverse;
}

function product(matrix: Float64Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (matrix[a + k] as number) * (matrix[b + k] as number);
  return sum;
}

/** Returns an upper bound of the Frobenius norm of Q Qᵀ - 1, for directions Q of length nearly 1. */
export async function skewOf(directions: Float64Array, depth: number, cosines: Cosines): Promise<number> {
  const count = directions.length / depth;
  const products = await dotProducts(directions, directions, depth, cosines);
  let squares = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      squares += (Math.abs((products[a * count + b] as number) - (a === b ? 1 : 0)) + COSINE_ERROR) ** 2;
    }
  }
  return Math.sqrt(squares);
}
