// Names of rows in a text file that was dropped with them: one line per row, with columns separated by tabs, as `--labels` reads it; or a
// CSV.

import { csvParseRows } from 'd3-dsv';
import type { NamedColumn } from '../../../src/cli/view/row-columns.js';

export interface NameTable {
  readonly columns: readonly NamedColumn[];
  /** The name of the column that names the rows. */
  readonly label: string | null;
}

/**
 * The last column of the lines contains the names. If there is one more line than rows, the first names the columns. Throws if there are
 * too few or too many lines.
 */
export function readNames(text: string, file: string, rows: number): NameTable {
  const cells = /\.csv$/i.test(file)
    ? csvParseRows(text.replace(/^\ufeff/, ''))
    : linesOf(text).map((line) => line.split('\t'));
  const header = cells.length === rows + 1 ? cells.shift() : undefined;
  if (cells.length !== rows) {
    throw new Error(`${file}: expected ${rows} lines, one per row, or one more for the names of columns, got ${cells.length}`);
  }
  const width = Math.max(...cells.map(({ length }) => length));
  const columns = Array.from({ length: width }, (_, at) => ({
    name: header?.[at] || `column ${at + 1}`,
    values: cells.map((line) => line[at] ?? ''),
  }));
  return { columns, label: columns.at(-1)?.name ?? null };
}

function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
