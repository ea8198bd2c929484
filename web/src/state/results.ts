// Results that a report stores, so that they are not computed again when it is opened.

import type { Clustering } from '../compute/cluster-order.js';
import type { Positions } from '../compute/principal-positions.js';
import type { Tile } from '../compute/pyramid.js';
import type { Examination, Histogram } from '../compute/session.js';
import type { SimilarPairs } from '../compute/similar-pairs.js';
import type { MapMethod, RowOrder } from './choices.js';
import type { GivenName } from './group-names.js';

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
  readonly modelOverlaps: readonly Uint8Array[] | null;
  readonly names: readonly GivenName[];
  readonly selection: Uint32Array;
  /** The finest level of `tiles`; finer ones are computed when they are viewed. */
  readonly base: number;
  readonly tiles: readonly Tile[];
}
