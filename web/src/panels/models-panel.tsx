// How two models agree on the rows: which nearest rows each row keeps.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatCount, formatScore } from '../format.js';
import { nameOf, neighbours, selectedRow, shown } from '../state/answers.js';
import {
  comparedCount,
  comparedNeighbours,
  followModels,
  leastAgreed,
  meanShared,
  sharedCounts,
  zeroRows,
} from '../state/models.js';
import { tell } from '../state/working.js';
import { Choice } from './choice.js';
import { inputName } from './input-records.js';
import { AT_ONCE, More } from './more.js';
import { NeighbourCount } from './neighbour-count.js';
import { RowButton } from './row-button.js';
import { RowPicture } from './row-picture.js';
import { Search } from './search.js';
import { type Format, saveFile, type Table, textOf } from './table-file.js';

export function ModelsPanel() {
  useEffect(followModels, []);
  return (
    <main class="panels models">
      <Agreement />
      <LeastAgreed />
      <BothNeighbours />
    </main>
  );
}

function Agreement() {
  const [first = '', second = ''] = shown.value?.compared?.names ?? [];
  const { depth = 0, compared } = shown.value ?? {};
  return (
    <section class="panel agreement" aria-labelledby="agreement-title">
      <div class="panel-head">
        <h2 id="agreement-title">Agreement</h2>
        <NeighbourCount label="Nearest rows" />
      </div>
      <p class="quiet">
        <bdi>{first}</bdi> ({formatCount(depth)} numbers a row) and <bdi>{second}</bdi> ({formatCount(compared?.depth ?? 0)})
      </p>
      <p role="status">{summary()}</p>
      <Distribution />
      <AgreementFile />
    </section>
  );
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;

function summary(): string {
  const [mean, k] = [meanShared.value, comparedCount.value];
  if (mean === null) return 'Comparing the models…';
  // Any k of the others are as likely as any other k.
  const byChance = k / ((shown.value?.rows ?? 2) - 1);
  return (
    `On average, both models share ${mean.toFixed(2)} of the ${k} nearest rows of a row: ${percent(mean / k)}. ` +
    `Unrelated models would share ${percent(byChance)}.`
  );
}

/** So many bars, and one for all. */
const BARS = 10;

/** How many rows share how many of their nearest rows. */
function Distribution() {
  const counts = sharedCounts.value;
  const k = comparedCount.value;
  const step = Math.ceil(k / BARS);
  const bars = Array.from({ length: Math.floor(k / step) + 1 }, (_, at) => {
    const [from, to] = [at * step, Math.min(k, (at + 1) * step - 1)];
    return { text: from === to ? `${from}` : `${from} to ${to}`, rows: 0 };
  });
  for (const count of counts ?? []) {
    const bar = bars[Math.floor(count / step)];
    if (bar) bar.rows++;
  }
  const most = Math.max(1, ...bars.map(({ rows }) => rows));
  return (
    <section class="scrolled" tabIndex={0} aria-label="Rows by the number of nearest rows that both models share">
      <table class="rows distribution">
        <thead>
          <tr>
            <th scope="col">Shared</th>
            <th scope="col" colSpan={2}>
              Rows
            </th>
          </tr>
        </thead>
        <tbody aria-busy={!counts}>
          {bars.map(({ text, rows }) => (
            <tr key={text}>
              <td>{text}</td>
              <td>{counts && formatCount(rows)}</td>
              <td aria-hidden="true">
                <div class="bar" style={{ width: `${(100 * rows) / most}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function AgreementFile() {
  const format = useSignal<Format>('csv');
  const save = async () => saveFile(`${inputName()}-agreement.${format.value}`, await textOf(agreementTable(), format.value));
  return (
    <div class="exports">
      <Choice<Format>
        label="Save every row as"
        value={format}
        options={[
          ['csv', 'CSV'],
          ['json', 'JSON'],
        ]}
      />
      <button type="button" disabled={!sharedCounts.value} onClick={() => void save().catch(tell)}>
        Download
      </button>
    </div>
  );
}

function agreementTable(): Table {
  const counts = sharedCounts.peek() ?? new Uint8Array();
  const k = comparedCount.peek();
  const isLabelled = shown.peek()?.labels !== null;
  return {
    columns: ['row', ...(isLabelled ? ['row_label'] : []), 'shared', 'k', 'overlap'],
    length: counts.length,
    cells: (row) => {
      const shared = counts[row] as number;
      return [row, ...(isLabelled ? [nameOf(row)] : []), shared, k, Number((shared / k).toFixed(6))];
    },
  };
}

function LeastAgreed() {
  const most = useSignal(AT_ONCE);
  const counts = sharedCounts.value;
  const rows = leastAgreed.value;
  return (
    <section class="panel least" aria-labelledby="least-title">
      <div class="panel-head">
        <h2 id="least-title">Least agreement first</h2>
      </div>
      <section class="scrolled" tabIndex={0} aria-label="Rows with the least agreement">
        <table class="rows">
          <tbody aria-busy={!counts}>
            {Array.from(rows.subarray(0, most.value), (row) => (
              <tr key={row}>
                <td>
                  <RowButton row={row} />
                </td>
                <td class="reason">
                  {counts?.[row]} of {comparedCount.value}
                  <ZeroMark row={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <More most={most} there={rows.length} what="rows" />
      </section>
    </section>
  );
}

/** Names the models in which a row is all zeros. */
function ZeroMark({ row }: { row: number }) {
  const { names } = shown.value?.compared ?? {};
  const zeroIn = names?.filter((_, model) => zeroRows.value[model]?.has(row)) ?? [];
  return zeroIn.length === 0 ? null : <span class="zero-row quiet">all zeros in {zeroIn.join(' and ')}</span>;
}

function BothNeighbours() {
  const row = selectedRow.value;
  const [first, second] = shown.value?.compared?.names ?? [];
  const [ofFirst, ofSecond] = [neighbours.value, comparedNeighbours.value];
  const known = (found: Found | null) => (found !== null && found.row === row ? found : null);
  const both = [known(ofFirst), known(ofSecond)] as const;
  const shared = both[0] && both[1] ? sharedOf(both[0], both[1]) : null;
  return (
    <section class="panel neighbours of-models" aria-labelledby="both-title">
      <div class="panel-head">
        <h2 id="both-title">Nearest rows in both models</h2>
      </div>
      <Search />
      {row === null ? (
        <p class="quiet">Pick a row from the list or above to see its nearest rows in both models side by side.</p>
      ) : (
        <>
          <div class="selected-row">
            <RowPicture row={row} size="large" />
            <p>
              <strong dir="auto">{nameOf(row)}</strong>
              {shown.value?.labels && <span class="quiet">row {row}</span>}
            </p>
            <span class="shared-count">
              {shared !== null && `${shared} of ${comparedCount.value} shared`}
              <ZeroMark row={row} />
            </span>
          </div>
          <section class="scrolled side-by-side" tabIndex={0} aria-label={`Rows most similar to ${nameOf(row)} in both models`}>
            <ModelList model={first ?? ''} mine={both[0]} other={both[1]} />
            <ModelList model={second ?? ''} mine={both[1]} other={both[0]} />
          </section>
        </>
      )}
    </section>
  );
}

interface Found {
  readonly row: number;
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

function sharedOf(first: Found, second: Found): number {
  return first.indices.filter((row) => second.indices.includes(row)).length;
}

/** The nearest rows of one model. Those that the other has too are marked, with their rank there. */
function ModelList({ model, mine, other }: { model: string; mine: Found | null; other: Found | null }) {
  return (
    <table class="rows">
      <caption>
        <bdi>{model}</bdi>
      </caption>
      <thead>
        <tr>
          <th scope="col">Rank</th>
          <th scope="col">Row</th>
          <th scope="col">Score</th>
          <th scope="col" title="Its rank by the other model, if it is among the nearest there too">
            Other rank
          </th>
        </tr>
      </thead>
      <tbody aria-busy={!mine || !other}>
        {mine &&
          Array.from(mine.indices, (row, rank) => {
            const there = other ? other.indices.indexOf(row) : -1;
            return (
              <tr key={row} class={there >= 0 ? 'shared' : ''}>
                <td>{rank + 1}</td>
                <td>
                  <RowButton row={row} />
                </td>
                <td class="score">{formatScore(mine.scores[rank] as number)}</td>
                <td class="reason">{there >= 0 ? `✓ ${there + 1}` : other && '–'}</td>
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}
