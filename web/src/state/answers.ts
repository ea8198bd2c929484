// What is known about the rows so far. Everything is null until it has been computed.

import { computed, signal } from '@preact/signals';
import type { LabelColumn, PageData } from '../../../src/cli/view/page-data.js';
import { type Clustering, MAX_CLUSTERED } from '../compute/cluster-order.js';
import { clustersAt, firstCut } from '../compute/clusters.js';
import type { ModelOverlaps } from '../compute/neighbour-overlap.js';
import type { Positions } from '../compute/principal-positions.js';
import type { MapMethod } from '../compute/results.js';
import type { Facts, Histogram } from '../compute/session.js';
import { countAtOrAbove, groupsAt, type SimilarPairs } from '../compute/similar-pairs.js';
import { colourBy, cut, type GroupMethod, groupMethod, type Room, room, selected, threshold } from './choices.js';

/** The rows that the page shows, and the data that accompany their numbers. */
export type Shown = Omit<PageData, 'source' | 'computing'>;

export const shown = signal<Shown | null>(null);
/** All known columns of the rows. */
export const table = signal<readonly LabelColumn[]>([]);
export const facts = signal<Facts | null>(null);
export const histogram = signal<Histogram | null>(null);
export const pairs = signal<SimilarPairs | null>(null);
/** Whether finding the pairs was cancelled. */
export const pairsStopped = signal(false);
export const neighbours = signal<{ row: number; indices: Uint32Array; scores: Float32Array } | null>(null);
export const positions = signal<{ readonly method: MapMethod; readonly places: Positions } | null>(null);
/** Rows in the order of the matrix; null for the given order. */
export const permutation = signal<Uint32Array | null>(null);

export interface Work {
  readonly what: string;
  /** The fraction that is done. */
  readonly done: number;
  /** Cancels it, if the page can do without. */
  readonly stop?: (() => void) | undefined;
}

/** Tasks that produce another picture of the matrix. */
export const MATRIX_WORKS: readonly string[] = ['Clustering', 'Comparing all rows', 'Comparing a sample of the rows'];

/** The task that produces another map. */
export const UMAP_WORK = 'Drawing the map by UMAP';

/** The current tasks; the one that started last comes last. */
export const works = signal<readonly Work[]>([]);
export const problem = signal<string | null>(null);
/** Whether the problem prevents the page from showing anything. */
export const nothingToShow = signal(false);

/** The initial threshold, until one has been chosen. */
export const firstThreshold = signal<number | null>(null);

/** The threshold in force: the chosen one, limited to the pairs that are held. */
export const usedThreshold = computed<number | null>(() => {
  const held = pairs.value;
  const chosen = threshold.value ?? firstThreshold.value;
  return held && chosen !== null ? Math.max(held.floor, chosen) : null;
});

/** The row that all views show: the chosen one, if it exists. */
export const selectedRow = computed<number | null>(() => {
  const row = selected.value;
  return row !== null && row < (shown.value?.rows ?? 0) ? row : null;
});

/** The threshold in force while the slider rests, for work that takes longer than a frame. */
export const settledThreshold = signal<number | null>(null);

export const clustering = signal<Clustering | null>(null);

/** The cut in force, and the same while the slider rests. */
export const usedCut = computed<number | null>(() => (clustering.value ? (cut.value ?? firstCut(clustering.value)) : null));
export const settledCut = signal<number | null>(null);

/** The method in force: too many rows are not clustered, whatever the address says. */
export const usedMethod = computed<GroupMethod>(() =>
  (groupMethod.value === 'clusters' && (shown.value?.rows ?? 0) > MAX_CLUSTERED) || shown.value?.against
    ? 'chains'
    : groupMethod.value,
);

/** The room in force: the one chosen, if the page has it. */
export const usedRoom = computed<Room>(() => (hasRoom(room.value) ? room.value : 'overview'));

/** Whether the page has this room: duplicates and health concern one set of rows, models two models of it. */
export function hasRoom(name: Room): boolean {
  const { against, compared } = shown.value ?? {};
  return name === 'overview' || (name === 'models' ? compared !== undefined : !against);
}

/** For each number of nearest rows that can be chosen, and each row, how many of these two models share. */
export const modelOverlaps = signal<ModelOverlaps | null>(null);

/** Groups by the library's methods at a threshold, once they have been found. */
export const otherGroups = signal<{
  readonly method: GroupMethod;
  readonly threshold: number;
  readonly groups: Groups;
} | null>(null);

type Groups = readonly (readonly number[])[];

/** Null while they are unknown. */
function groupsFor(limit: number | null, cutAt: number | null): Groups | null {
  const method = usedMethod.value;
  // Pairs across two files make no groups.
  if (shown.value?.against) return null;
  if (method === 'clusters') return clustering.value && cutAt !== null ? clustersAt(clustering.value, cutAt) : null;
  if (!pairs.value || limit === null) return null;
  if (method === 'chains') return groupsAt(pairs.value, limit, shown.value?.rows ?? 0);
  const found = otherGroups.value;
  return found?.method === method && found.threshold === limit ? found.groups : null;
}

/** The groups in force, largest first; null while they are unknown. */
const settled = computed(() => groupsFor(settledThreshold.value, settledCut.value));
const current = computed(() =>
  usedThreshold.value === settledThreshold.value && usedCut.value === settledCut.value
    ? settled.value
    : groupsFor(usedThreshold.value, usedCut.value),
);

/** Whether the groups are known, and the groups while the slider rests. */
export const hasGroups = computed<boolean>(() => current.value !== null);
export const hasSettledGroups = computed<boolean>(() => settled.value !== null);

const NONE: Groups = [];

/** Groups at the threshold or the cut, largest first. */
export const groups = computed<Groups>(() => current.value ?? NONE);
export const settledGroups = computed<Groups>(() => settled.value ?? NONE);

/** The number of each row's group while the slider rests, or -1. */
export const groupOfRow = computed<Int32Array>(() => {
  const of = new Int32Array(shown.value?.rows ?? 0).fill(-1);
  for (const [number, rows] of settledGroups.value.entries()) for (const row of rows) of[row] = number;
  return of;
});

/** The number of pairs at or above the threshold, which are the first ones. */
export const pairCount = computed<number>(() => {
  const held = pairs.value;
  if (!held || usedThreshold.value === null) return 0;
  return held.complete ? countAtOrAbove(held, usedThreshold.value) : (histogram.value?.atOrAbove.at(-1) ?? 0);
});

/** The column by which the map is coloured, or undefined for groups. */
export const colourColumn = computed(() => {
  const columns = shown.value?.columns ?? [];
  return colourBy.value === null ? columns[0] : columns.find(({ name }) => name === colourBy.value);
});

/** The rows and the columns of the matrix; with two files, `from` is the number of the first row of the second. */
export const matrixSize = computed(() => {
  const { rows = 0, against } = shown.value ?? {};
  return against ? { rows: against.from, cols: rows - against.from, from: against.from } : { rows, cols: rows, from: 0 };
});

/** How many pairs of rows are compared. */
export const comparedPairs = computed(() => {
  const { rows, cols } = matrixSize.value;
  return shown.value?.against ? rows * cols : (rows * (rows - 1)) / 2;
});

/** The name of the file that a row is in, if there are two. */
export function fileOf(row: number): string | undefined {
  const { names, from } = shown.value?.against ?? {};
  return names?.[row < (from ?? 0) ? 0 : 1];
}

/** The number of a row in its file. */
export function numberOf(row: number): number {
  const { from } = matrixSize.value;
  return row < from ? row : row - from;
}

/** The name of a row where its file is known. */
export function nameInFile(row: number): string {
  return shown.value?.labels?.[row] ?? `row ${numberOf(row)}`;
}

export function nameOf(row: number): string {
  const file = fileOf(row);
  return shown.value?.labels || file === undefined ? nameInFile(row) : `${nameInFile(row)} of ${file}`;
}
