// The names of rows in results.

import type { Column } from '../io/records/record-sink.js';
import type { RowValues } from '../io/records/row-values.js';

/** The names of the rows of one input, by row number. */
export interface RowNames {
  /** Replace the row numbers. */
  readonly ids?: RowValues | undefined;
  readonly labels?: readonly string[] | undefined;
  /** True if the user asked for labels; false if they come with the input. */
  readonly labelsGiven?: boolean | undefined;
  /** Columns that are written for each row. */
  readonly carried: readonly RowValues[];
}

/** Names of rows, and how scores are written. */
export interface ResultNames {
  /** Names of the rows of x, and of the rows they are compared with: the same object if those are x itself. */
  readonly rows: RowNames;
  readonly cols: RowNames;
  readonly score: 'f4' | 'f8';
  /** True if 1 - score is written. */
  readonly distance?: boolean | undefined;
}

/** Returns a column of row numbers with everything that is written instead of them or in addition. */
export function columnOfRows(name: string, names: RowNames): Column {
  return { name, type: 'u4', ids: names.ids, beside: besideRows(names) };
}

/** Returns what is written for each row in columns of its own. */
export function besideRows({ labels, carried }: RowNames): RowValues[] {
  return [...(labels ? [{ name: 'label', type: 'text' as const, texts: labels }] : []), ...carried];
}

/** Returns the name of a row on a terminal: its label or id, otherwise its number, followed by carried values. */
export function nameOf(row: number, { labels, ids, carried }: RowNames, most = 60): string {
  const name = labels?.[row] ?? ids?.texts[row];
  if (name === undefined && carried.length === 0) return `row ${row}`;
  const label = [name ?? `row ${row}`, ...carried.map(({ texts }) => texts[row] ?? '')].join(' | ');
  // A name may contain characters that move the cursor or change the terminal.
  const characters = Array.from(label.replace(/\p{Cc}/gu, '\ufffd'));
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}

export function hasNames({ labels, ids, carried }: RowNames): boolean {
  return labels !== undefined || ids !== undefined || carried.length > 0;
}

/** Returns the id of a row, or its number if it has none. */
export function idOf(row: number, { ids }: RowNames): string {
  return ids?.texts[row] ?? String(row);
}

/** Returns the approximate size of names in memory. */
export function bytesOfNames({ ids, labels, carried }: RowNames): number {
  const all = [ids?.texts, labels, ...carried.map(({ texts }) => texts)];
  return all.reduce((sum, texts) => sum + bytesOfTexts(texts ?? []), 0);
}

/** Returns the approximate size of texts in memory. */
export function bytesOfTexts(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + 2 * text.length + 40, 0);
}
