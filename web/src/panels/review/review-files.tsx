// Saves and loads decisions as a file, and saves the rows that they keep.

import { useSignal } from '@preact/signals';
import { problem, shown } from '../../state/answers.js';
import { keptRows } from '../../state/decisions.js';
import { loadDecisions, savedDecisions, saveState } from '../../state/review.js';
import { tell } from '../../state/working.js';
import { inputName, saveRecords, saveRowNames } from '../input-records.js';
import { saveFile } from '../table-file.js';

const SAVED = {
  none: '',
  saving: 'Saving decisions…',
  saved: 'Decisions saved.',
  failed:
    'The command has not saved the decisions yet; the page tries again. Is it still running? “Save decisions” writes them to a file.',
} as const;

export function ReviewFiles() {
  const busy = useSignal(false);
  const guard = (task: () => Promise<void>) => async () => {
    busy.value = true;
    await task().catch(tell);
    busy.value = false;
  };
  const { records } = shown.value?.saving ?? {};
  return (
    <div class="review-files">
      <button type="button" disabled={busy.value} onClick={guard(saveKept)}>
        {records ? `Save kept records (${records.extension})` : 'Save kept rows (.csv)'}
      </button>
      <button type="button" disabled={busy.value} onClick={guard(save)}>
        Save decisions
      </button>
      <label class="file-button">
        Load decisions
        <input
          type="file"
          accept=".json"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) void guard(() => load(file))();
            // The same file may be chosen again.
            currentTarget.value = '';
          }}
        />
      </label>
      <span class="quiet" role="status">
        {SAVED[saveState.value]}
      </span>
    </div>
  );
}

async function save(): Promise<void> {
  const saved = await savedDecisions();
  saveFile(`${inputName()}-decisions.json`, [`${JSON.stringify(saved, null, 1)}\n`]);
}

async function load(file: File): Promise<void> {
  problem.value = null;
  const text = await file.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`${file.name} is not JSON; choose a file that “Save decisions” wrote`);
  }
  await loadDecisions(parsed, file.name);
}

/** Saves the input's own records if the command has them, otherwise a table of numbers and names. */
async function saveKept(): Promise<void> {
  const rows = shown.peek();
  if (!rows) return;
  const kept = keptRows(rows.rows);
  await (rows.saving.records ? saveRecords(kept, 'kept') : saveRowNames(kept, 'kept', 'csv'));
}
