// What rows are called in results.

import type { Column } from '../io/records/record-sink.js';
import type { RowValues } from '../io/records/row-values.js';

/** What stands for the rows of one input, by their numbers there. */
export interface RowNames {
  /** In the place of their numbers. */
  readonly ids?: RowValues | undefined;
  readonly labels?: readonly string[] | undefined;
  /** Whether the labels were asked for, and are not only those that the input has. */
  readonly labelsGiven?: boolean | undefined;
  /** Columns that are written beside each row. */
  readonly carried: readonly RowValues[];
}

/** Names of rows, and how scores are written. */
export interface ResultNames {
  /** Of the rows of x, and of what they are compared with: the same object where that is x itself. */
  readonly rows: RowNames;
  readonly cols: RowNames;
  readonly score: 'f4' | 'f8';
  /** Whether 1 - score is written. */
  readonly distance?: boolean | undefined;
}

/** A column of row numbers with all that is written in their place and beside them. */
export function columnOfRows(name: string, names: RowNames): Column {
  return { name, type: 'u4', ids: names.ids, beside: besideRows(names) };
}

/** What is written beside a row, each as a column of its own. */
export function besideRows({ labels, carried }: RowNames): RowValues[] {
  return [...(labels ? [{ name: 'label', type: 'text' as const, texts: labels }] : []), ...carried];
}

/** How a row is called on a terminal: by its label or its id, else by its number; and by the columns that it carries. */
export function nameOf(row: number, { labels, ids, carried }: RowNames, most = 60): string {
  const name = labels?.[row] ?? ids?.texts[row];
  if (name === undefined && carried.length === 0) return `row ${row}`;
  const label = [name ?? `row ${row}`, ...carried.map(({ texts }) => texts[row] ?? '')].join(' | ');
  // A name may hold what would move the cursor or change the terminal.
  const characters = Array.from(label.replace(/\p{Cc}/gu, '\ufffd'));
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}

export function hasNames({ labels, ids, carried }: RowNames): boolean {
  return labels !== undefined || ids !== undefined || carried.length > 0;
}

/** The id of a row, or else its number. */
export function idOf(row: number, { ids }: RowNames): string {
  return ids?.texts[row] ?? String(row);
}

/** Approximate bytes of names in memory. */
export function bytesOfNames({ ids, labels, carried }: RowNames): number {
  const all = [ids?.texts, labels, ...carried.map(({ texts }) => texts)];
  return all.reduce((sum, texts) => texts?.reduce((more, text) => more + 2 * text.length + 40, sum) ?? sum, 0);
}
