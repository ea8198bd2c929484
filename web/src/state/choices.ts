// What the person at the page has chosen. The address remembers all of it.

import { signal } from '@preact/signals';
import { MAX_CLUSTERED } from '../compute/cluster-order.js';

export type RowOrder = 'given' | 'groups' | 'clusters' | 'column' | 'component';
export type CellValue = 'mean' | 'max';
export type ColourRange = 'full' | 'fitted';
export type Room = 'overview' | 'review' | 'health';
/** Rows joined by chains of pairs, sets of which every two are a pair, sets around a centre, or clusters of the clustering. */
export type GroupMethod = 'chains' | 'complete' | 'community' | 'clusters';
export type MapMethod = 'pca' | 'umap';

/** So many rows are clustered in under a second. */
const CLUSTERED_AT_ONCE = 2_000;

/** The order that is used where this one is chosen, or none is. */
export function orderFor(rows: number, chosen: RowOrder | null): RowOrder {
  if (chosen === null) return rows <= CLUSTERED_AT_ONCE ? 'clusters' : 'given';
  if (chosen === 'column' && orderBy.value === null) return 'given';
  if (chosen === 'clusters' && rows > MAX_CLUSTERED) return 'component';
  return chosen;
}

/** Pairs of more rows take minutes or hours: they are found when they are asked for. */
export const MAX_ROWS_UNASKED = 200_000;
export const pairsAsked = signal(false);

/** A part of a picture: what lies in its middle, and how many times larger than the whole it is. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** What fills the page: all views, the review of near-duplicates, or the health of the rows. */
export const room = signal<Room>('overview');
/** What the panel of rows shows: the neighbours of one row, or the selection. */
export const rowsTab = signal<'neighbours' | 'selection'>('neighbours');
/** The row that all views show. */
export const selected = signal<number | null>(null);
export const neighbourCount = signal(10);
export const threshold = signal<number | null>(null);
export const groupMethod = signal<GroupMethod>('chains');
/** The score at which the clustering is cut; null is one with many large clusters. */
export const cut = signal<number | null>(null);
/** Null is by clustering where that takes less than a second, or else as given. */
export const rowOrder = signal<RowOrder | null>(null);
export const cellValue = signal<CellValue>('mean');
export const colourRange = signal<ColourRange>('fitted');
/** Which part of the matrix is seen: its middle in rows; null is the whole. */
export const seen = signal<Part | null>(null);
export const mapMethod = signal<MapMethod>('pca');
/** Which part of the map is seen: its middle as shares of the whole, from the left and the top; null is the whole. */
export const seenOfMap = signal<Part | null>(null);
/** The name of a column, or '' for groups; null is the first column, if there is one. */
export const colourBy = signal<string | null>(null);
/** The name of the column that names the rows, or '' for their numbers; null is the one that the page was given. */
export const labelBy = signal<string | null>(null);
/** The name of the column that the rows of the matrix are ordered by, where they are ordered by one. */
export const orderBy = signal<string | null>(null);
/** What the pictures of rows are: 'rows', the name of a column behind 'column:', or '' for none; null is what the page was given. */
export const pictureBy = signal<string | null>(null);
