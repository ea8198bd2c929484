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

/** Computes what is asked of a matrix in several modes, or with the same number, only once. */
function once<T>(compute: (scores: Scores, number: number) => T): (scores: Scores, number?: number) => T {
  const computed = new WeakMap<Scores, Map<number, T>>();
  return (scores, number = 0) => {
    const known = computed.get(scores) ?? new Map<number, T>();
    computed.set(scores, known);
    if (!known.has(number)) known.set(number, compute(scores, number));
    return known.get(number) as T;
  };
}

export const plainTopK = once(({ data, rows, cols, self }, k): { indices: number[]; scores: number[]; k: number } => {
  const lists = Array.from({ length: rows }, (_, row) => {
    const scores = data.subarray(row * cols, (row + 1) * cols);
    const columns = Array.from(scores.keys()).filter((col) => !(self && col === row));
    return columns.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b).slice(0, k);
  });
  return {
    indices: lists.flat(),
    scores: lists.flatMap((list, row) => list.map((col) => data[row * cols + col] as number)),
    k: Math.max(0, Math.min(k, self ? cols - 1 : cols)),
  };
});

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

/** The scores alone, in ascending order. */
const plainAscending = once((scores) => {
  const all = plainScores(scores);
  const ascending = new Float64Array(all.length);
  for (const [at, { score }] of all.entries()) ascending[at] = score;
  return ascending.sort();
});

/** The best `count` of them. The sort is stable, and rows and columns arrive in order. */
const plainBest = once((scores, count) => {
  const last = plainAscending(scores).at(-count) ?? -1;
  const best = plainScores(scores).filter(({ score }) => score >= last);
  return best.sort((a, b) => b.score - a.score).slice(0, count);
});

const plainSum = once((scores) => plainScores(scores).reduce((partial, { score }) => partial + score, 0));

/** Whether pairs are exactly those whose true cosine is at or above the threshold, with the bits of the matrix. */
export function isPairs(got: Computed<Pairs>, scores: Scores, threshold: number, truth: TrueCosines): boolean {
  return arePairs(
    got,
    plainScores(scores).filter(({ row, col, score }) => truth.reaches(row, col, score, threshold)),
  );
}

/** Whether pairs are the `count` with the highest scores, ties by row and column, bit for bit. */
export function isBestPairs(got: Computed<Pairs>, scores: Scores, count: number): boolean {
  return arePairs(got, plainBest(scores, count));
}

function arePairs({ length, rows, cols, scores }: Computed<Pairs>, want: readonly Scored[]): boolean {
  return (
    length === want.length &&
    rows.length === want.length &&
    want.every(({ row, col, score }, at) => rows[at] === row && cols[at] === col && Object.is(scores[at], score))
  );
}

export function isHistogram(got: Histogram, scores: Scores, bins: number): boolean {
  const all = plainAscending(scores);
  const { edges, counts, atOrAbove, total, minimum, maximum, mean } = got;
  if (total !== all.length || edges.length !== bins + 1 || counts.length !== bins || edges[0] !== -1 || edges[bins] !== 1)
    return false;
  const reaching = Array.from(edges, (edge) => all.length - countBelow(all, edge));
  for (let b = 0; b <= bins; b++) {
    if (atOrAbove[b] !== reaching[b]) return false;
    // The last bin includes its upper edge.
    const above = b + 1 < bins ? (reaching[b + 1] as number) : 0;
    if (b < bins && counts[b] !== (reaching[b] as number) - above) return false;
  }
  if (total === 0) return [minimum, maximum, mean].every(Number.isNaN);
  return minimum === all[0] && maximum === all.at(-1) && Math.abs(mean - plainSum(scores) / total) <= 1e-10;
}

/** How many of the ascending scores are below the edge. */
function countBelow(scores: Float64Array, edge: number): number {
  const first = scores.findIndex((score) => score >= edge);
  return first < 0 ? scores.length : first;
}

/** Whether both hold the same numbers; much faster than toEqual. */
export function isSame(got: ArrayLike<number>, want: ArrayLike<number>): boolean {
  if (got.length !== want.length) return false;
  for (let at = 0; at < want.length; at++) if (!Object.is(got[at], want[at])) return false;
  return true;
}
