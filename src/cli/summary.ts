import type { Matrix } from '../index.js';

interface Extreme {
  readonly row: number;
  readonly col: number;
  readonly score: number;
}

/** Of `count` scores: of a symmetric matrix the pairs of different rows, else all. */
export interface ScoreSummary {
  readonly count: number;
  readonly lowest: Extreme;
  readonly mean: number;
  readonly highest: Extreme;
}

/** Of equal scores the one with the lowest row, then column, is named. */
export function summarizeScores({ data, shape }: Matrix, symmetric: boolean): ScoreSummary {
  const [rows, cols] = shape;
  let lowest = { row: -1, col: -1, score: Number.POSITIVE_INFINITY };
  let highest = { row: -1, col: -1, score: Number.NEGATIVE_INFINITY };
  let sum = 0;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let col = symmetric ? row + 1 : 0; col < cols; col++) {
      const score = data[row * cols + col] as number;
      sum += score;
      count++;
      if (score < lowest.score) lowest = { row, col, score };
      if (score > highest.score) highest = { row, col, score };
    }
  }
  return { count, lowest, mean: sum / count, highest };
}
