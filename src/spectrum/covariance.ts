// Computes the mean and the covariance of rows in float64, in one pass. The backend multiplies the columns of one block at a time.

import type { RowFeed } from '../engine/row-feed.js';
import type { Steps } from '../engine/turns.js';
import type { RowSource } from '../rows/row-source.js';
import type { AnyRows } from '../rows/stored-rows.js';
import type { Products } from './products.js';

/** Size of a block. It does not depend on the memory budget, because the last digits of the sums depend on it. */
const MAX_BLOCK_ROWS = 2 ** 10;
const MIN_BLOCK_ROWS = 2 ** 7;
const BLOCK_ELEMENTS = 2 ** 18;

export interface Moments {
  /** Rows that count. */
  readonly count: number;
  readonly mean: Float64Array;
  /** Empty if it was not requested. */
  readonly covariance: Float64Array;
}

/** Reads a row into `target`; returns false if the row does not count. Throws if the row is refused. */
export type ReadRow = (block: RowSource, row: number, target: Float64Array) => boolean;

/**
 * Returns the memory of `findMoments` in bytes: a block and its copies, and with a covariance also that and the products of a block.
 */
export function momentsBytes({ rows, depth }: Pick<AnyRows, 'rows' | 'depth'>, withCovariance: boolean): number {
  return withCovariance ? 3 * 8 * blockRows(rows, depth) * depth + 4 * 8 * depth ** 2 : 8 * 4 * depth;
}

function blockRows(rows: number, depth: number): number {
  const fitting = Math.max(MIN_BLOCK_ROWS, Math.floor(BLOCK_ELEMENTS / (depth + 1)));
  return Math.max(1, Math.min(rows, MAX_BLOCK_ROWS, fitting));
}

/** Returns the moments of the rows of `feed` that count. */
export function* findMoments(feed: RowFeed, readRow: ReadRow, products: Products | undefined): Steps<Moments> {
  const { rows, depth } = feed.source;
  const step = blockRows(rows, depth);
  const row = new Float64Array(depth);
  /** A point near the mean, so that subtracting its products loses few digits. */
  const origin = new Float64Array(depth);
  const sum = new Float64Array(depth);
  const covariance = new Float64Array(products ? depth ** 2 : 0);
  const columns = new Float64Array(products ? depth * step : 0);
  let count = 0;
  for (let from = 0; from < rows; from += step) {
    const end = Math.min(from + step, rows);
    const before = count;
    const blockSum = new Float64Array(depth);
    columns.fill(0);
    yield* feed.visit(from, end, (block, first, last) => {
      for (let at = first; at < last; at++) {
        if (!readRow(block, at, row)) continue;
        const place = count - before;
        count++;
        for (let k = 0; k < depth; k++) {
          const value = (row[k] as number) - (origin[k] as number);
          blockSum[k] = (blockSum[k] as number) + value;
          if (products) columns[k * step + place] = value;
        }
      }
    });
    for (let k = 0; k < depth; k++) sum[k] = (sum[k] as number) + (blockSum[k] as number);
    if (!products || count === before || depth === 0) continue;
    if (before === 0) moveOrigin(origin, sum, columns, count);
    const ofBlock = (yield products(columns, columns, step)) as Float64Array;
    for (let at = 0; at < covariance.length; at++) covariance[at] = (covariance[at] as number) + (ofBlock[at] as number);
  }
  const mean = Float64Array.from(sum, (value, k) => (origin[k] as number) + value / Math.max(1, count));
  for (let i = 0, at = 0; i < depth && products; i++) {
    for (let j = 0; j < depth; j++, at++) {
      covariance[at] = (covariance[at] as number) / count - ((sum[i] as number) / count) * ((sum[j] as number) / count);
    }
  }
  return { count, mean, covariance };
}

/** Moves the origin to the mean of the first block, which has `count` values in each of its `columns` and the sum `sum`. */
function moveOrigin(origin: Float64Array, sum: Float64Array, columns: Float64Array, count: number): void {
  const step = columns.length / origin.length;
  for (let k = 0; k < origin.length; k++) {
    const value = (sum[k] as number) / count;
    origin[k] = value;
    let rest = 0;
    for (let at = k * step; at < k * step + count; at++) {
      columns[at] = (columns[at] as number) - value;
      rest += columns[at] as number;
    }
    sum[k] = rest;
  }
}
