// Names of groups: those that the user gives, or else words that distinguish a group from the others.

import { computed, signal } from '@preact/signals';
import { distinctiveWords } from '../compute/distinctive-words.js';
import type { GivenName } from '../compute/results.js';
import { colourColumn, settledGroups, shown, usedMethod } from './answers.js';

/** The names that the user gave. */
export const givenNames = signal<readonly GivenName[]>([]);

/** Names a group. An empty name restores the automatic one. */
export function nameGroup(rows: readonly number[], name: string): void {
  const text = name.trim();
  const others = givenNames.peek().filter((one) => !isSameGroup(one.rows, new Set(rows)));
  givenNames.value = text === '' ? others : [...others, { name: text, rows }];
}

/** Returns whether most rows of each are in the other, so that a group that has changed slightly keeps its name. */
export function isSameGroup(named: readonly number[], group: ReadonlySet<number>): boolean {
  const shared = named.filter((row) => group.has(row)).length;
  return 2 * shared > named.length && 2 * shared > group.size;
}

/** The name of each group while the slider rests. */
export const groupNames = computed<readonly string[]>(() => {
  const groups = settledGroups.value;
  const texts = shown.value?.labels ?? colourColumn.value?.values ?? null;
  const words = texts ? distinctiveWords(groups, texts) : [];
  const noun = usedMethod.value === 'clusters' ? 'cluster' : 'group';
  const names = groups.map((_, at) => words[at] || `${noun} ${at + 1}`);
  return groups.map((rows, at) => givenNameOf(rows) ?? (names[at] as string));
});

/** Returns the name that the user gave to a group, if any. */
export function givenNameOf(rows: readonly number[]): string | undefined {
  if (givenNames.value.length === 0) return undefined;
  const group = new Set(rows);
  return givenNames.value.findLast((one) => isSameGroup(one.rows, group))?.name;
}
