// The review of near-duplicates: its groups, the current one, and what is saved.

import { computed, effect, signal } from '@preact/signals';
import type { SavedDecisions } from '../../../src/cli/view/page-data.js';
import * as answers from './answers.js';
import { room } from './choices.js';
import { type Change, decide, decisions, startWith, undo } from './decisions.js';
import { type DecidedInput, fromFile, toFile } from './decisions-file.js';
import { session } from './session.js';
import { isDecided, keeperOf, type ReviewGroup, type Rule, suggestionsFor } from './suggestion.js';
import { guarded, working } from './working.js';

/** The groups at the threshold, largest first; null until they have been found. */
export const reviewGroups = signal<readonly ReviewGroup[] | null>(null);
export const position = signal(0);
/** The row that keys decide on. */
export const focused = signal<number | null>(null);
export const rule = signal<Rule>({ column: null, highest: true });
/** The outcome of saving, which the page shows. */
export const saveState = signal<'none' | 'saving' | 'saved' | 'failed'>('none');

export const currentGroup = computed<ReviewGroup | null>(() => reviewGroups.value?.[position.value] ?? null);
/** The rows of the group in the displayed order: first the suggested one, with which the others are compared. */
export const shownRows = computed<readonly number[]>(() => {
  const group = currentGroup.value;
  if (!group) return [];
  const keeper = keeperOf(group, rule.value);
  return [keeper, ...group.rows.filter((row) => row !== keeper)];
});

export const decidedCount = computed(
  () => (reviewGroups.value ?? []).filter((group) => isDecided(group, decisions.value)).length,
);

/** Finds the groups whenever the review is open and the threshold has changed, and saves if the command accepts it. */
export function followReview(): void {
  let found: number | null = null;
  effect(() => {
    const threshold = answers.settledThreshold.value;
    if (room.value !== 'review' || threshold === null || threshold === found) return;
    found = threshold;
    reviewGroups.value = null;
    void guarded(async () => {
      const groups = await working('Finding groups to review', (onProgress) => session.groupsAt(threshold, onProgress));
      if (found !== threshold) return;
      reviewGroups.value = groups;
      goTo(Math.max(0, nextUndecided(-1)));
    });
  });
  effect(() => {
    void decisions.value;
    if (answers.shown.peek()?.saving.decisions != null) void autosave();
  });
}

export function goTo(group: number): void {
  const groups = reviewGroups.peek() ?? [];
  position.value = Math.min(groups.length - 1, Math.max(0, group));
  const rows = shownRows.peek();
  focused.value = rows.find((row) => !decisions.peek().has(row)) ?? rows[0] ?? null;
}

/** Returns the next group with undecided rows, continuing at the first after the last; -1 if all are decided. */
function nextUndecided(after: number): number {
  const groups = reviewGroups.peek() ?? [];
  for (let step = 1; step <= groups.length; step++) {
    const at = (after + step) % groups.length;
    if (!isDecided(groups[at] as ReviewGroup, decisions.peek())) return at;
  }
  return -1;
}

/** Moves to the next group with undecided rows, or to the next group if all are decided. */
export function goToNext(): void {
  const next = nextUndecided(position.peek());
  goTo(next >= 0 ? next : position.peek() + 1);
}

/** Decides on the focused row, and moves the focus to the next undecided row of the group. */
export function decideFocused(decision: 'keep' | 'drop'): void {
  const row = focused.peek();
  const rows = shownRows.peek();
  if (row === null) return;
  decide([[row, decision]]);
  const at = rows.indexOf(row);
  const order = [...rows.slice(at + 1), ...rows.slice(0, at)];
  focused.value = order.find((other) => !decisions.peek().has(other)) ?? row;
}

export function moveFocus(by: number): void {
  const rows = shownRows.peek();
  const at = rows.indexOf(focused.peek() ?? -1);
  focused.value = rows[(at + by + rows.length) % rows.length] ?? null;
}

/** Accepts the suggestion for this group, and moves on. */
export function keepSuggested(): void {
  const group = currentGroup.peek();
  if (group) decide(suggestionsFor(group, rule.peek(), decisions.peek()));
  goToNext();
}

/** Accepts the suggestion for every group with undecided rows, in one step. */
export function keepSuggestedInAll(): void {
  const changes: Change[] = [];
  for (const group of reviewGroups.peek() ?? []) changes.push(...suggestionsFor(group, rule.peek(), decisions.peek()));
  decide(changes);
}

/** Undoes the last step, and shows its group. */
export function undoLast(): void {
  const row = undo();
  if (row === undefined) return;
  const at = (reviewGroups.peek() ?? []).findIndex(({ rows }) => rows.includes(row));
  if (at >= 0) goTo(at);
  if (at >= 0) focused.value = row;
}

async function decidedInput(): Promise<DecidedInput> {
  const { name, rows, depth } = answers.shown.peek() as answers.Shown;
  return { name, rows, depth, checksum: await session.checksum() };
}

/** Returns the decisions as a file holds them. */
export async function savedDecisions(): Promise<SavedDecisions> {
  return toFile(await decidedInput(), answers.settledThreshold.peek() ?? 1, decisions.peek());
}

/** Loads decisions from a file. Throws if they are not about these rows. */
export async function loadDecisions(file: unknown, name: string): Promise<void> {
  startWith(fromFile(file, name, await decidedInput()));
  goTo(Math.max(0, nextUndecided(-1)));
}

let sending: Promise<void> | undefined;
/** What the command has. */
let sent: unknown;

/** The command's file is the one that existed when the page was opened. */
export function isSaved(): void {
  sent = decisions.peek();
}

/** A command that does not answer is asked again. */
const RETRY_MS = 3000;

/** Sends the decisions to the command, one request after another. */
async function autosave(): Promise<void> {
  sending ??= (async () => {
    // Decisions made at once are sent together.
    await Promise.resolve();
    while (sent !== decisions.peek()) {
      const now = decisions.peek();
      saveState.value = 'saving';
      const body = JSON.stringify(await savedDecisions());
      const answer = await fetch(answers.shown.peek()?.saving.decisions as string, { method: 'POST', body }).catch(() => null);
      saveState.value = answer?.ok ? 'saved' : 'failed';
      if (answer?.ok) sent = now;
      else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  })().finally(() => {
    sending = undefined;
  });
  return sending;
}
