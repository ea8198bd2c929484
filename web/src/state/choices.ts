// The choices of the user, all of which the address stores.

import { signal } from '@preact/signals';
import { CLUSTERED_AT_ONCE, MAX_CLUSTERED } from '../compute/cluster-order.js';
import type { MapMethod, RowOrder } from '../compute/results.js';

export type CellValue = 'mean' | 'max';
export type ColourRange = 'full' | 'fitted';
export type Room = 'overview' | 'review' | 'health' | 'models';
/** Rows joined by chains of pairs, sets in which every two rows are a pair, sets around a centre, or clusters of the clustering. */
export type GroupMethod = 'chains' | 'complete' | 'community' | 'clusters';

/** The order used if this one, or none, is chosen. */
export function orderFor(rows: number, chosen: RowOrder | null, isOfTwoFiles = false): RowOrder {
  if (isOfTwoFiles && chosen !== 'component' && (chosen !== 'column' || orderBy.value === null)) return 'given';
  if (chosen === null) return rows <= CLUSTERED_AT_ONCE ? 'clusters' : 'given';
  if (chosen === 'column' && orderBy.value === null) return 'given';
  if (chosen === 'clusters' && rows > MAX_CLUSTERED) return 'component';
  return chosen;
}

/** Finding the pairs of more rows takes minutes or hours, so it starts on request. */
export const MAX_ROWS_UNASKED = 200_000;
export const pairsAsked = signal(false);

/** A part of a picture: the position in its middle, and its magnification relative to the whole. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** What fills the page: all views, the review of near-duplicates, the health of the rows, or how two models agree on them. */
export const room = signal<Room>('overview');
/** What the panel of rows shows: the neighbours of one row, or the selection. */
export const rowsTab = signal<'neighbours' | 'selection'>('neighbours');
/** The row that all views show. */
export const selected = signal<number | null>(null);
export const neighbourCount = signal(10);
export const threshold = signal<number | null>(null);
export const groupMethod = signal<GroupMethod>('chains');
/** The score at which the clustering is cut; null for one with many large clusters. */
export const cut = signal<number | null>(null);
/** Null means by clustering if that takes less than a second, otherwise as given. */
export const rowOrder = signal<RowOrder | null>(null);
export const cellValue = signal<CellValue>('mean');
export const colourRange = signal<ColourRange>('fitted');
/** The visible part of the matrix: its middle in rows; null is the whole. */
export const seen = signal<Part | null>(null);
export const mapMethod = signal<MapMethod>('pca');
/** The visible part of the map: its middle as fractions of the whole, from the left and the top; null is the whole. */
export const seenOfMap = signal<Part | null>(null);
/** The name of a column, or '' for groups; null is the first column, if there is one. */
export const colourBy = signal<string | null>(null);
/** The name of the column that names the rows, or '' for their numbers; null is the one that the page was given. */
export const labelBy = signal<string | null>(null);
/** The name of the column by which the rows of the matrix are ordered, if they are ordered by one. */
export const orderBy = signal<string | null>(null);
/**
 * The source of the rows' pictures: 'rows', 'column:' followed by the name of a column, or '' for none; null is what the page was given.
 */
export const pictureBy = signal<string | null>(null);
