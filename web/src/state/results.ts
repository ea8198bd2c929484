// What has been computed, as a report keeps it: what it opens with is not computed again.

import type { Clustering } from '../compute/cluster-order.js';
import type { Positions } from '../compute/principal-positions.js';
import type { Tile } from '../compute/pyramid.js';
import type { Examination, Histogram } from '../compute/session.js';
import { countAtOrAbove, type SimilarPairs } from '../compute/similar-pairs.js';
import type { MapMethod, RowOrder } from './choices.js';

export interface SavedResults {
  readonly histogram: Histogram;
  readonly pairs: SimilarPairs;
  readonly firstThreshold: number;
  /** What the matrix is ordered by, and the name of the column if it is one. */
  readonly order: RowOrder;
  readonly column: string | null;
  readonly permutation: Uint32Array | null;
  readonly clustering: Clustering | null;
  readonly maps: readonly (readonly [MapMethod, Positions])[];
  readonly examination: Examination | null;
  /** The finest level of `tiles`; finer ones are computed when they are looked at. */
  readonly base: number;
  readonly tiles: readonly Tile[];
}

/** Pairs that are kept at least, if there are so many. */
const MAX_PAIRS = 200_000;

/** The pairs down to the threshold, and more as far as they are few: the floor is then as high as the last of them. */
export function fewerPairs(pairs: SimilarPairs, threshold: number): SimilarPairs {
  const { scores, complete } = pairs;
  const wanted = Math.max(MAX_PAIRS, countAtOrAbove(pairs, threshold));
  if (!complete || wanted >= scores.length) return pairs;
  const floor = scores[wanted - 1] as number;
  const count = countAtOrAbove(pairs, floor);
  const joins = pairs.joins.findIndex((pair) => pair >= count);
  return {
    floor,
    complete,
    rows: pairs.rows.slice(0, count),
    cols: pairs.cols.slice(0, count),
    scores: scores.slice(0, count),
    joins: joins < 0 ? pairs.joins : pairs.joins.slice(0, joins),
  };
}
