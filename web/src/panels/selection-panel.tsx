// The selected rows, actions on them, and the rows most similar to all of them.

import { useSignal } from '@preact/signals';
import { countOf } from '../format.js';
import { colourColumn, shown } from '../state/answers.js';
import { clearSelection, invertSelection, type SelectionMode, selection, selectionMode } from '../state/selection.js';
import { listed, selectionNeighbours } from '../state/selection-neighbours.js';
import { tell } from '../state/working.js';
import { Choice } from './choice.js';
import { saveRecords, saveRowNames } from './input-records.js';
import { More } from './more.js';
import { RowButton } from './row-button.js';
import { ScoredRows } from './scored-rows.js';

/** Number of selected rows that are listed at first. */
const LISTED = 200;

export function SelectionPanel() {
  const rows = selection.value;
  return (
    <>
      <div class="selection-actions">
        <Choice<SelectionMode>
          label="Next"
          value={selectionMode}
          options={[
            ['replace', 'replaces'],
            ['add', 'adds'],
            ['subtract', 'subtracts'],
          ]}
        />
        <button type="button" onClick={invertSelection}>
          Invert
        </button>
        <button type="button" disabled={rows.length === 0} onClick={clearSelection}>
          Clear
        </button>
        <Choice<'rows' | 'neighbours'>
          label="List"
          value={listed}
          options={[
            ['rows', 'rows'],
            ['neighbours', 'neighbours'],
          ]}
        />
      </div>
      {rows.length === 0 ? (
        <p class="quiet">
          Nothing is selected. Drag a box in the heatmap or a lasso on the map with Shift or after pressing the dashed button,
          or select a group, a class of the map’s legend, or all results of a search.
        </p>
      ) : (
        <>
          <section
            class="scrolled"
            tabIndex={0}
            aria-label={listed.value === 'rows' ? 'Selected rows' : 'Neighbours of the selection'}
          >
            {listed.value === 'rows' ? <SelectedRows rows={rows} /> : <Neighbours rows={rows} />}
          </section>
          <SelectionFiles />
        </>
      )}
    </>
  );
}

function SelectedRows({ rows }: { rows: readonly number[] }) {
  const most = useSignal(LISTED);
  const column = colourColumn.value;
  return (
    <>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">{countOf(rows.length, 'row')}</th>
            {column && <th scope="col">{column.name}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most.value).map((row) => (
            <tr key={row}>
              <td>
                <RowButton row={row} />
              </td>
              {column && <td class="reason">{column.values[row]}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <More most={most} there={rows.length} what="rows" />
    </>
  );
}

/** The rows outside the selection that are most similar to its mean. */
function Neighbours({ rows }: { rows: readonly number[] }) {
  const found = selectionNeighbours.value;
  return <ScoredRows found={found?.rows === rows ? found : null} score="Score with the mean" />;
}

type FileKind = 'records' | 'csv' | 'json';

function SelectionFiles() {
  const { records } = shown.value?.saving ?? {};
  const kind = useSignal<FileKind>(records ? 'records' : 'csv');
  const busy = useSignal(false);
  const save = async () => {
    busy.value = true;
    const rows = selection.peek();
    const saving = kind.value === 'records' ? saveRecords(rows, 'selection') : saveRowNames(rows, 'selection', kind.value);
    await saving.catch(tell);
    busy.value = false;
  };
  return (
    <div class="exports">
      <Choice<FileKind>
        label="File"
        value={kind}
        options={[
          ...(records ? ([['records', `records of the input (${records.extension})`]] as const) : []),
          ['csv', 'rows as CSV'],
          ['json', 'rows as JSON'],
        ]}
      />
      <button type="button" disabled={busy.value} onClick={() => void save()}>
        Save selection
      </button>
    </div>
  );
}
