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

/** Computes what is asked of a matrix several times only once. */
function once<T>(compute: (scores: Scores) => T): (scores: Scores) => T {
  const computed = new WeakMap<Scores, T>();
  return (scores) => {
    const known = computed.get(scores) ?? compute(scores);
    computed.set(scores, known);
    return known;
  };
}

/** For each row, all columns with their scores, best first. */
const plainLists = once(({ data, rows, cols, self }) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: cols }, (_, index) => ({ index, score: data[row * cols + index] as number }))
      .filter(({ index }) => !(self && index === row))
      .sort((a, b) => b.score - a.score || a.index - b.index),
  ),
);

export function plainTopK(scores: Scores, k: number): { indices: number[]; scores: number[]; k: number } {
  const { cols, self } = scores;
  const lists = plainLists(scores).map((list) => list.slice(0, k));
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

interface Scored {
  readonly row: number;
  readonly col: number;
  readonly score: number;
}

/** The scores of all pairs; in a self-comparison, each pair of different rows once. */
const plainScores = once(({ data, rows, cols, self }): readonly Scored[] => {
  const scores: Scored[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = self ? row + 1 : 0; col < cols; col++) scores.push({ row, col, score: data[row * cols + col] as number });
  }
  return scores;
});

/** The same, best first. The sort is stable, and rows and columns arrive in order. */
const plainBest = once((scores) => plainScores(scores).toSorted((a, b) => b.score - a.score));

/** Whether pairs are exactly those whose true cosine is at or above the threshold, with the bits of the matrix. */
export function isPairs(got: Computed<Pairs>, scores: Scores, threshold: number, truth: TrueCosines): boolean {
  return arePairs(
    got,
    plainScores(scores).filter(({ row, col, score }) => truth.reaches(row, col, score, threshold)),
  );
}

/** Whether pairs are the `count` with the highest scores, ties by row and column, bit for bit. */
export function isBestPairs(got: Computed<Pairs>, scores: Scores, count: number): boolean {
  return arePairs(got, plainBest(scores).slice(0, count));
}

function arePairs({ length, rows, cols, scores }: Computed<Pairs>, want: readonly Scored[]): boolean {
  return (
    length === want.length &&
    rows.length === want.length &&
    want.every(({ row, col, score }, at) => rows[at] === row && cols[at] === col && Object.is(scores[at], score))
  );
}

export function isHistogram(got: Histogram, scores: Scores, bins: number): boolean {
  const all = Float64Array.from(plainScores(scores), ({ score }) => score);
  const countWhere = (holds: (score: number) => boolean) => all.reduce((count, score) => count + (holds(score) ? 1 : 0), 0);
  const { edges, counts, atOrAbove, total, minimum, maximum, mean } = got;
  if (total !== all.length || edges.length !== bins + 1 || counts.length !== bins || edges[0] !== -1 || edges[bins] !== 1)
    return false;
  for (let b = 0; b <= bins; b++) {
    const edge = edges[b] as number;
    if (countWhere((score) => score >= edge) !== atOrAbove[b]) return false;
    if (b === bins) continue;
    const next = b + 1 === bins ? Number.POSITIVE_INFINITY : (edges[b + 1] as number);
    if (countWhere((score) => score >= edge && score < next) !== counts[b]) return false;
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
