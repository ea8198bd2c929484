// Saves one of several tables as a file of a chosen format.

import { useSignal } from '@preact/signals';
import { pairs } from '../state/answers.js';
import { tell } from '../state/working.js';
import { Choice } from './choice.js';
import { inputName } from './input-records.js';
import { type Format, saveFile, type Table, textOf } from './table-file.js';

interface Exported<What extends string> {
  /** The tables, by the ending of their file's name, with what the page calls them; the first is chosen. The table of 'pairs' needs all pairs. */
  readonly tables: readonly [readonly [What, string], ...(readonly [What, string])[]];
  /** Whether the tables can be made yet. */
  readonly ready: boolean;
  readonly tableOf: (what: What) => Promise<Table>;
}

export function ExportForm<What extends string>({ tables, ready, tableOf }: Exported<What>) {
  const what = useSignal<What>(tables[0][0]);
  const format = useSignal<Format>('csv');
  const busy = useSignal(false);
  const save = async () => {
    busy.value = true;
    try {
      const table = await tableOf(what.value);
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
      <Choice<What> label="Save" value={what} options={tables} />
      <Choice<Format>
        label="as"
        value={format}
        options={[
          ['csv', 'CSV'],
          ['json', 'JSON'],
        ]}
      />
      <button type="button" disabled={busy.value || !pairs.value || !ready || tooMany} onClick={() => void save()}>
        Download
      </button>
      {tooMany && <span class="quiet">too many for the page; the command `allpairs pairs` writes them</span>}
    </div>
  );
}
