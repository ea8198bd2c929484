// Which threshold keeps what: the histogram with a slider, and the pairs and groups at it.

import { type Signal, useSignal } from '@preact/signals';
import { countOf, formatCount, formatThreshold } from '../format.js';
import { groups, nameOf, pairCount, pairs, shown, usedThreshold } from '../state/answers.js';
import { threshold } from '../state/choices.js';
import { Exports } from './exports.js';
import { HistogramChart } from './histogram-chart.js';
import { RowButton, Score } from './neighbours-panel.js';
import { RowPicture } from './row-picture.js';

type Listed = 'groups' | 'pairs';

export function ThresholdPanel() {
  const listed = useSignal<Listed>('groups');
  return (
    <section class="panel threshold" aria-labelledby="threshold-title">
      <div class="panel-head">
        <h2 id="threshold-title">Threshold</h2>
      </div>
      <HistogramChart />
      <Slider />
      <Summary />
      <div class="tabs" role="tablist" aria-label="What the threshold keeps">
        <Tab name="groups" listed={listed} text={countOf(groups.value.length, 'group')} />
        <Tab name="pairs" listed={listed} text={countOf(pairCount.value, 'pair')} />
      </div>
      <div class="scrolled" id="listed" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${listed.value}`}>
        {listed.value === 'groups' ? <GroupList /> : <PairList />}
      </div>
      <Exports />
    </section>
  );
}

function Tab({ name, listed, text }: { name: Listed; listed: Signal<Listed>; text: string }) {
  const other = name === 'groups' ? 'pairs' : 'groups';
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${name}`}
      aria-selected={listed.value === name}
      aria-controls="listed"
      tabIndex={listed.value === name ? 0 : -1}
      onClick={() => {
        listed.value = name;
      }}
      onKeyDown={({ key }) => {
        if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
        listed.value = other;
        document.getElementById(`tab-${other}`)?.focus();
      }}
    >
      {text}
    </button>
  );
}

function Slider() {
  const lowest = pairs.value?.floor ?? 0;
  const value = usedThreshold.value ?? 1;
  const digits = digitsOfStep(1 - lowest);
  const step = 10 ** -digits;
  const set = (text: string, round: (score: number) => number) => {
    const score = Number(text);
    if (text.trim() !== '' && score >= -1 && score <= 1) threshold.value = round(score);
  };
  return (
    <div class="slider">
      <label for="threshold">Threshold</label>
      <input
        id="threshold"
        type="range"
        min={lowest}
        max={1}
        step={step}
        value={value}
        disabled={!pairs.value}
        // Its steps count from the lowest, which may have more decimals.
        onInput={({ currentTarget }) => set(currentTarget.value, (score) => Number(score.toFixed(digits)))}
      />
      <input
        type="number"
        aria-label="Threshold, as a number"
        min={lowest}
        max={1}
        step={step}
        value={formatThreshold(value)}
        disabled={!pairs.value}
        onChange={({ currentTarget }) => {
          set(currentTarget.value, (score) => score);
          // What cannot be is taken back.
          currentTarget.value = formatThreshold(usedThreshold.peek() ?? 1);
        }}
      />
    </div>
  );
}

/** Decimals of the slider's step: at least as fine as the histogram, and finer where all scores lie close together. */
function digitsOfStep(range: number): number {
  return Math.min(7, Math.max(3, Math.ceil(2 - Math.log10(Math.max(range, 1e-7)))));
}

function Summary() {
  const held = pairs.value;
  const limit = usedThreshold.value;
  if (!held || limit === null) return <p class="summary quiet">Counting…</p>;
  const rows = shown.value?.rows ?? 0;
  const kept = rows - groups.value.reduce((sum, { length }) => sum + length - 1, 0);
  return (
    <p class="summary">
      {countOf(pairCount.value, 'pair')} at or above {formatThreshold(limit)}, in {countOf(groups.value.length, 'group')}. One
      row of each leaves {formatCount(kept)} of {countOf(rows, 'row')}.
      {!held.complete && <strong> They are too many to hold: the list has those that join groups.</strong>}
      {held.complete && limit <= held.floor && held.floor > -1 && (
        <strong>
          {' '}
          {formatThreshold(held.floor)} is the lowest here: pairs below it are too many to hold. The histogram counts them all.
        </strong>
      )}
    </p>
  );
}

const AT_ONCE = 40;

function GroupList() {
  const most = useSignal(AT_ONCE);
  const all = groups.value;
  return (
    <>
      <ul class="groups">
        {all.slice(0, most.value).map((rows) => (
          <GroupEntry key={rows[0]} rows={rows} />
        ))}
      </ul>
      <More most={most} there={all.length} what="groups" />
    </>
  );
}

const PREVIEWED = 8;

function GroupEntry({ rows }: { rows: readonly number[] }) {
  const open = useSignal(false);
  const most = useSignal(AT_ONCE);
  return (
    <li>
      <details
        open={open.value}
        onToggle={({ currentTarget }) => {
          open.value = currentTarget.open;
        }}
      >
        <summary>
          <span class="count">{formatCount(rows.length)}</span>
          <span class="previews">
            {shown.value?.images && rows.slice(0, PREVIEWED).map((row) => <RowPicture key={row} row={row} />)}
          </span>
          <span class="clipped" dir="auto">
            {nameOf(rows[0] as number)}
          </span>
        </summary>
        {open.value && (
          <>
            <ul>
              {rows.slice(0, most.value).map((row) => (
                <li key={row}>
                  <RowButton row={row} />
                </li>
              ))}
            </ul>
            <More most={most} there={rows.length} what="rows" />
          </>
        )}
      </details>
    </li>
  );
}

function PairList() {
  const most = useSignal(AT_ONCE);
  const held = pairs.value;
  if (!held) return null;
  const count = held.complete ? pairCount.value : held.rows.length;
  return (
    <>
      <table class="rows pairs">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Similar row</th>
            <th scope="col">Score</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: Math.min(count, most.value) }, (_, pair) => (
            <tr key={pair}>
              <td>
                <RowButton row={held.rows[pair] as number} />
              </td>
              <td>
                <RowButton row={held.cols[pair] as number} />
              </td>
              <td>
                <Score score={held.scores[pair] as number} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <More most={most} there={count} what="pairs" />
    </>
  );
}

function More({ most, there, what }: { most: Signal<number>; there: number; what: string }) {
  if (there <= most.value) return null;
  return (
    <button
      type="button"
      class="link"
      onClick={() => {
        most.value += 5 * AT_ONCE;
      }}
    >
      Show more of {formatCount(there)} {what}
    </button>
  );
}
