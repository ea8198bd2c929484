// Surveys all rows in one pass: which have a direction, their lengths, duplicates, and the mean score of all pairs.

import type { RowFeed } from '../engine/row-feed.js';
import type { Steps } from '../engine/turns.js';
import { EqualRows } from './equal-rows.js';

export interface Survey {
  readonly zeroRows: number;
  readonly nonFiniteRows: number;
  /** Rows that equal an earlier row. */
  readonly duplicateRows: number;
  /** The numbers of the other rows, which have a direction. */
  readonly directed: Uint32Array;
  readonly norms: Norms;
  /** The mean of the rows that have a direction, and the sum of these rows scaled to length 1. */
  readonly mean: Float64Array;
  readonly unitSum: Float64Array;
}

/** Statistics of the lengths; NaN if there are no rows. */
export interface Norms {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Returns the memory of a survey of `rows` rows in bytes. */
export function surveyBytes(rows: number, depth: number): number {
  return 4 * rows + EqualRows.bytesFor(rows) + 8 * 4 * depth;
}

export function* survey(feed: RowFeed): Steps<Survey> {
  const { rows, depth, staged } = feed.source;
  const row = new Float64Array(depth);
  const directed = new Uint32Array(rows);
  const sum = new Float64Array(depth);
  const unitSum = new Float64Array(depth);
  const equal = new EqualRows(rows, depth, staged);
  const norms = new RunningNorms();
  let zeroRows = 0;
  let nonFiniteRows = 0;
  let count = 0;
  yield* feed.visit(0, rows, (block, from, to) => {
    for (let at = from; at < to; at++) {
      block.copyRows(at, at + 1, row, 0);
      const norm = normOf(row);
      if (norm === 0) zeroRows++;
      else if (!Number.isFinite(norm)) nonFiniteRows++;
      if (!(norm > 0 && Number.isFinite(norm))) continue;
      directed[count++] = at;
      norms.add(norm);
      equal.add(row);
      for (let k = 0; k < depth; k++) {
        const value = row[k] as number;
        sum[k] = (sum[k] as number) + value;
        unitSum[k] = (unitSum[k] as number) + value / norm;
      }
    }
  });
  return {
    zeroRows,
    nonFiniteRows,
    duplicateRows: equal.count,
    directed: directed.subarray(0, count),
    norms: norms.result(),
    mean: sum.map((value) => value / count),
    unitSum,
  };
}

/** Returns the length: NaN or infinity for a non-finite row, and the largest number for a finite row whose length overflows float64. */
export function normOf(row: Float64Array): number {
  let squares = 0;
  for (let k = 0; k < row.length; k++) squares += (row[k] as number) ** 2;
  if (squares > 1e-280 && squares < 1e280) return Math.sqrt(squares);
  let largest = 0;
  for (const value of row) {
    if (value - value !== 0) return Number.NaN;
    largest = Math.max(largest, Math.abs(value));
  }
  if (largest === 0) return 0;
  squares = 0;
  for (const value of row) squares += (value / largest) ** 2;
  return Math.min(largest * Math.sqrt(squares), Number.MAX_VALUE);
}

/** Running mean and deviation by Welford's method, which avoids cancellation. */
class RunningNorms {
  private count = 0;
  private minimum = Number.POSITIVE_INFINITY;
  private maximum = Number.NEGATIVE_INFINITY;
  private mean = 0;
  private squares = 0;

  add(norm: number): void {
    this.count++;
    this.minimum = Math.min(this.minimum, norm);
    this.maximum = Math.max(this.maximum, norm);
    const before = norm - this.mean;
    this.mean += before / this.count;
    this.squares += before * (norm - this.mean);
  }

  result(): Norms {
    const { count, minimum, maximum, mean, squares } = this;
    if (count === 0) return { minimum: Number.NaN, maximum: Number.NaN, mean: Number.NaN, deviation: Number.NaN };
    return { minimum, maximum, mean, deviation: Math.sqrt(squares / count) };
  }
}
