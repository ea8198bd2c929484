// The columns for the names, pictures and order of rows, which can be chosen at any time.

import { effect } from '@preact/signals';
import type { LabelColumn, RowImages } from '../../../src/cli/view/page-data.js';
import { tableOf } from '../../../src/cli/view/row-columns.js';
import { type Shown, shown, table } from './answers.js';
import { labelBy, orderBy, pictureBy } from './choices.js';
import { pictureAddresses, picturesIn } from './pictures.js';

/** What the page was given, for choices that are left open. */
let given: Pick<Shown, 'labels' | 'labelColumn' | 'images'>;

/** Shows rows with their columns, and applies the choices among these. */
export function showWithColumns(rows: Shown): void {
  given = rows;
  table.value = tableOf(rows);
  shown.value = rows;
  effect(() => {
    const name = labelBy.value;
    setNames(
      name === null ? given : { labels: columnNamed(name)?.values ?? null, labelColumn: columnNamed(name)?.name ?? null },
    );
  });
  effect(() => {
    const images = imagesFor(pictureBy.value);
    const now = shown.peek() as Shown;
    if (JSON.stringify(images) !== JSON.stringify(now.images)) shown.value = { ...now, images };
  });
}

/** Adds columns that arrive later, such as those of a file of names. */
export function addColumns(columns: readonly LabelColumn[], also: Pick<Shown, 'columns' | 'carried'>): void {
  const now = shown.peek() as Shown;
  table.value = [...table.peek(), ...columns];
  shown.value = { ...now, columns: [...now.columns, ...also.columns], carried: [...now.carried, ...also.carried] };
}

export function columnNamed(name: string | null): LabelColumn | undefined {
  return table.value.find((column) => column.name === name);
}

function setNames({ labels, labelColumn }: Pick<Shown, 'labels' | 'labelColumn'>): void {
  const now = shown.peek() as Shown;
  if (now.labelColumn === labelColumn) return;
  const isListed = (name: string) => name === labelColumn || now.columns.some((column) => column.name === name);
  shown.value = { ...now, labels, labelColumn, carried: table.peek().filter(({ name }) => !isListed(name)) };
}

function imagesFor(choice: string | null): RowImages | null {
  const { rows = 0, depth = 0 } = shown.peek() ?? {};
  if (choice === null) return given.images;
  const side = sideOf(depth);
  if (choice === 'rows' && side !== null) return { kind: 'rows', width: side, height: side };
  const column = choice.startsWith('column:') ? columnNamed(choice.slice('column:'.length)) : undefined;
  const urls = column && picturesIn(column.values, pictureAddresses.value);
  return urls && rows > 0 ? { kind: 'files', urls } : null;
}

/** Returns the side of a square picture with this many pixels. */
export function sideOf(depth: number): number | null {
  const side = Math.sqrt(depth);
  return Number.isInteger(side) && side > 1 ? side : null;
}

const { compare: inNaturalOrder } = new Intl.Collator('en', { numeric: true });

/** Returns rows in the order of the chosen column: numbers and dates ascending, other texts alphabetically, rows without a value last. */
export function columnOrder(): Uint32Array | null {
  const column = columnNamed(orderBy.peek());
  if (!column) return null;
  const { values, order } = column;
  const rows = Uint32Array.from(values.keys());
  // Array.prototype.sort is stable, and so is that of typed arrays.
  if (!order) return rows.sort((a, b) => inNaturalOrder(values[a] as string, values[b] as string));
  const numberOf = (row: number) => order[row] ?? Number.POSITIVE_INFINITY;
  return rows.sort((a, b) => (numberOf(a) === numberOf(b) ? 0 : numberOf(a) - numberOf(b)));
}
