// What the threshold keeps, as files.

import { useSignal } from '@preact/signals';
import { csvFormatRows } from 'd3-dsv';
import type { SimilarPairs } from '../compute/similar-pairs.js';
import { nameOf, pairCount, pairs, shown, usedThreshold } from '../state/answers.js';
import { session } from '../state/session.js';
import { tell } from '../state/working.js';
import { Choice } from './choice.js';

type What = 'kept' | 'groups' | 'pairs';
type Format = 'csv' | 'json';

export function Exports() {
  const what = useSignal<What>('kept');
  const format = useSignal<Format>('csv');
  const busy = useSignal(false);
  const save = async () => {
    busy.value = true;
    try {
      const records = await recordsOf(what.value);
      const name = (shown.value?.name ?? 'rows').replace(/\.[^.]*$/, '');
      download(`${name}-${what.value}.${format.value}`, format.value, await textOf(records, format.value));
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
          ['kept', 'rows to keep'],
          ['groups', 'groups'],
          ['pairs', 'pairs'],
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

/** A table: names of columns, and rows of cells. Columns as the command line's files have them. */
export interface Records {
  readonly columns: readonly string[];
  readonly length: number;
  cells(at: number): (string | number)[];
}

async function recordsOf(what: What): Promise<Records> {
  const labelled = shown.peek()?.labels !== null;
  const named = (row: number) => (labelled ? [row, nameOf(row)] : [row]);
  const columnsOf = (...names: string[]) => names.flatMap((name) => (labelled ? [name, `${name}_label`] : [name]));
  if (what === 'pairs') {
    const { rows, cols, scores } = pairs.peek() as SimilarPairs;
    return {
      columns: [...columnsOf('row', 'col'), 'score'],
      length: pairCount.peek(),
      cells: (at) => [...named(rows[at] as number), ...named(cols[at] as number), shortest(scores[at] as number)],
    };
  }
  const { groups, kept } = await session.groupsAt(usedThreshold.peek() ?? 1);
  if (what === 'kept') return { columns: columnsOf('row'), length: kept.length, cells: (at) => named(kept[at] as number) };
  const members = groups.flatMap(({ rows, representative, scores }, group) =>
    rows.map((row, at) => [group, ...named(row), row === representative ? 1 : 0, shortest(scores[at] as number)]),
  );
  return {
    columns: ['group', ...columnsOf('row'), 'representative', 'score'],
    length: members.length,
    cells: (at) => members[at] as (string | number)[],
  };
}

/** The shortest decimal that is the same float32. */
function shortest(score: number): number {
  const decimals = [6, 7, 8, 9].map((digits) => Number(score.toPrecision(digits)));
  return decimals.find((decimal) => Math.fround(decimal) === score) ?? score;
}

/** Records turned into text at a time. */
const AT_ONCE = 8192;

/** The file's text, in pieces. */
async function textOf({ columns, length, cells }: Records, format: Format): Promise<string[]> {
  const pieces = [format === 'csv' ? `${csvFormatRows([[...columns]])}\n` : '['];
  for (let from = 0; from < length; from += AT_ONCE) {
    // The page goes on meanwhile.
    await new Promise((resolve) => setTimeout(resolve));
    const some = Array.from({ length: Math.min(AT_ONCE, length - from) }, (_, at) => cells(from + at));
    if (format === 'csv') pieces.push(`${csvFormatRows(some.map((record) => record.map(String)))}\n`);
    else {
      const objects = some.map((record) => JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, record[at]]))));
      pieces.push(`${from > 0 ? ',' : ''}\n${objects.join(',\n')}`);
    }
  }
  if (format === 'json') pieces.push('\n]\n');
  return pieces;
}

function download(name: string, format: Format, text: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...text], { type: format === 'csv' ? 'text/csv' : 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
