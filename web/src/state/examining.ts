// The health of the rows, computed when the page first shows it.

import { computed, signal } from '@preact/signals';
import { disagreementsOf, hubsOf, outliersOf } from '../compute/oddities.js';
import type { Examination } from '../compute/session.js';
import { colourColumn, shown } from './answers.js';
import { computeInRoom } from './room-work.js';
import { session } from './session.js';
import { working } from './working.js';

export const examination = signal<Examination | null>(null);

export const outliers = computed(() =>
  examination.value ? outliersOf(examination.value.nearest, new Set(examination.value.zeroRows)) : [],
);
export const hubs = computed(() => (examination.value ? hubsOf(examination.value.nearest) : []));
/** Uses the column by which the map is coloured, or the first one; empty if there is no column of classes. */
export const classColumn = computed(() => colourColumn.value ?? shown.value?.columns[0]);
export const disagreements = computed(() =>
  examination.value && classColumn.value ? disagreementsOf(examination.value.nearest, classColumn.value.values) : [],
);

/** Examines the rows when they are available and the page shows their health. */
export function followExamining(): void {
  computeInRoom(
    'health',
    examination,
    (stop) => working('Examining the rows', (onProgress) => session.examine(onProgress), stop),
    () => void session.stopExamining(),
  );
}
