// Takes a file of rows from the person at the page. It stays on their machine.

import { useSignal } from '@preact/signals';
import { work } from '../state/answers.js';
import { showFile } from '../state/session.js';

const ROWS = '.npy,.npz,.csv,.tsv,.parquet,.pq,.arrow,.feather,.safetensors,.jsonl,.ndjson,.fvecs,.bvecs,.fbin,.u8bin,.i8bin';

export function DropZone() {
  const over = useSignal(false);
  const column = useSignal('');
  const take = (files: Iterable<File>) => {
    const all = [...files];
    // A text beside rows has their names.
    const names = all.length > 1 ? all.find(({ name }) => /\.(txt|tsv)$/i.test(name)) : undefined;
    const rows = all.find((file) => file !== names);
    if (rows) void showFile(rows, names, column.value.trim() || undefined);
  };
  return (
    <main class="drop">
      <h1>allpairs</h1>
      <p>Exact cosine similarity of all pairs of your vectors, computed here in your browser. Your file is sent nowhere.</p>
      <label
        class={`drop-zone ${over.value ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => {
          over.value = false;
        }}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          take(event.dataTransfer?.files ?? []);
        }}
      >
        <strong>Drop a file of vectors here, or choose one</strong>
        <span class="quiet">.npy, .csv, .parquet, .safetensors, .arrow, .jsonl, …: one vector a row, up to some 20,000</span>
        <span class="quiet">with a .txt or .tsv, one line a row, for their names</span>
        <input
          type="file"
          multiple
          accept={`${ROWS},.txt`}
          disabled={work.value !== null}
          onChange={({ currentTarget }) => take(currentTarget.files ?? [])}
        />
      </label>
      <label class="choice">
        <span>Column of the vectors, where the file has several</span>
        <input
          type="text"
          value={column.value}
          onInput={({ currentTarget }) => {
            column.value = currentTarget.value;
          }}
        />
      </label>
    </main>
  );
}
