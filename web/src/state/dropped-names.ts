// Names of rows in a text that was dropped beside them: a line a row, in columns by tabs. As `--labels` reads it.

import type { PageData } from '../../../src/cli/view/page-data.js';

export type Names = Pick<PageData, 'labels' | 'columns' | 'carried'>;

/** More different values than that are no classes to colour by. */
const MAX_VALUES = 50;

/** The last column has the names; with a line more than rows the first names the columns. Throws where the lines are too few or many. */
export function readNames(text: string, file: string, rows: number): Names {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const cells = lines.map((line) => line.split('\t'));
  const header = cells.length === rows + 1 ? cells.shift() : undefined;
  if (cells.length !== rows) {
    throw new Error(`${file}: expected ${rows} lines, one a row, or one more with the columns' names, got ${lines.length}`);
  }
  const width = Math.max(...cells.map(({ length }) => length));
  const columns = Array.from({ length: width }, (_, at) => ({
    name: header?.[at] || `column ${at + 1}`,
    values: cells.map((line) => line[at] ?? ''),
  }));
  const classes = columns.filter(({ values }) => areClasses(values));
  const carried = columns.slice(0, -1).filter((column) => !classes.includes(column));
  return { labels: columns.at(-1)?.values ?? null, columns: classes, carried };
}

function areClasses(values: readonly string[]): boolean {
  const { size } = new Set(values);
  return size >= 2 && size <= MAX_VALUES && size < values.length;
}
