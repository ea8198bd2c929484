// Results that a report stores, so that they are not computed again when it is opened. Pure.

import type { CallName } from './calls.js';
import type { Clustering } from './cluster-order.js';
import type { ModelOverlaps } from './neighbour-overlap.js';
import type { Positions } from './principal-positions.js';
import type { Tile } from './pyramid.js';
import type { Examination, Facts, Histogram } from './session.js';
import type { SimilarPairs } from './similar-pairs.js';

export type RowOrder = 'given' | 'groups' | 'clusters' | 'column' | 'component';
export type MapMethod = 'pca' | 'umap';

/** A name that the user gave to these rows. */
export interface GivenName {
  readonly name: string;
  readonly rows: readonly number[];
}

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
  readonly modelOverlaps: ModelOverlaps | null;
  readonly names: readonly GivenName[];
  readonly selection: Uint32Array;
  /** The finest level of `tiles`; finer ones are computed when they are viewed. */
  readonly base: number;
  readonly tiles: readonly Tile[];
  /** Answers to other calls that the page makes when it opens. */
  readonly answers: readonly SavedAnswer[];
}

export interface SavedAnswer {
  readonly method: CallName;
  /** Without the functions among them. */
  readonly args: readonly unknown[];
  readonly result: unknown;
}

/** The same for the same call. */
export function callKey(method: string, args: readonly unknown[]): string {
  return JSON.stringify([method, ...args.filter((argument) => typeof argument !== 'function')]);
}

/** Cells along a side of the matrix that a report opens with. */
export const CELLS_IN_REPORT = 1024;

/** What is known of the rows before anything is computed where the report is opened. */
export function factsInReport(facts: Facts): SavedAnswer {
  return { method: 'facts', args: [], result: { ...facts, threads: null, gpu: null } satisfies Facts };
}
