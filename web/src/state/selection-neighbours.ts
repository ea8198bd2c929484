// The rows most similar to the selection as a whole.

import { effect, signal } from '@preact/signals';
import { selectedRow } from './answers.js';
import { neighbourCount, rowsTab } from './choices.js';
import { selection } from './selection.js';
import { session } from './session.js';
import { guarded } from './working.js';

/** What the panel lists: the selected rows, or the rows most similar to their mean. */
export const listed = signal<'rows' | 'neighbours'>('rows');

/** The rows of exactly this selection. */
export interface SelectionNeighbours {
  readonly rows: readonly number[];
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

export const selectionNeighbours = signal<SelectionNeighbours | null>(null);

/** Computes them whenever they are listed and the selection has changed. A picked row is shown with its own neighbours. */
export function followSelection(): void {
  effect(() => {
    if (selectedRow.value !== null) rowsTab.value = 'neighbours';
  });
  effect(() => {
    const rows = selection.value;
    const k = neighbourCount.value;
    if (listed.value !== 'neighbours' || rowsTab.value !== 'selection' || rows.length === 0) return;
    void guarded(async () => {
      const found = await session.neighboursOfMean(rows, k);
      if (selection.peek() === rows && neighbourCount.peek() === k) selectionNeighbours.value = { rows, ...found };
    });
  });
}
