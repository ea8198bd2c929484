// One row of a group: its picture, its text with the differences marked, and all its columns.

import { useEffect, useRef } from 'preact/hooks';
import { nameOf, shown } from '../../state/answers.js';
import { type Decision, decide, decisions } from '../../state/decisions.js';
import { focused } from '../../state/review.js';
import { RowPicture } from '../row-picture.js';
import { TextDifference } from './text-difference.js';

/** `compared`: the row with which the text is compared; null for that row itself. */
export function ReviewCard({ row, compared }: { row: number; compared: number | null }) {
  const card = useRef<HTMLLIElement>(null);
  const decision = decisions.value.get(row);
  const isFocused = focused.value === row;
  useEffect(() => {
    if (isFocused) card.current?.scrollIntoView({ block: 'nearest' });
  }, [isFocused]);
  const { columns = [], carried = [], labels } = shown.value ?? {};
  return (
    <li
      ref={card}
      class={`review-card ${decision ? `is-${decision}` : ''} ${isFocused ? 'focused' : ''}`}
      aria-current={isFocused ? 'true' : undefined}
      onPointerDown={() => {
        focused.value = row;
      }}
    >
      <p class="review-head">
        <span class="quiet">row {row}</span>
        {compared === null && <span class="badge">suggested</span>}
        <span class="state">{decision === 'keep' ? 'kept' : decision === 'drop' ? 'dropped' : 'undecided'}</span>
      </p>
      <RowPicture row={row} size="full" />
      {labels && (
        <p class="review-text">
          <TextDifference text={nameOf(row)} other={compared === null ? undefined : nameOf(compared)} />
        </p>
      )}
      <dl class="fields">
        {[...columns, ...carried].map(({ name, values }) => (
          <Field key={name} name={name} text={values[row] ?? ''} other={compared === null ? undefined : values[compared]} />
        ))}
      </dl>
      <p class="review-buttons">
        <DecisionButton row={row} decision="keep" text="Keep" />
        <DecisionButton row={row} decision="drop" text="Drop" />
      </p>
    </li>
  );
}

function Field({ name, text, other }: { name: string; text: string; other: string | undefined }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <TextDifference text={text} other={other} />
      </dd>
    </>
  );
}

/** Pressing it again undoes the decision. */
function DecisionButton({ row, decision, text }: { row: number; decision: Decision; text: string }) {
  const isMade = decisions.value.get(row) === decision;
  return (
    <button
      type="button"
      aria-pressed={isMade}
      aria-label={`${text} row ${row}`}
      onClick={() => {
        focused.value = row;
        decide([[row, isMade ? undefined : decision]]);
      }}
    >
      {text}
    </button>
  );
}
