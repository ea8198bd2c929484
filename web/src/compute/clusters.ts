// The clusters of a clustering that is cut at a score, and its branches. Pure functions.

import type { Clustering } from './cluster-order.js';

/** Returns the positions [start, end) of each cluster at the cut, in order: rows that join at or above it. */
function runsAt(joins: ArrayLike<number>, cut: number): [start: number, end: number][] {
  const runs: [number, number][] = [];
  let start = 0;
  for (let place = 0; place <= joins.length; place++) {
    if (place < joins.length && (joins[place] as number) >= cut) continue;
    runs.push([start, place + 1]);
    start = place + 1;
  }
  return runs;
}

/** Returns the clusters of two or more rows at a cut, each ascending; the largest first, and equal sizes by lowest row. */
export function clustersAt({ order, joins }: Clustering, cut: number): number[][] {
  return runsAt(joins, cut)
    .filter(([start, end]) => end - start > 1)
    .map(([start, end]) => Array.from(order.subarray(start, end)).sort((a, b) => a - b))
    .sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}

/** The number of cuts tried for the initial one, and the minimum size of a cluster worth naming, as a fraction of the rows. */
const TRIED = 200;
const WORTH = 0.05;

/** Returns the initial cut: the lowest of those with the most clusters of at least 5% of the rows. */
export function firstCut({ joins }: Clustering): number {
  const sorted = Float32Array.from(joins).sort();
  const least = Math.max(2, WORTH * (joins.length + 1));
  let [best, most] = [sorted[0] ?? 0, 0];
  for (let tried = 0; tried < TRIED; tried++) {
    const cut = sorted[Math.floor((tried * sorted.length) / TRIED)] ?? 0;
    const count = runsAt(joins, cut).filter(([start, end]) => end - start >= least).length;
    if (count > most) [best, most] = [cut, count];
  }
  return best;
}

/** The join of two halves of the tree. Positions are fractions of the rows, from the upper edge of the first row. */
export interface Branch {
  readonly start: number;
  readonly end: number;
  readonly middle: number;
  readonly score: number;
  readonly halves: readonly [Tip, Tip];
}

interface Tip {
  readonly middle: number;
  readonly score: number;
}

/** Returns all branches of the tree, the highest scores first. */
export function branchesOf(joins: ArrayLike<number>): Branch[] {
  type Part = Pick<Branch, 'start' | 'end' | 'middle' | 'score'>;
  // A part of the tree that begins or ends at a position.
  const partAt: Part[] = Array.from({ length: joins.length + 1 }, (_, row) => ({
    start: row,
    end: row + 1,
    middle: row + 0.5,
    score: 1,
  }));
  const byScore = Uint32Array.from({ length: joins.length }, (_, place) => place).sort(
    (a, b) => (joins[b] as number) - (joins[a] as number) || a - b,
  );
  return Array.from(byScore, (place) => {
    const [left, right] = [partAt[place] as Part, partAt[place + 1] as Part];
    const branch = {
      start: left.start,
      end: right.end,
      middle: (left.middle + right.middle) / 2,
      score: joins[place] as number,
      halves: [left, right] as const,
    };
    partAt[branch.start] = branch;
    partAt[branch.end - 1] = branch;
    return branch;
  });
}
