// The pairs across two files, and the best match of each row of the first, as files with the columns of the command line.

import { useSignal } from '@preact/signals';
import type { SimilarPairs } from '../compute/similar-pairs.js';
import { matrixSize, nameOf, numberOf, pairCount, pairs, shown } from '../state/answers.js';
import { session } from '../state/session.js';
import { tell, working } from '../state/working.js';
import { Choice } from './choice.js';
import { shortest } from './exports.js';
import { inputName } from './input-records.js';
import { type Format, saveFile, type Table, textOf } from './table-file.js';

type What = 'pairs' | 'matches';

export function AcrossExports() {
  const what = useSignal<What>('pairs');
  const format = useSignal<Format>('csv');
  const busy = useSignal(false);
  const save = async () => {
    busy.value = true;
    try {
      const table = what.value === 'pairs' ? pairTable(pairs.peek() as SimilarPairs, pairCount.peek()) : await matchTable();
      saveFile(`${inputName()}-${what.value}.${format.value}`, await textOf(table, format.value));
    } catch (error) {
      tell(error);
    } finally {
      busy.value = false;
    }
  };
  const tooMany = what.value === 'pairs' && pairs.value?.complete === false;
  return (
    <div class="exports">
      <Choice<What>
        label="Save"
        value={what}
        options={[
          ['pairs', 'pairs'],
          ['matches', 'best match of each row'],
        ]}
      />
      <Choice<Format>
        label="as"
        value={format}
        options={[
          ['csv', 'CSV'],
          ['json', 'JSON'],
        ]}
      />
      <button type="button" disabled={busy.value || !pairs.value || tooMany} onClick={() => void save()}>
        Download
      </button>
      {tooMany && <span class="quiet">too many for the page; the command `allpairs pairs` writes them</span>}
    </div>
  );
}

async function matchTable(): Promise<Table> {
  const { indices, scores } = await working('Finding best matches', (onProgress) => session.bestMatches(onProgress));
  const rows = Uint32Array.from({ length: matrixSize.peek().rows }, (_, row) => row);
  return pairTable({ rows, cols: indices, scores }, rows.length);
}

interface Pairs {
  readonly rows: ArrayLike<number>;
  readonly cols: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** Rows have the numbers of their files. */
function pairTable({ rows, cols, scores }: Pairs, length: number): Table {
  const isLabelled = shown.peek()?.labels !== null;
  const named = (row: number) => (isLabelled ? [numberOf(row), nameOf(row)] : [numberOf(row)]);
  return {
    columns: isLabelled ? ['row', 'row_label', 'col', 'col_label', 'score'] : ['row', 'col', 'score'],
    length,
    cells: (at) => [...named(rows[at] as number), ...named(cols[at] as number), shortest(scores[at] as number)],
  };
}
