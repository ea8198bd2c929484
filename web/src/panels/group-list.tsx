// Groups of rows: the method, and for each group its name, its scores and its rows.

import { useSignal, useSignalEffect } from '@preact/signals';
import { MAX_CLUSTERED } from '../compute/cluster-order.js';
import { GROUPS_AT_FIRST } from '../compute/group-details.js';
import { formatCount, formatScore, formatThreshold } from '../format.js';
import { groups, hasGroups, nameOf, settledGroups, shown, usedCut, usedMethod } from '../state/answers.js';
import { cut, type GroupMethod, groupMethod } from '../state/choices.js';
import { givenNameOf, groupNames, nameGroup } from '../state/group-names.js';
import { detailsOf, findDetails } from '../state/grouping.js';
import { selectRows } from '../state/selection.js';
import { Choice, type Choosable } from './choice.js';
import { useDraft } from './draft.js';
import { AT_ONCE, More } from './more.js';
import { RowButton, Score } from './row-button.js';
import { RowPicture } from './row-picture.js';

const chosen: Choosable<GroupMethod> = {
  get value() {
    return usedMethod.value;
  },
  set value(method) {
    groupMethod.value = method;
  },
};

export function GroupMethods() {
  const canCluster = (shown.value?.rows ?? 0) <= MAX_CLUSTERED;
  return (
    <div class="group-methods">
      <Choice<GroupMethod>
        label="Groups"
        value={chosen}
        options={[
          ['chains', 'by chains'],
          ['complete', 'complete'],
          ['community', 'communities'],
          ...(canCluster ? ([['clusters', 'clusters']] as const) : []),
        ]}
      />
      {usedMethod.value === 'clusters' && <CutNumber />}
    </div>
  );
}

function CutNumber() {
  const score = usedCut.value;
  const draft = useDraft(score === null ? '' : formatThreshold(Number(score.toFixed(4))), (text) => {
    const typed = Number(text);
    if (text.trim() !== '' && typed >= -1 && typed <= 1) cut.value = typed;
  });
  return (
    <label class="choice">
      <span>cut at</span>
      <input type="number" min={-1} max={1} step={0.01} disabled={score === null} {...draft} />
    </label>
  );
}

export function GroupList() {
  const most = useSignal(GROUPS_AT_FIRST);
  const all = groups.value;
  useSignalEffect(() => {
    void findDetails(settledGroups.value.slice(0, most.value));
  });
  if (!hasGroups.value) return <p class="quiet">Finding groups…</p>;
  return (
    <>
      <ul class="groups">
        {all.slice(0, most.value).map((rows, at) => (
          <GroupEntry key={rows[0]} rows={rows} name={all === settledGroups.value ? groupNames.value[at] : undefined} />
        ))}
      </ul>
      <More most={most} there={all.length} what="groups" />
    </>
  );
}

const PREVIEWED = 8;

function GroupEntry({ rows, name }: { rows: readonly number[]; name: string | undefined }) {
  const open = useSignal(false);
  const details = detailsOf(rows);
  const first = details?.representative ?? (rows[0] as number);
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
          <span class="clipped" dir="auto" title={nameOf(first)}>
            {usedMethod.value === 'chains' ? (givenNameOf(rows) ?? nameOf(first)) : (name ?? '')}
          </span>
          <span class="score quiet mean" title="the mean score of its pairs">
            {details && formatScore(details.mean, 2)}
          </span>
        </summary>
        {open.value && <OpenGroup rows={rows} name={name ?? ''} />}
      </details>
    </li>
  );
}

function OpenGroup({ rows, name }: { rows: readonly number[]; name: string }) {
  const most = useSignal(AT_ONCE);
  const details = detailsOf(rows);
  const draft = useDraft(name, (text) => nameGroup(rows, text));
  return (
    <div class="open-group">
      <label class="choice">
        <span>Name</span>
        <input type="text" {...draft} />
      </label>
      <p>
        {details &&
          `Scores of its pairs: mean ${formatScore(details.mean)}, lowest ${formatScore(details.lowest)}. The most typical row:`}
      </p>
      {details && <RowButton row={details.representative} />}
      <button type="button" onClick={() => selectRows(rows)}>
        Select these {formatCount(rows.length)} rows
      </button>
      <ul class="open-rows">
        {rows.slice(0, most.value).map((row, at) => (
          <li key={row}>
            <RowButton row={row} />
            {details && <Score score={details.scores[at] as number} />}
          </li>
        ))}
      </ul>
      <More most={most} there={rows.length} what="rows" />
    </div>
  );
}
