// The rows most similar to the one that is selected.

import { useEffect, useRef } from 'preact/hooks';
import { formatCount, formatScore } from '../format.js';
import { nameOf, neighbours, selectedRow, shown } from '../state/answers.js';
import { neighbourCount, selected } from '../state/choices.js';
import { Choice } from './choice.js';
import { RowPicture } from './row-picture.js';
import { Search } from './search.js';

export function NeighboursPanel() {
  return (
    <section class="panel neighbours" aria-labelledby="neighbours-title">
      <div class="panel-head">
        <h2 id="neighbours-title">Neighbours</h2>
        <Choice
          label="How many"
          value={neighbourCount}
          options={[
            [10, '10'],
            [20, '20'],
            [50, '50'],
          ]}
        />
      </div>
      <Search />
      {selectedRow.value === null ? <NothingSelected /> : <NeighbourList row={selectedRow.value} />}
    </section>
  );
}

function NothingSelected() {
  const rows = shown.value?.rows ?? 0;
  return (
    <p class="quiet">
      Pick one of the {formatCount(rows)} rows: by {shown.value?.labels ? 'its name' : 'its number'} above, in the heatmap, on
      the map, or{' '}
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
  // The button that was pressed may be gone: keyboard focus continues from here.
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
          {shown.value?.labels && <span class="quiet">row {row}</span>}
        </p>
        <button
          type="button"
          aria-label="Select no row"
          onClick={() => {
            selected.value = null;
          }}
        >
          ✕
        </button>
      </div>
      <section class="scrolled" tabIndex={0} aria-label={`Rows most similar to ${nameOf(row)}`}>
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Rank</th>
              <th scope="col">Row</th>
              <th scope="col">Score</th>
            </tr>
          </thead>
          <tbody aria-busy={found?.row !== row}>
            {found?.row === row &&
              Array.from(found.indices, (other, rank) => (
                <tr key={other}>
                  <td>{rank + 1}</td>
                  <td>
                    <RowButton row={other} />
                  </td>
                  <td>
                    <Score score={found.scores[rank] as number} />
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** A row by picture and name; selects it. */
export function RowButton({ row }: { row: number }) {
  return (
    <button
      type="button"
      class="row"
      aria-pressed={selected.value === row}
      onClick={() => {
        selected.value = row;
      }}
    >
      <RowPicture row={row} />
      {shown.value?.labels && <span class="number quiet">{row}</span>}
      <span class="name" dir="auto">
        {nameOf(row)}
      </span>
    </button>
  );
}

/** A score, and a bar as long as it is high. */
export function Score({ score }: { score: number }) {
  return (
    <span class="score-cell">
      <span class="score">{formatScore(score)}</span>
      <meter min={0} max={1} value={Math.max(0, score)} aria-hidden="true" />
    </span>
  );
}
