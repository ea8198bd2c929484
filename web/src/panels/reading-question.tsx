// Asks about a file that can be read in several ways: states why, and offers each way as a button.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Reading, Refusal } from '../compute/opening.js';
import { works } from '../state/answers.js';
import { asked, type Dropped } from '../state/asked.js';
import { showDropped } from '../state/showing.js';

type Choice = Refusal['choices'][number];

const FIXED: Readonly<Record<string, string>> = {
  'header true': 'The first line names the columns',
  'header false': 'The first line is a row',
  'nulls skip': 'Leave such rows out',
  'nulls zero': 'Take them as zero vectors',
  'nonFinite zero': 'Let such rows count as zeros',
};

const NAMED: Readonly<Record<string, (value: string) => string>> = {
  column: (value) => value,
  element: (value) => `The bytes are ${value}`,
  format: (value) => `Read it as ${value}`,
  indexBase: (value) => `Columns count from ${value}`,
  width: (value) => `Rows are ${value} wide`,
};

function wordsFor({ option, value }: Choice): string {
  return FIXED[`${option} ${value}`] ?? NAMED[option]?.(String(value)) ?? `${option}: ${value}`;
}

export function ReadingQuestion({ dropped, refusal }: { dropped: Dropped; refusal: Refusal }) {
  const title = useRef<HTMLHeadingElement>(null);
  const column = useSignal('');
  useEffect(() => title.current?.focus(), [refusal]);
  const choose = (reading: Reading) => void showDropped({ ...dropped, reading: { ...dropped.reading, ...reading } });
  const columns = refusal.choices.filter(({ option }) => option === 'column');
  const others = refusal.choices.filter(({ option }) => option !== 'column');
  const busy = works.value.length > 0;
  const button = (choice: Choice) => (
    <button
      key={`${choice.option} ${choice.value}`}
      type="button"
      class="primary"
      disabled={busy}
      onClick={() => choose({ [choice.option]: choice.value })}
    >
      {wordsFor(choice)}
    </button>
  );
  return (
    <section class="reading-question" aria-labelledby="reading-title">
      <h2 id="reading-title" ref={title} tabIndex={-1}>
        How is {dropped.rows.name} to be read?
      </h2>
      <p>{refusal.message}</p>
      {columns.length > 0 && (
        <p class="buttons">
          <span>The vectors are in</span> {columns.map(button)}
        </p>
      )}
      {others.length > 0 && <p class="buttons">{others.map(button)}</p>}
      <form
        class="buttons"
        onSubmit={(event) => {
          event.preventDefault();
          if (column.value.trim() !== '') choose({ column: column.value.trim() });
        }}
      >
        <label class="choice">
          <span>{columns.length > 0 ? 'or in' : 'The vectors are in'}</span>
          <input
            type="text"
            placeholder="embedding, d0..d767 or a,b,c"
            value={column.value}
            onInput={({ currentTarget }) => {
              column.value = currentTarget.value;
            }}
          />
        </label>
        <button type="submit" disabled={busy}>
          Read
        </button>
        <button
          type="button"
          class="link"
          onClick={() => {
            asked.value = null;
          }}
        >
          Take another file
        </button>
      </form>
    </section>
  );
}
