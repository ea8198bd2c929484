// What a threshold keeps: the histogram with a slider, and the pairs and groups at the threshold.

import { useSignal } from '@preact/signals';
import { countOf, formatCount, formatScore, formatThreshold } from '../format.js';
import {
  comparedPairs,
  groups,
  hasGroups,
  histogram,
  pairCount,
  pairs,
  pairsStopped,
  shown,
  usedCut,
  usedMethod,
  usedThreshold,
} from '../state/answers.js';
import { MAX_ROWS_UNASKED, pairsAsked, room } from '../state/choices.js';
import { Exports } from './exports.js';
import { GroupList, GroupMethods } from './group-list.js';
import { HistogramChart } from './histogram-chart.js';
import { lazy } from './lazy.js';
import { AT_ONCE, More } from './more.js';
import { RowButton, Score } from './row-button.js';
import { Tabs } from './tabs.js';
import { ThresholdNumber } from './threshold-input.js';

const AcrossExports = lazy(async () => (await import('./across-exports.js')).AcrossExports);

type Listed = 'groups' | 'pairs';

export function ThresholdPanel() {
  return (
    <section class="panel threshold" aria-labelledby="threshold-title">
      <div class="panel-head">
        <h2 id="threshold-title">Threshold</h2>
        <ThresholdNumber />
      </div>
      <HistogramChart />
      <Summary />
      {shown.value?.against ? <AcrossPairs /> : <Kept />}
    </section>
  );
}

/** The pairs across two files. */
function AcrossPairs() {
  return (
    <>
      <section class="scrolled" tabIndex={0} aria-label="Pairs at or above the threshold">
        <PairList />
      </section>
      <AcrossExports />
    </>
  );
}

/** The groups and pairs of one file. */
function Kept() {
  const listed = useSignal<Listed>('groups');
  // Duplicates, which are chains of pairs, are what the review is about.
  const isByChains = usedMethod.value === 'chains';
  return (
    <>
      <Tabs<Listed>
        label="What the threshold keeps"
        tabs={[
          { name: 'groups', text: hasGroups.value ? countOf(groups.value.length, 'group') : 'Groups' },
          { name: 'pairs', text: pairs.value ? countOf(pairCount.value, 'pair') : 'Pairs' },
        ]}
        chosen={listed}
        panel="listed"
      />
      {listed.value === 'groups' && <GroupMethods />}
      <div class="scrolled" id="listed" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${listed.value}`}>
        {listed.value === 'groups' ? <GroupList /> : <PairList />}
      </div>
      <button
        type="button"
        class="primary"
        disabled={!isByChains || groups.value.length === 0}
        onClick={() => {
          room.value = 'review';
        }}
      >
        {pairs.value && isByChains ? `Review ${countOf(groups.value.length, 'group')} of duplicates` : 'Review duplicates'}
      </button>
      {!isByChains && <p class="quiet">Duplicates are reviewed in groups by chains.</p>}
      <Exports />
    </>
  );
}

/** Shown before pairs are known. */
function Unknown({ rows }: { rows: number }) {
  const counted = histogram.value;
  const isAsked = pairsAsked.value || (rows <= MAX_ROWS_UNASKED && !pairsStopped.value);
  if (!counted || isAsked) return <p class="summary quiet">Counting pairs…</p>;
  return (
    <p class="summary">
      The similar pairs are not known yet: finding them compares up to {countOf(comparedPairs.value, 'pair')}.{' '}
      <button
        type="button"
        class="link"
        onClick={() => {
          pairsStopped.value = false;
          pairsAsked.value = true;
        }}
      >
        Find them
      </button>
      <Sampled />
    </p>
  );
}

/** Which scores the histogram counts, if not all. */
function Sampled() {
  const { sampling = 0 } = histogram.value ?? {};
  return sampling > 0 ? <span class="quiet"> The histogram counts the scores of one row in {2 ** sampling}.</span> : null;
}

function Summary() {
  const held = pairs.value;
  const limit = usedThreshold.value;
  if (!held || limit === null) return <Unknown rows={shown.value?.rows ?? 0} />;
  return (
    <p class="summary">
      {countOf(pairCount.value, 'pair')} at or above {formatThreshold(limit)}
      {shown.value?.against ? '.' : <GroupSummary />}
      <Sampled />
      {!held.complete && <strong> There are too many to hold, so the list shows only those that join groups.</strong>}
      {held.complete && limit <= held.floor && held.floor > -1 && (
        <strong>
          {' '}
          {formatThreshold(held.floor)} is the lowest here: pairs below it are not shown
          {histogram.value?.sampling ? '.' : ': they are too many to hold. The histogram counts them all.'}
        </strong>
      )}
    </p>
  );
}

function GroupSummary() {
  if (!hasGroups.value) return <>.</>;
  const rows = shown.value?.rows ?? 0;
  const kept = rows - groups.value.reduce((sum, { length }) => sum + length - 1, 0);
  const isCut = usedMethod.value === 'clusters';
  return (
    <>
      {isCut
        ? `. ${countOf(groups.value.length, 'cluster')} at ${formatScore(usedCut.value ?? 0)}: one`
        : `, in ${countOf(groups.value.length, 'group')}. One`}{' '}
      row of each leaves {formatCount(kept)} of {countOf(rows, 'row')}.
    </>
  );
}

function PairList() {
  const most = useSignal(AT_ONCE);
  const held = pairs.value;
  const { names } = shown.value?.against ?? {};
  if (!held) return null;
  const count = held.complete ? pairCount.value : held.rows.length;
  return (
    <>
      <table class="rows pairs">
        <thead>
          <tr>
            <th scope="col">{names ? `Row of ${names[0]}` : 'Row'}</th>
            <th scope="col">{names ? `Row of ${names[1]}` : 'Similar row'}</th>
            <th scope="col">Score</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: Math.min(count, most.value) }, (_, pair) => (
            <tr key={pair}>
              <td>
                <RowButton row={held.rows[pair] as number} isFileKnown={names !== undefined} />
              </td>
              <td>
                <RowButton row={held.cols[pair] as number} isFileKnown={names !== undefined} />
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
