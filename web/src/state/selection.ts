// The rows that the user has selected, which all views mark.

import { batch, computed, signal } from '@preact/signals';
import { rowsTab } from './choices.js';

/** What a box, a lasso, a group, a class or a search does to the selection. */
export type SelectionMode = 'replace' | 'add' | 'subtract';

/** How many rows the page has; what the address names beyond them is left out. */
export const selectable = signal(Number.POSITIVE_INFINITY);

const current = signal<ReadonlySet<number>>(new Set());

export const selectionMode = signal<SelectionMode>('replace');

/** The selected rows, ascending. */
export const selection = computed<readonly number[]>(() =>
  [...current.value].filter((row) => row < selectable.value).sort((a, b) => a - b),
);

export function isInSelection(row: number): boolean {
  return current.value.has(row);
}

/** Replaces the selection by these rows, or adds them, or takes them away; and shows the selection. */
export function selectRows(rows: Iterable<number>, mode: SelectionMode = selectionMode.peek()): void {
  const next = new Set(mode === 'replace' ? [] : current.peek());
  for (const row of rows) {
    if (mode === 'subtract') next.delete(row);
    else next.add(row);
  }
  batch(() => {
    current.value = next;
    rowsTab.value = 'selection';
  });
}

export function clearSelection(): void {
  current.value = new Set();
}

export function invertSelection(): void {
  const all = Array.from({ length: selectable.peek() }, (_, row) => row);
  current.value = new Set(all.filter((row) => !current.peek().has(row)));
}

/** Takes the selection from the address, without showing it. */
export function restoreSelection(rows: Iterable<number>): void {
  current.value = new Set(rows);
}
