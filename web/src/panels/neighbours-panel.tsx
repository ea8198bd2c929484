// Lists of rows: those most similar to the picked one, or the selection.

import { useEffect, useRef } from 'preact/hooks';
import { formatCount } from '../format.js';
import { fileOf, nameOf, neighbours, numberOf, selectedRow, shown } from '../state/answers.js';
import { rowsTab, selected } from '../state/choices.js';
import { isInSelection, selection, selectRows } from '../state/selection.js';
import { listed } from '../state/selection-neighbours.js';
import { NeighbourCount } from './neighbour-count.js';
import { RowPicture } from './row-picture.js';
import { ScoredRows } from './scored-rows.js';
import { Search } from './search.js';
import { SelectionPanel } from './selection-panel.js';
import { Tabs } from './tabs.js';

export function NeighboursPanel() {
  return (
    <section class="panel neighbours" aria-labelledby="neighbours-title">
      <div class="panel-head">
        <h2 id="neighbours-title">Rows</h2>
        <Tabs
          label="Which rows"
          tabs={[
            { name: 'neighbours', text: 'Neighbours' },
            { name: 'selection', text: `Selection (${formatCount(selection.value.length)})` },
          ]}
          chosen={rowsTab}
          panel="listed-rows"
        />
        {(rowsTab.value === 'neighbours' || listed.value === 'neighbours') && <NeighbourCount label="How many" />}
      </div>
      <Search />
      <div class="listed-rows" id="listed-rows" role="tabpanel" aria-labelledby={`tab-${rowsTab.value}`}>
        {rowsTab.value === 'selection' ? (
          <SelectionPanel />
        ) : selectedRow.value === null ? (
          <NothingPicked />
        ) : (
          <NeighbourList row={selectedRow.value} />
        )}
      </div>
    </section>
  );
}

function NothingPicked() {
  const rows = shown.value?.rows ?? 0;
  return (
    <p class="quiet">
      Pick {rows === 1 ? 'the row' : `one of the ${formatCount(rows)} rows`}: by{' '}
      {shown.value?.labels ? 'its name' : 'its number'} above, in the heatmap, on the map, or{' '}
      <button
        type="button"
        class="link"
        disabled={rows === 0}
        onClick={() => {
          selected.value = Math.floor(Math.random() * rows);
        }}
      >
        any of them
      </button>
      .
    </p>
  );
}

function NeighbourList({ row }: { row: number }) {
  const found = neighbours.value;
  const head = useRef<HTMLDivElement>(null);
  const before = useRef(row);
  // The button that was pressed may be gone, so keyboard focus continues from here.
  useEffect(() => {
    if (before.current !== row && document.activeElement === document.body) head.current?.focus({ preventScroll: true });
    before.current = row;
  }, [row, found]);
  return (
    <>
      <div class="selected-row" ref={head} tabIndex={-1}>
        <RowPicture row={row} size="large" />
        <p>
          <strong dir="auto">{nameOf(row)}</strong>
          {shown.value?.labels && (
            <span class="quiet">
              row {numberOf(row)}
              {fileOf(row) && ` of ${fileOf(row)}`}
            </span>
          )}
        </p>
        <button
          type="button"
          onClick={() => {
            selectRows([row], isInSelection(row) ? 'subtract' : 'add');
          }}
        >
          {isInSelection(row) ? 'Deselect' : 'Select'}
        </button>
        <button
          type="button"
          aria-label="Show no row"
          onClick={() => {
            selected.value = null;
          }}
        >
          ✕
        </button>
      </div>
      <section class="scrolled" tabIndex={0} aria-label={`Rows most similar to ${nameOf(row)}`}>
        <ScoredRows found={found?.row === row ? found : null} />
      </section>
    </>
  );
}
