// Measures how the variance of rows is spread over directions, and finds the first directions.

import { RowFeed } from '../engine/row-feed.js';
import type { Steps } from '../engine/turns.js';
import type { AnyRows } from '../rows/stored-rows.js';
import { findMoments, momentsBytes } from '../spectrum/covariance.js';
import { principalDirections, ROUGH } from '../spectrum/directions.js';
import { eigenvaluesOf } from '../spectrum/eigenvalues.js';
import type { Products } from '../spectrum/products.js';
import { normOf } from './survey.js';

/** Eigenvalues of larger matrices take longer than the neighbours of thousands of rows. */
const MAX_SIZE = 1024;
/** Rows for estimating a covariance: five per element give a small error. */
const MIN_ROWS = 4096;
const ROWS_PER_ELEMENT = 5;

/** Returns how many rows are used for `rows` rows. */
export function varianceRows(rows: number, depth: number): number {
  return Math.min(rows, depth > MAX_SIZE ? MAX_SIZE : Math.max(MIN_ROWS, ROWS_PER_ELEMENT * depth));
}

/** Returns the memory of `findVariance` in bytes. */
export function varianceBytes(rows: number, depth: number): number {
  return isShort(rows, depth) ? 8 * (3 * rows * depth + 3 * rows ** 2) : momentsBytes({ rows, depth }, true);
}

export interface Variance {
  readonly effectiveRank: number;
  /** Fractions of the variance in the first direction and in the first ten. */
  readonly inFirst: number;
  readonly inFirstTen: number;
  /** The first directions, one after another. */
  readonly directions: Float64Array;
  /** Pearson correlation between the length of a row and its mean score with all rows. */
  readonly normScoreCorrelation: number;
}

/** Measures rows that all have a direction. `unitSum` is the sum of all `count` rows at length 1, and `scale` brings lengths near 1. */
export function* findVariance(
  rows: AnyRows,
  directions: number,
  scale: number,
  { unitSum, count }: { readonly unitSum: Float64Array; readonly count: number },
  products: Products,
): Steps<Variance> {
  const { depth } = rows;
  const feed = new RowFeed(rows, 'x', Math.max(1, Math.floor(2 ** 16 / (depth + 1))));
  const norms = new Float64Array(rows.rows);
  const scores = new Float64Array(rows.rows);
  const note = (at: number, row: Float64Array) => {
    const norm = normOf(row);
    let toAll = 0;
    for (let k = 0; k < depth; k++) toAll += (row[k] as number) * (unitSum[k] as number);
    norms[at] = norm;
    scores[at] = (toAll / norm - 1) / (count - 1);
  };
  const read = (row: Float64Array) => {
    for (let k = 0; k < depth; k++) row[k] = (row[k] as number) * scale;
  };
  const found = isShort(rows.rows, depth)
    ? yield* ofFewRows(feed, directions, note, read, products)
    : yield* ofManyRows(feed, directions, note, read, products);
  return { ...found, normScoreCorrelation: correlation(norms, scores) };
}

type Note = (at: number, row: Float64Array) => void;
type Spread = Omit<Variance, 'normScoreCorrelation'>;

/** Returns whether the matrix of products of rows is smaller than the covariance of elements. Both have the same eigenvalues. */
function isShort(rows: number, depth: number): boolean {
  return rows <= depth || depth > MAX_SIZE;
}

function* ofManyRows(
  feed: RowFeed,
  count: number,
  note: Note,
  read: (row: Float64Array) => void,
  products: Products,
): Steps<Spread> {
  const { depth } = feed.source;
  const { covariance } = yield* findMoments(
    feed,
    (block, at, row) => {
      block.copyRows(at, at + 1, row, 0);
      note(at, row);
      read(row);
      return true;
    },
    products,
  );
  const found = (yield principalDirections(covariance, depth, count, products, ROUGH)) as { readonly vectors: Float64Array };
  return { ...spreadOf(yield* eigenvaluesOf(covariance, depth)), directions: found.vectors };
}

function* ofFewRows(
  feed: RowFeed,
  count: number,
  note: Note,
  read: (row: Float64Array) => void,
  products: Products,
): Steps<Spread> {
  const { rows, depth } = feed.source;
  const all = new Float64Array(rows * depth);
  const mean = new Float64Array(depth);
  yield* feed.visit(0, rows, (block, from, to) => {
    for (let at = from; at < to; at++) {
      const row = all.subarray(at * depth, (at + 1) * depth);
      block.copyRows(at, at + 1, row, 0);
      note(at, row);
      read(row);
      for (let k = 0; k < depth; k++) mean[k] = (mean[k] as number) + (row[k] as number) / rows;
    }
  });
  for (let at = 0; at < all.length; at++) all[at] = (all[at] as number) - (mean[at % depth] as number);
  const gram = (yield products(all, all, depth)) as Float64Array;
  for (let at = 0; at < gram.length; at++) gram[at] = (gram[at] as number) / rows;
  const { vectors, variances } = (yield principalDirections(gram, rows, count, products, ROUGH)) as {
    readonly vectors: Float64Array;
    readonly variances: Float64Array;
  };
  const directions = new Float64Array(variances.length * depth);
  for (const [at, variance] of variances.entries()) {
    const direction = directions.subarray(at * depth, (at + 1) * depth);
    const length = Math.sqrt(variance * rows);
    for (let row = 0; row < rows; row++) {
      const weight = (vectors[at * rows + row] as number) / length;
      for (let k = 0; k < depth; k++) direction[k] = (direction[k] as number) + weight * (all[row * depth + k] as number);
    }
  }
  return { ...spreadOf(yield* eigenvaluesOf(gram, rows)), directions };
}

/** Effective rank of Roy and Vetterli: e to the power of the entropy of the fractions of variance. */
function spreadOf(eigenvalues: Float64Array): Omit<Spread, 'directions'> {
  const positive = eigenvalues.map((value) => Math.max(0, value));
  const whole = positive.reduce((sum, value) => sum + value, 0);
  if (!(whole > 0)) return { effectiveRank: Number.NaN, inFirst: Number.NaN, inFirstTen: Number.NaN };
  let entropy = 0;
  for (const value of positive) if (value > 0) entropy -= (value / whole) * Math.log(value / whole);
  const inFirstTen = positive.subarray(0, 10).reduce((sum, value) => sum + value, 0) / whole;
  return { effectiveRank: Math.exp(entropy), inFirst: (positive[0] as number) / whole, inFirstTen };
}

/** Pearson correlation; NaN if either list hardly varies. */
function correlation(a: Float64Array, b: Float64Array): number {
  const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value / values.length, 0);
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [ofA, ofB, ofBoth] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [(a[at] as number) / meanA - 1, (b[at] as number) - meanB];
    ofA += x * x;
    ofB += y * y;
    ofBoth += x * y;
  }
  const varies = ofA > a.length * 1e-10 && ofB > a.length * 1e-20;
  return varies ? ofBoth / Math.sqrt(ofA * ofB) : Number.NaN;
}
