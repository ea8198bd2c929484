// Finds a row by its name or number: a combobox with the matches in a list below (WAI-ARIA, "editable combobox with list").

import { useComputed, useSignal } from '@preact/signals';
import { nameOf, shown } from '../state/answers.js';
import { selected } from '../state/choices.js';

const MOST_MATCHES = 12;

/** Rows whose names contain the text, or whose number it is; that first. */
export function findRows(text: string, rows: number, labels: readonly string[] | null): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const number = Number(wanted.replace(/^row /, ''));
  const found = Number.isInteger(number) && number >= 0 && number < rows ? [number] : [];
  for (let row = 0; row < (labels?.length ?? 0) && found.length < MOST_MATCHES; row++) {
    if (labels?.[row]?.toLowerCase().includes(wanted) && !found.includes(row)) found.push(row);
  }
  return found;
}

export function Search() {
  const text = useSignal('');
  const active = useSignal(0);
  const open = useSignal(false);
  const matches = useComputed(() => findRows(text.value, shown.value?.rows ?? 0, shown.value?.labels ?? null));
  const listed = open.value && matches.value.length > 0;
  const pick = (row: number | undefined) => {
    if (row === undefined) return;
    selected.value = row;
    open.value = false;
    text.value = '';
  };
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
      <p class="no-match quiet" role="status">
        {open.value && text.value.trim() !== '' && matches.value.length === 0 && 'no row matches'}
      </p>
      <div id="search-matches" role="listbox" aria-label="Matching rows" hidden={!listed}>
        {matches.value.map((row, at) => (
          <div
            key={row}
            id={`match-${at}`}
            role="option"
            aria-selected={at === active.value}
            // Before the input loses the focus, which closes the list.
            onPointerDown={(event) => {
              event.preventDefault();
              pick(row);
            }}
          >
            <span class="quiet">{row}</span> <bdi>{nameOf(row)}</bdi>
          </div>
        ))}
      </div>
    </div>
  );
}
