// The minimum, maximum and sum of the scores of a matrix, block by block.

import type { ScoreArray } from '../../rows/dtype.js';

export interface Extreme {
  readonly row: number;
  readonly col: number;
  readonly score: number;
}

/** Summary of `count` scores: for a symmetric matrix, only pairs with row < col. */
export interface ScoreSummary {
  readonly count: number;
  readonly lowest: Extreme;
  readonly highest: Extreme;
  readonly sum: number;
}

/** Position of a block of scores in the matrix. */
export interface SummarizedBlock {
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
}

export function summarizeBlock(scores: ScoreArray, block: SummarizedBlock, symmetric: boolean): ScoreSummary {
  const { rows, cols } = block;
  const triangle = symmetric && block.row === block.col;
  let low = Number.POSITIVE_INFINITY;
  let lowAt = -1;
  let high = Number.NEGATIVE_INFINITY;
  let highAt = -1;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const from = triangle ? i + 1 : 0;
    count += Math.max(0, cols - from);
    for (let at = i * cols + from; at < (i + 1) * cols; at++) {
      const score = scores[at] as number;
      sum += score;
      if (score < low) {
        low = score;
        lowAt = at;
      }
      if (score > high) {
        high = score;
        highAt = at;
      }
    }
  }
  const extreme = (score: number, at: number): Extreme =>
    at < 0 ? { row: -1, col: -1, score } : { row: block.row + Math.floor(at / cols), col: block.col + (at % cols), score };
  return { count, lowest: extreme(low, lowAt), highest: extreme(high, highAt), sum };
}

export const NO_SCORES: ScoreSummary = {
  count: 0,
  lowest: { row: -1, col: -1, score: Number.POSITIVE_INFINITY },
  highest: { row: -1, col: -1, score: Number.NEGATIVE_INFINITY },
  sum: 0,
};

/** Combines two summaries. Among equal scores, the one with the lowest row, then column, is reported. */
export function joinSummaries(a: ScoreSummary, b: ScoreSummary): ScoreSummary {
  // A summary without scores has passed through JSON, which cannot represent infinities.
  if (a.count === 0 || b.count === 0) return a.count === 0 ? b : a;
  return {
    count: a.count + b.count,
    lowest: firstOf(a.lowest, b.lowest, a.lowest.score - b.lowest.score),
    highest: firstOf(a.highest, b.highest, b.highest.score - a.highest.score),
    sum: a.sum + b.sum,
  };
}

function firstOf(a: Extreme, b: Extreme, difference: number): Extreme {
  if (difference !== 0) return difference < 0 ? a : b;
  if (a.row < 0 || b.row < 0) return a.row < 0 ? b : a;
  return a.row < b.row || (a.row === b.row && a.col <= b.col) ? a : b;
}
