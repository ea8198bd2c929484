// Finds unusual rows by the nearest rows of each. Pure functions.

import type { Neighbours } from './map-neighbours.js';

export interface OddRow {
  readonly row: number;
  /** The reason for which it is listed, such as its best score. */
  readonly value: number;
}

/** Maximum number of listed rows. */
export const MAX_LISTED = 200;

/** Returns the rows whose nearest row is farthest, in that order, without zero rows. */
export function outliersOf({ scores, shape: [rows, k] }: Neighbours, zeroRows: ReadonlySet<number>): OddRow[] {
  const best = (row: number) => scores[row * k] as number;
  return Array.from({ length: k > 0 ? rows : 0 }, (_, row) => ({ row, value: best(row) }))
    .filter(({ row }) => !zeroRows.has(row))
    .sort((a, b) => a.value - b.value || a.row - b.row)
    .slice(0, MAX_LISTED);
}

/** Returns the rows that are most often among the nearest of others, with the counts; only rows with at least three times the mean. */
export function hubsOf({ indices, shape: [rows, k] }: Neighbours): OddRow[] {
  const counts = new Uint32Array(rows);
  for (const row of indices) counts[row] = (counts[row] as number) + 1;
  return Array.from(counts, (value, row) => ({ row, value }))
    .filter(({ value }) => value >= 3 * k)
    .sort((a, b) => b.value - a.value || a.row - b.row)
    .slice(0, MAX_LISTED);
}

/** A row whose nearest rows have another label. */
export interface Disagreement extends OddRow {
  /** The label that most of its nearest rows have, weighted by score; `value` is its fraction of their scores. */
  readonly suggested: string;
}

/** Returns the rows whose nearest rows agree on a label other than the row's own, ordered by how much they agree. */
export function disagreementsOf({ indices, scores, shape: [rows, k] }: Neighbours, labels: readonly string[]): Disagreement[] {
  const found: Disagreement[] = [];
  for (let row = 0; row < rows; row++) {
    const weights = new Map<string, number>();
    let sum = 0;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const weight = Math.max(0, scores[at] as number);
      const label = labels[indices[at] as number] as string;
      weights.set(label, (weights.get(label) ?? 0) + weight);
      sum += weight;
    }
    let [suggested, most] = ['', 0];
    for (const [label, weight] of weights) if (weight > most) [suggested, most] = [label, weight];
    if (most > sum / 2 && suggested !== labels[row]) found.push({ row, suggested, value: most / sum });
  }
  return found.sort((a, b) => b.value - a.value || a.row - b.row).slice(0, MAX_LISTED);
}

/** Returns the rows that are all zeros. */
export function zeroRowsOf(rows: readonly ArrayLike<number>[]): number[] {
  const isZero = (row: ArrayLike<number>) => {
    for (let at = 0; at < row.length; at++) if (row[at] !== 0) return false;
    return true;
  };
  return Array.from(rows.keys()).filter((row) => isZero(rows[row] as ArrayLike<number>));
}

/** Returns the rows that equal an earlier row element by element, with the first such row as the value. */
export function equalRowsOf(rows: readonly (Float32Array | Float64Array)[]): OddRow[] {
  const byHash = new Map<number, number[]>();
  const found: OddRow[] = [];
  for (const [row, elements] of rows.entries()) {
    const hash = hashOf(elements);
    const others = byHash.get(hash) ?? [];
    const first = others.find((other) => areEqual(rows[other] as Float32Array, elements));
    if (first !== undefined) found.push({ row, value: first });
    else byHash.set(hash, [...others, row]);
  }
  return found;
}

function hashOf(elements: Float32Array | Float64Array): number {
  let hash = 0x811c9dc5;
  // -0 equals 0.
  const word = new Float32Array(1);
  const bits = new Uint32Array(word.buffer);
  for (const element of elements) {
    word[0] = element + 0;
    hash = Math.imul(hash ^ (bits[0] as number), 0x01000193);
  }
  return hash >>> 0;
}

function areEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
