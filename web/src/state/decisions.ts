// Which rows the user keeps and drops, with undo.

import { computed, signal } from '@preact/signals';
import type { Decision } from '../../../src/cli/view/page-data.js';

export type { Decision };

/** A row and its decision; undefined removes a decision. */
export type Change = readonly [row: number, decision: Decision | undefined];

const current = signal<ReadonlyMap<number, Decision>>(new Map());
/** The previous decisions that each step changed. */
const before = signal<readonly (readonly Change[])[]>([]);

export const decisions = computed(() => current.value);
export const canUndo = computed(() => before.value.length > 0);

/** The dropped rows. */
export const dropped = computed<ReadonlySet<number>>(() => {
  const rows = new Set<number>();
  for (const [row, decision] of current.value) if (decision === 'drop') rows.add(row);
  return rows;
});

/** Makes these changes in one step. */
export function decide(changes: readonly Change[]): void {
  const next = new Map(current.peek());
  const undone = changes.map(([row]): Change => [row, next.get(row)]);
  if (changes.every(([row, decision]) => next.get(row) === decision)) return;
  apply(next, changes);
  current.value = next;
  before.value = [...before.peek(), undone];
}

/** Undoes the last step; returns a row that it had changed. */
export function undo(): number | undefined {
  const last = before.peek().at(-1);
  if (!last) return undefined;
  const next = new Map(current.peek());
  apply(next, last);
  current.value = next;
  before.value = before.peek().slice(0, -1);
  return last[0]?.[0];
}

/** Starts with decisions from a file. */
export function startWith(saved: ReadonlyMap<number, Decision>): void {
  current.value = saved;
  before.value = [];
}

function apply(into: Map<number, Decision>, changes: readonly Change[]): void {
  for (const [row, decision] of changes) {
    if (decision) into.set(row, decision);
    else into.delete(row);
  }
}

/** Returns every row that is not dropped, ascending. */
export function keptRows(rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) => !dropped.peek().has(row));
}
