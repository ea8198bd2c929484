// Shows whether the scores can be relied on, and which rows are unusual.

import { useSignal } from '@preact/signals';
import type { OddRow } from '../compute/oddities.js';
import type { Examination } from '../compute/session.js';
import { countOf, formatCount, formatScore } from '../format.js';
import { nameOf } from '../state/answers.js';
import { classColumn, disagreements, examination, hubs, outliers } from '../state/examining.js';
import { NeighboursPanel } from './neighbours-panel.js';
import { RowButton } from './row-button.js';
import { Tabs } from './tabs.js';

export function HealthPanel() {
  return (
    <main class="panels health">
      <Findings />
      <Oddities />
      <NeighboursPanel />
    </main>
  );
}

function Findings() {
  const found = examination.value?.health;
  const findings = found ? [...found.findings].sort((a, b) => Number(b.notable) - Number(a.notable)) : [];
  return (
    <section class="panel" aria-labelledby="health-title">
      <div class="panel-head">
        <h2 id="health-title">Health</h2>
      </div>
      <p role="status">{found ? verdictOf(found) : 'Examining the rows…'}</p>
      <section class="scrolled" tabIndex={0} aria-label="Findings">
        <ul class="findings">
          {findings.map(({ name, notable, meaning, advice }) => (
            <li key={name}>
              <p class={notable ? 'notable' : ''}>{meaning}</p>
              {notable && <p class="quiet">{advice}</p>}
            </li>
          ))}
        </ul>
      </section>
    </section>
  );
}

/** The library's verdict names fields of its result, which the page does not show. */
function verdictOf({ verdict, findings }: Examination['health']): string {
  const count = findings.filter(({ notable }) => notable).length;
  return count === 0 ? verdict : `${countOf(count, 'finding')} to look at before you rely on these scores:`;
}

type Kind = 'outliers' | 'labels' | 'hubs' | 'zeros' | 'equal';

interface Listing {
  readonly kind: Kind;
  readonly tab: string;
  /** Explains these rows. */
  readonly meaning: string;
  readonly rows: readonly { readonly row: number; readonly reason: string }[];
}

function listings(): readonly Listing[] {
  const { zeroRows = [], equalRows = [] } = examination.value ?? {};
  const column = classColumn.value;
  const scored = ({ row, value }: OddRow) => ({ row, reason: formatScore(value) });
  return [
    {
      kind: 'outliers',
      tab: 'Outliers',
      meaning: 'Rows whose nearest row scores lowest: they resemble no other row.',
      rows: outliers.value.map(scored),
    },
    {
      kind: 'labels',
      tab: 'Labels',
      meaning: column
        ? `Rows whose nearest rows agree on a different ${column.name}: their labels may be wrong.`
        : 'The rows have no column of classes. Give one with --labels or --color-by.',
      rows: disagreements.value.map(({ row, suggested, value }) => ({
        row,
        reason: `${column?.values[row] || '(empty)'} → ${suggested || '(empty)'}, ${Math.round(100 * value)} %`,
      })),
    },
    {
      kind: 'hubs',
      tab: 'Hubs',
      meaning: 'Rows that are among the ten nearest of at least thirty others.',
      rows: hubs.value.map(({ row, value }) => ({ row, reason: `of ${formatCount(value)}` })),
    },
    {
      kind: 'zeros',
      tab: 'Zero rows',
      meaning: 'Rows that are all zeros: they score 0 with every row.',
      rows: zeroRows.map((row) => ({ row, reason: '' })),
    },
    {
      kind: 'equal',
      tab: 'Equal rows',
      meaning: 'Rows that are equal to an earlier row, element by element.',
      rows: equalRows.map(({ row, value }) => ({ row, reason: `row ${value}` })),
    },
  ];
}

function Oddities() {
  const chosen = useSignal<Kind>('outliers');
  const all = listings();
  const listing = all.find(({ kind }) => kind === chosen.value) as Listing;
  return (
    <section class="panel oddities" aria-labelledby="oddities-title">
      <div class="panel-head">
        <h2 id="oddities-title">Unusual rows</h2>
      </div>
      <Tabs label="Kinds of unusual rows" tabs={all.map(tabOf)} chosen={chosen} panel="odd-rows" />
      <p class="quiet">{listing.meaning}</p>
      <div class="scrolled" id="odd-rows" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${listing.kind}`}>
        <table class="rows">
          <tbody aria-busy={!examination.value}>
            {listing.rows.map(({ row, reason }) => (
              <tr key={row}>
                <td>
                  <RowButton row={row} />
                </td>
                <td class="reason" title={nameOf(row)}>
                  {reason}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {examination.value && listing.rows.length === 0 && <p class="quiet">None.</p>}
      </div>
    </section>
  );
}

function tabOf({ kind, tab, rows }: Listing) {
  const isCounted = examination.value !== null && kind !== 'outliers';
  return {
    name: kind,
    text: isCounted ? `${tab} (${formatCount(rows.length)})` : tab,
    title: isCounted ? countOf(rows.length, 'row') : undefined,
  };
}
