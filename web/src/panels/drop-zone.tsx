// Takes a file of rows from the person at the page. It stays on their machine.

import { type Signal, useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { problem, works } from '../state/answers.js';
import { showDropped } from '../state/showing.js';

const ROWS =
  '.npy,.npz,.csv,.tsv,.parquet,.pq,.arrow,.feather,.safetensors,.pt,.jsonl,.ndjson,.fvecs,.bvecs,.ivecs,.hvecs,.fbin,.f16bin,.u8bin,.i8bin';

export function DropZone() {
  const over = useSignal(false);
  const rowColumn = useSignal('');
  const nameColumn = useSignal('');
  const zeros = useSignal(false);
  const take = (files: Iterable<File>) => {
    if (works.peek().length > 0) return;
    const all = [...files];
    // A text beside rows has their names.
    const texts = [/\.txt$/i, /\.tsv$/i].flatMap((ending) => all.filter(({ name }) => ending.test(name)));
    const names = all.length > 1 ? texts[0] : undefined;
    const [rows, another] = all.filter((file) => file !== names);
    if (!rows) return;
    if (another) {
      problem.value = `expected one file of vectors, and beside it a .txt or .tsv of their names at most, got ${rows.name} and ${another.name}`;
      return;
    }
    const columns = { rowColumn: rowColumn.value.trim() || undefined, nameColumn: nameColumn.value.trim() || undefined };
    void showDropped({ rows, names, ...columns, nonFinite: zeros.value ? 'zero' : 'throw' });
  };
  // Anywhere on the page, from the moment that the words are there.
  useLayoutEffect(() => {
    const end = new AbortController();
    const on = (name: 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void) =>
      addEventListener(
        name,
        (event) => {
          over.value = name === 'dragover';
          handle(event);
        },
        { signal: end.signal },
      );
    on('dragover', () => {});
    on('dragleave', () => {});
    on('drop', ({ dataTransfer }) => take(dataTransfer?.files ?? []));
    return () => end.abort();
  });
  return (
    <main class="drop">
      <h1>allpairs</h1>
      <p>Exact cosine similarity of all pairs of your vectors, computed here in your browser. Your file is sent nowhere.</p>
      <label class={`drop-zone ${over.value ? 'over' : ''}`}>
        <strong>Drop a file of vectors here, or choose one</strong>
        <span class="quiet">.npy, .csv, .parquet, .safetensors, .arrow, .jsonl, …: one vector a row, up to some 20,000</span>
        <span class="quiet">with a .txt or .tsv, one line a row, for their names</span>
        <input
          type="file"
          multiple
          accept={`${ROWS},.txt`}
          disabled={works.value.length > 0}
          onChange={({ currentTarget }) => {
            take(currentTarget.files ?? []);
            // The same file may be chosen again, with another column.
            currentTarget.value = '';
          }}
        />
      </label>
      <fieldset class="columns">
        <legend>Where a table has several columns</legend>
        <Column label="of the vectors" value={rowColumn} />
        <Column label="of their names" value={nameColumn} />
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={zeros.value}
          onChange={({ currentTarget }) => {
            zeros.value = currentTarget.checked;
          }}
        />
        <span>Rows with NaN or infinity count as zeros</span>
      </label>
    </main>
  );
}

function Column({ label, value }: { label: string; value: Signal<string> }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <input
        type="text"
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
      />
    </label>
  );
}
