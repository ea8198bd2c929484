// Answers of the calls without a matrix, derived from the whole matrix in the slow and obvious way.

import type { Histogram, Pairs, ScoreArray, TopK } from 'allpairs';
import type { Computed } from '#src/results.js';
import type { TrueCosines } from './exact.js';

/** A matrix of scores; `self` for a self-comparison. */
export interface Scores {
  readonly data: ScoreArray;
  readonly rows: number;
  readonly cols: number;
  readonly self: boolean;
}

export function plainTopK({ data, rows, cols, self }: Scores, k: number): { indices: number[]; scores: number[]; k: number } {
  const lists = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: cols }, (_, index) => ({ index, score: data[row * cols + index] as number }))
      .filter(({ index }) => !(self && index === row))
      .sort((a, b) => b.score - a.score || a.index - b.index)
      .slice(0, k),
  );
  return {
    indices: lists.flatMap((list) => list.map(({ index }) => index)),
    scores: lists.flatMap((list) => list.map(({ score }) => score)),
    k: Math.max(0, Math.min(k, self ? cols - 1 : cols)),
  };
}

/** Whether a top-k result agrees with the matrix bit for bit. */
export function isTopK(got: Computed<TopK>, scores: Scores, k: number): boolean {
  const want = plainTopK(scores, k);
  const sameShape = got.shape[0] === scores.rows && got.shape[1] === want.k && got.indices.length === want.indices.length;
  return sameShape && isSame(got.indices, want.indices) && isSame(got.scores, want.scores);
}

/** The scores of all pairs; in a self-comparison, each pair of different rows once. */
function plainScores({ data, rows, cols, self }: Scores): { row: number; col: number; score: number }[] {
  const scores: { row: number; col: number; score: number }[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = self ? row + 1 : 0; col < cols; col++) scores.push({ row, col, score: data[row * cols + col] as number });
  }
  return scores;
}

/** Whether pairs are exactly those whose true cosine is at or above the threshold, with the bits of the matrix. */
export function isPairs(got: Computed<Pairs>, scores: Scores, threshold: number, truth: TrueCosines): boolean {
  return arePairs(
    got,
    plainScores(scores).filter(({ row, col, score }) => truth.reaches(row, col, score, threshold)),
  );
}

/** Cached for each matrix, because sorting takes longest. */
const sorted = new WeakMap<Scores, ReturnType<typeof plainScores>>();

/** Whether pairs are the `count` with the highest scores, ties by row and column, bit for bit. */
export function isBestPairs(got: Computed<Pairs>, scores: Scores, count: number): boolean {
  let all = sorted.get(scores);
  if (!all) {
    // The sort is stable, and rows and columns arrive in order.
    all = plainScores(scores).sort((a, b) => b.score - a.score);
    sorted.set(scores, all);
  }
  return arePairs(got, all.slice(0, count));
}

function arePairs(got: Computed<Pairs>, want: readonly { row: number; col: number; score: number }[]): boolean {
  if (got.length !== want.length || got.rows.length !== want.length) return false;
  return (
    isSame(
      got.rows,
      want.map(({ row }) => row),
    ) &&
    isSame(
      got.cols,
      want.map(({ col }) => col),
    ) &&
    isSame(
      got.scores,
      want.map(({ score }) => score),
    )
  );
}

export function isHistogram(got: Histogram, scores: Scores, bins: number): boolean {
  const all = plainScores(scores).map(({ score }) => score);
  const { edges, counts, atOrAbove, total, minimum, maximum, mean } = got;
  if (total !== all.length || edges.length !== bins + 1 || counts.length !== bins || edges[0] !== -1 || edges[bins] !== 1)
    return false;
  for (let b = 0; b <= bins; b++) {
    if (all.filter((score) => score >= (edges[b] as number)).length !== atOrAbove[b]) return false;
    if (b === bins) continue;
    const next = b + 1 === bins ? Number.POSITIVE_INFINITY : (edges[b + 1] as number);
    if (all.filter((score) => score >= (edges[b] as number) && score < next).length !== counts[b]) return false;
  }
  if (total === 0) return [minimum, maximum, mean].every(Number.isNaN);
  const lowest = all.reduce((least, score) => Math.min(least, score), 1);
  const highest = all.reduce((most, score) => Math.max(most, score), -1);
  const sum = all.reduce((partial, score) => partial + score, 0);
  return minimum === lowest && maximum === highest && Math.abs(mean - sum / total) <= 1e-10;
}

function isSame(got: ArrayLike<number>, want: readonly number[]): boolean {
  return got.length === want.length && want.every((value, index) => Object.is(got[index], value));
}
