// The rows that the user has selected, which all views mark.

import { batch, computed, signal } from '@preact/signals';
import { rowsTab } from './choices.js';

/** How a box, a lasso, a group, a class or a search changes the selection. */
export type SelectionMode = 'replace' | 'add' | 'subtract';

/** The number of rows on the page; higher row numbers in the address are ignored. */
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

/** Replaces the selection by these rows, or adds or removes them, and shows the selection. */
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

/** Sets the selection from the address, without showing it. */
export function restoreSelection(rows: Iterable<number>): void {
  current.value = new Set(rows);
}
