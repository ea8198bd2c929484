// What the address is too short for, kept in the history entry: the names that the user gave to groups, and a long selection. A reload
// has them again.

import { computed } from '@preact/signals';
import type { GivenName } from '../compute/results.js';
import { givenNames } from './group-names.js';
import { rangesOf, rowsOf } from './row-ranges.js';
import { restoreSelection, selection } from './selection.js';

/** A longer selection is not in the address, which would become unwieldy. */
const MAX_IN_ADDRESS = 300;
/** Browsers limit the state of a history entry; Firefox to 16 MiB. */
const MAX_IN_STATE = 1_000_000;

export interface HistoryState {
  readonly rows: string | undefined;
  readonly names: readonly GivenName[];
}

const selectionText = computed(() => rangesOf(selection.value));
const keptNames = computed(() => (JSON.stringify(givenNames.value).length <= MAX_IN_STATE ? givenNames.value : []));

/** The selection as the address has it; undefined where it is empty or too long. */
export function selectionInAddress(): string | undefined {
  const text = selectionText.value;
  return text === '' || text.length > MAX_IN_ADDRESS ? undefined : text;
}

export function historyState(): HistoryState {
  const text = selectionText.value;
  const isLong = text.length > MAX_IN_ADDRESS && text.length <= MAX_IN_STATE;
  return { rows: isLong ? text : undefined, names: keptNames.value };
}

export function isSameState(a: HistoryState, b: HistoryState): boolean {
  return a.rows === b.rows && a.names === b.names;
}

/** Restores what an entry holds; one without a state changes nothing. */
export function restoreState(state: Partial<HistoryState> | null): void {
  const rows = state?.rows ? rowsOf(state.rows) : null;
  if (rows) restoreSelection(rows);
  if (state?.names) givenNames.value = state.names;
}
