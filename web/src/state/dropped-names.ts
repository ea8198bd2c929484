// Names of rows in a text file that was dropped with them: one line per row, with columns separated by tabs, as `--labels` reads it; or a
// CSV.

import { csvParseRows } from 'd3-dsv';
import { beginsWithHeader, labelColumns } from '../../../src/cli/view/name-table.js';
import { type NamedColumn, usualLabel } from '../../../src/cli/view/row-columns.js';

export interface NameTable {
  readonly columns: readonly NamedColumn[];
  /** The name of the column that names the rows. */
  readonly label: string | null;
}

/**
 * The column with a usual name contains the names, or else the last. Of several such columns, the one with the most different values does,
 * because another can be chosen at any time. If there is one more line than rows, the first names the columns. Throws if there are too few
 * or too many lines, or if it is unclear which line is the extra one.
 */
export function readNames(text: string, file: string, rows: number): NameTable {
  const cells = /\.csv$/i.test(file)
    ? csvParseRows(text.replace(/^\ufeff/, ''))
    : linesOf(text).map((line) => line.split('\t'));
  const header = cells.length === rows + 1 ? headerOf(cells, file) : undefined;
  if (cells.length !== rows) {
    throw new Error(`${file}: expected ${rows} lines, one per row, or one more for the names of columns, got ${cells.length}`);
  }
  const width = Math.max(...cells.map(({ length }) => length));
  const columns = Array.from({ length: width }, (_, at) => ({
    name: header?.[at] || `column ${at + 1}`,
    values: cells.map((line) => line[at] ?? ''),
  }));
  return {
    columns,
    label: usualLabel(labelColumns(header, width).map((at) => columns[at] as NamedColumn)) ?? columns.at(-1)?.name ?? null,
  };
}

/** Removes the first line, which names the columns, and returns it. */
function headerOf(cells: string[][], file: string): string[] | undefined {
  if (beginsWithHeader(cells)) return cells.shift();
  throw new Error(
    `${file}: ${cells.length} lines for ${cells.length - 1} rows; the first, ${JSON.stringify(cells[0]?.[0])}, may name the column, or one ` +
      'name is too many; if it names the column, change it to "name", else remove the line without a row',
  );
}

function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
