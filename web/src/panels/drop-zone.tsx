// Accepts a file of rows from the user. It stays on their machine.

import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { problem, works } from '../state/answers.js';
import { asked } from '../state/asked.js';
import { isPicture } from '../state/pictures.js';
import { SAMPLES, type Sample, showSample } from '../state/samples.js';
import { showDropped } from '../state/showing.js';
import { tell } from '../state/working.js';
import { ReadingQuestion } from './reading-question.js';

const ROWS =
  '.npy,.npz,.csv,.tsv,.parquet,.pq,.arrow,.feather,.safetensors,.pt,.jsonl,.ndjson,.json,.fvecs,.bvecs,.ivecs,.hvecs,.fbin,.f16bin,.u8bin,.i8bin,.gz,.zst';

export function DropZone() {
  const over = useSignal(false);
  const take = (files: Iterable<File>) => {
    if (works.peek().length > 0) return;
    const all = [...files];
    const pictures = all.filter(isPicture);
    const others = all.filter((file) => !isPicture(file));
    // A text file next to the rows contains their names.
    const texts = [/\.txt$/i, /\.tsv$/i, /\.csv$/i].flatMap((ending) => others.filter(({ name }) => ending.test(name)));
    const names = others.length > 1 ? texts[0] : undefined;
    const [rows, another] = others.filter((file) => file !== names);
    if (!rows) {
      if (all.length > 0)
        problem.value = 'expected a file of vectors, got only pictures; drop them together with their vectors';
      return;
    }
    if (another) {
      problem.value = `expected one file of vectors and at most one .txt, .tsv or .csv of their names, got ${rows.name} and ${another.name}`;
      return;
    }
    void showDropped({ rows, names, pictures, reading: {} });
  };
  // Files can be dropped anywhere on the page as soon as it shows this text.
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
    if (parent !== window) takeFromParent(take, end.signal);
    return () => end.abort();
  });
  return (
    <main class="drop">
      <h1>allpairs</h1>
      <p>
        See every pair of your embeddings: the exact cosine similarity of all rows, computed here in your browser. Your file is
        sent nowhere.
      </p>
      <label class={`drop-zone ${over.value ? 'over' : ''}`}>
        <strong>Drop a file of vectors here, or choose one</strong>
        <span class="quiet">
          .npy, .npz, .csv, .parquet, .arrow, .jsonl, .safetensors, …: one vector per row, up to 100,000 rows
        </span>
        <span class="quiet">with a .txt, .tsv or .csv of their names, one line per row, or with their pictures</span>
        <input
          type="file"
          multiple
          accept={`${ROWS},.txt,image/*`}
          disabled={works.value.length > 0}
          onChange={({ currentTarget }) => {
            take(currentTarget.files ?? []);
            // The same file may be chosen again.
            currentTarget.value = '';
          }}
        />
      </label>
      {asked.value ? (
        <ReadingQuestion dropped={asked.value.dropped} refusal={asked.value.refusal} />
      ) : (
        <>
          <p class="samples">
            <span>No file at hand? Try with</span>
            {SAMPLES.map((sample) => (
              <SampleButton key={sample.text} sample={sample} />
            ))}
          </p>
          <Help />
        </>
      )}
    </main>
  );
}

/** Accepts files from the page that embeds this one, as <allpairs-view> sends them. */
function takeFromParent(take: (files: Iterable<File>) => void, signal: AbortSignal): void {
  addEventListener(
    'message',
    ({ source, data }: MessageEvent<{ allpairs?: string; files?: unknown[] } | null>) => {
      if (source !== parent || data?.allpairs !== 'files') return;
      take((data.files ?? []).filter((file) => file instanceof File));
    },
    { signal },
  );
  if (isReady) return;
  isReady = true;
  parent.postMessage({ allpairs: 'ready' }, '*');
}

let isReady = false;

function SampleButton({ sample }: { sample: Sample }) {
  return (
    <button type="button" disabled={works.value.length > 0} onClick={() => void showSample(sample).catch(tell)}>
      {sample.text}
    </button>
  );
}

function Help() {
  return (
    <div class="help">
      <section>
        <h2>What is read</h2>
        <p>
          The column of vectors in a table, or its run of numbered columns such as d0 to d767, is found automatically. If a file
          can be read in two ways, the page asks. Ids, years and labels are never taken for vectors: they become names, colours
          and orders to choose from.
        </p>
      </section>
      <section>
        <h2>What to do next</h2>
        <ul>
          <li>Zoom into the matrix, down to single scores.</li>
          <li>Pick a row to see its neighbours, and find rows by their names.</li>
          <li>Drag the threshold, and review the duplicates it finds.</li>
          <li>Look under “Health” for rows that are unlike the others.</li>
        </ul>
      </section>
      <section>
        <h2>From a terminal</h2>
        <p>
          <code>npx allpairs view FILE --labels NAMES.txt</code> opens larger files, and saves what you decide.
        </p>
      </section>
    </div>
  );
}
