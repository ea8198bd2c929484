// Near-duplicates, one group after another, side by side, to be kept or dropped.

import { useEffect } from 'preact/hooks';
import { countOf, formatCount, formatThreshold } from '../../format.js';
import { shown, usedThreshold } from '../../state/answers.js';
import { canUndo, decisions, dropped } from '../../state/decisions.js';
import {
  currentGroup,
  decidedCount,
  decideFocused,
  goTo,
  goToNext,
  keepSuggested,
  keepSuggestedInAll,
  moveFocus,
  position,
  reviewGroups,
  rule,
  shownRows,
  undoLast,
} from '../../state/review.js';
import type { Rule } from '../../state/suggestion.js';
import { Choice } from '../choice.js';
import { ReviewCard } from './review-card.js';
import { ReviewFiles } from './review-files.js';

/** Number of rows of a group that are shown at once. */
const SHOWN = 60;

export function ReviewPanel() {
  useEffect(() => {
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  const groups = reviewGroups.value;
  return (
    <main class="review">
      <section class="panel review-panel" aria-labelledby="review-title">
        <div class="panel-head">
          <h2 id="review-title">
            Review duplicates at {usedThreshold.value === null ? '…' : formatThreshold(usedThreshold.value)}
          </h2>
          <RuleChoice />
          <button type="button" onClick={keepSuggestedInAll} disabled={!groups || decidedCount.value === groups.length}>
            Keep suggested in all groups
          </button>
        </div>
        <Progress />
        {groups && groups.length === 0 && (
          <p>No two rows are this similar. Go back to the overview and choose a lower threshold.</p>
        )}
        <Group />
        <Actions />
        <ReviewFiles />
      </section>
    </main>
  );
}

function Progress() {
  const groups = reviewGroups.value;
  if (!groups) return <p class="review-progress quiet">Finding groups…</p>;
  const rows = shown.value?.rows ?? 0;
  return (
    <p class="review-progress" role="status">
      <progress max={Math.max(1, groups.length)} value={decidedCount.value} aria-label="Groups decided" />{' '}
      {formatCount(decidedCount.value)} of {countOf(groups.length, 'group')} decided, {countOf(dropped.value.size, 'row')}{' '}
      dropped, {formatCount(rows - dropped.value.size)} kept
    </p>
  );
}

function RuleChoice() {
  const { columns = [], carried = [] } = shown.value ?? {};
  const ordered = [...columns, ...carried].filter(({ order }) => order !== undefined);
  const rules: readonly (readonly [string, string, Rule])[] = [
    ['', 'the most typical row', { column: null, highest: true }],
    ...ordered.flatMap((column, at) => [
      [`${at} high`, `the highest ${column.name}`, { column, highest: true }] as const,
      [`${at} low`, `the lowest ${column.name}`, { column, highest: false }] as const,
    ]),
  ];
  const choice = {
    get value() {
      const { column, highest } = rule.value;
      return column ? `${ordered.indexOf(column)} ${highest ? 'high' : 'low'}` : '';
    },
    set value(key: string) {
      rule.value = rules.find(([known]) => known === key)?.[2] ?? { column: null, highest: true };
    },
  };
  return <Choice<string> label="Suggest" value={choice} options={rules.map(([key, text]) => [key, text])} />;
}

function Group() {
  const group = currentGroup.value;
  if (!group) return null;
  const rows = shownRows.value;
  const [keeper] = rows;
  return (
    <ul class="review-group" aria-label={`Group ${position.value + 1}`}>
      {rows.slice(0, SHOWN).map((row) => (
        <ReviewCard key={row} row={row} compared={row === keeper ? null : (keeper ?? null)} />
      ))}
      {rows.length > SHOWN && <li class="quiet">and {countOf(rows.length - SHOWN, 'more row', 'more rows')}</li>}
    </ul>
  );
}

function Actions() {
  const groups = reviewGroups.value ?? [];
  const group = currentGroup.value;
  const keepsNone = group?.rows.every((row) => decisions.value.get(row) === 'drop');
  const at = position.value;
  return (
    <div class="review-actions">
      <button type="button" disabled={at <= 0} onClick={() => goTo(at - 1)}>
        <kbd>P</kbd> Previous
      </button>
      <span>{groups.length > 0 && `group ${formatCount(at + 1)} of ${formatCount(groups.length)}`}</span>
      <button type="button" disabled={!group} onClick={goToNext}>
        <kbd>N</kbd> Next
      </button>
      <button type="button" disabled={!group} onClick={() => decideFocused('keep')}>
        <kbd>K</kbd> Keep
      </button>
      <button type="button" disabled={!group} onClick={() => decideFocused('drop')}>
        <kbd>D</kbd> Drop
      </button>
      <button type="button" disabled={!group} onClick={keepSuggested}>
        <kbd>S</kbd> Keep suggested
      </button>
      <button type="button" disabled={!canUndo.value} onClick={undoLast}>
        <kbd>U</kbd> Undo
      </button>
      {keepsNone && <strong>This group keeps no row.</strong>}
    </div>
  );
}

const KEYS: Record<string, () => void> = {
  k: () => decideFocused('keep'),
  d: () => decideFocused('drop'),
  n: goToNext,
  p: () => goTo(position.peek() - 1),
  s: keepSuggested,
  u: undoLast,
  arrowright: () => moveFocus(1),
  arrowleft: () => moveFocus(-1),
};

function pressed(event: KeyboardEvent): void {
  const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
  if (!isUndo && (event.ctrlKey || event.metaKey || event.altKey)) return;
  if (event.target instanceof Element && event.target.closest('input, select, textarea')) return;
  const act = isUndo ? undoLast : KEYS[event.key.toLowerCase()];
  if (!act || !reviewGroups.peek()) return;
  act();
  event.preventDefault();
}
