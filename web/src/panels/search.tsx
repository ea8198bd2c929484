// Finds a row by its name or number: a combobox with the matches in a list below (WAI-ARIA, "editable combobox with list").

import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { countOf } from '../format.js';
import { fileOf, matrixSize, nameInFile, numberOf, shown } from '../state/answers.js';
import { selected } from '../state/choices.js';
import { selectRows } from '../state/selection.js';

const MAX_LISTED = 50;

/** Returns the row with this number, followed by the rows whose names contain the text. */
export function findRows(text: string, rows: number, labels: readonly string[] | null, from = 0): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const number = Number(wanted.replace(/^row /, ''));
  const places = [number < (from || rows) ? number : rows, from > 0 ? from + number : rows];
  const found = Number.isInteger(number) && number >= 0 ? places.filter((place) => place < rows) : [];
  const numbered = new Set(found);
  for (const [row, label] of labels?.entries() ?? []) {
    if (!numbered.has(row) && label.toLowerCase().includes(wanted)) found.push(row);
  }
  return found;
}

function countText(found: number): string {
  if (found === 0) return 'no row matches';
  return found > MAX_LISTED ? `the first ${MAX_LISTED} of ${countOf(found, 'row')}` : countOf(found, 'row');
}

export function Search() {
  const text = useSignal('');
  const active = useSignal(0);
  const open = useSignal(false);
  const all = useComputed(() =>
    findRows(text.value, shown.value?.rows ?? 0, shown.value?.labels ?? null, matrixSize.value.from),
  );
  const matches = useComputed(() => all.value.slice(0, MAX_LISTED));
  const listed = open.value && matches.value.length > 0;
  const pick = (row: number | undefined) => {
    if (row === undefined) return;
    selected.value = row;
    open.value = false;
    text.value = '';
  };
  // The list scrolls with the keys.
  useSignalEffect(() => {
    document.getElementById(`match-${active.value}`)?.scrollIntoView({ block: 'nearest' });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const count = matches.value.length;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      open.value = true;
      active.value = count === 0 ? 0 : (active.value + (event.key === 'ArrowDown' ? 1 : count - 1)) % count;
    } else if (event.key === 'Enter') pick(open.value ? matches.value[active.value] : undefined);
    else if (event.key === 'Escape') open.value = false;
    else return;
    event.preventDefault();
  };
  return (
    <div class="search">
      <label for="search">Find a row</label>
      <input
        id="search"
        type="text"
        role="combobox"
        autocomplete="off"
        placeholder={shown.value?.labels ? 'a part of its name, or its number' : 'its number'}
        aria-expanded={listed}
        aria-controls="search-matches"
        aria-autocomplete="list"
        aria-activedescendant={listed ? `match-${active.value}` : undefined}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          active.value = 0;
          open.value = true;
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          open.value = false;
        }}
      />
      <p class="matches-count quiet" role="status">
        {open.value && text.value.trim() !== '' && countText(all.value.length)}
      </p>
      <button
        type="button"
        class="select-matches"
        disabled={all.value.length === 0}
        // Otherwise the input would lose focus, which closes the list.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          selectRows(all.value);
          open.value = false;
        }}
      >
        Select all
      </button>
      <div id="search-matches" role="listbox" aria-label="Matching rows" hidden={!listed}>
        {matches.value.map((row, at) => (
          <div
            key={row}
            id={`match-${at}`}
            role="option"
            aria-selected={at === active.value}
            // This happens before the input loses focus, which closes the list.
            onPointerDown={(event) => {
              event.preventDefault();
              pick(row);
            }}
          >
            <span class="quiet">{numberOf(row)}</span> <bdi>{nameInFile(row)}</bdi> <span class="quiet">{fileOf(row)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
