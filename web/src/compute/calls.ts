// The calls that a page may make to the command's thread, and their arguments.

import type { Session } from './session.js';

/** A call of a page. Functions among the arguments stand for replies that are sent while it runs. */
export interface PageCall {
  /** Identifies the page, because each page has its own order of the matrix. */
  readonly page: string;
  readonly method: CallName;
  readonly args: readonly unknown[];
}

/** The reply: any number of `callback`, then a result or an error. */
export type Reply =
  | { readonly callback: number; readonly args: readonly unknown[] }
  | { readonly result: unknown }
  | { readonly error: string };

type Check = (value: unknown, rows: number) => boolean;

const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isRow: Check = (value, rows) => isCount(value, rows) && (value as number) < rows;
const isRowList: Check = (value, rows) => Array.isArray(value) && value.every((row) => isRow(row, rows));
const isGroups: Check = (value, rows) =>
  Array.isArray(value) && value.every((group) => isRowList(group, rows) && group.length > 0);
const isMethod: Check = (value) => value === 'complete' || value === 'community';
const isScore: Check = (value) => typeof value === 'number' && value >= -1 && value <= 1;
const isCallback: Check = (value) => typeof value === 'function';
const isFew: Check = (value, rows) => isCount(value, rows) && (value as number) <= 1000;
/** Contains each row once. */
const isOrder: Check = (value, rows) =>
  value === null ||
  (value instanceof Uint32Array && value.length === rows && value.every((row) => row < rows) && new Set(value).size === rows);
const isPlace: Check = (value, rows) => {
  const { level, row, col } = (value ?? {}) as Record<string, unknown>;
  const isTile = (at: unknown) => isCount(at, rows) && (at as number) * 256 * 2 ** (level as number) < rows;
  return isCount(level, rows) && (level as number) < 32 && isTile(row) && isTile(col);
};
const isHistogram: Check = (value) => {
  const { edges, atOrAbove, sampling } = (value ?? {}) as Record<string, unknown>;
  return [edges, atOrAbove].every((list) => list instanceof Float64Array) && isFew(sampling, 0);
};

/** Checks the arguments of each call. */
const CALLS = {
  facts: [],
  drawMatrix: [isOrder, isCallback, isCallback],
  drawTile: [isPlace],
  score: [isRow, isRow],
  neighbours: [isRow, isFew],
  neighboursOfMean: [isRowList, isFew],
  bestMatches: [isCallback],
  comparedNeighbours: [isRow, isFew],
  modelOverlaps: [isCallback],
  stopModelOverlaps: [],
  examine: [isCallback],
  stopExamining: [],
  checksum: [],
  elementsOf: [isRowList],
  histogram: [isCallback],
  similarPairs: [isHistogram, isCallback],
  stopPairs: [],
  clusterOrder: [isCallback],
  stopClustering: [],
  principalPositions: [isCallback],
  mapNeighbours: [isCallback],
  stopMapNeighbours: [],
  chanceThreshold: [],
  groupsAt: [isScore, isCallback],
  otherGroups: [isMethod, isScore, isCallback],
  describeGroups: [isGroups],
} as const satisfies Partial<Record<keyof Session, readonly Check[]>>;

export type CallName = keyof typeof CALLS;

/** Returns the call if it can be answered for this many rows; otherwise undefined. */
export function checkCall(value: unknown, rows: number): PageCall | undefined {
  const { page, method, args } = (value ?? {}) as Record<string, unknown>;
  if (typeof page !== 'string' || page.length > 100 || !Object.hasOwn(CALLS, method as string)) return undefined;
  const checks: readonly Check[] = CALLS[method as CallName];
  if (!Array.isArray(args) || args.length !== checks.length) return undefined;
  return checks.every((check, at) => check(args[at], rows)) ? { page, method: method as CallName, args } : undefined;
}
