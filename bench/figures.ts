// Takes the measured figures in documents from docs/benchmarks.json, so that they are never typed. They are between comments:
//
//     <!-- bench: dense/4000x768/allpairs native -->77 ms<!-- /bench -->        a median
//     <!-- bench: dense/4000x768/scikit-learn : allpairs native -->1.3<!-- /bench -->     the ratio of two medians
//     <!-- bench: limits/kernel/packing, tiles and scores/of the peak -->89%<!-- /bench -->   a column of a table of values
//
//     <!-- bench-table: dense; 50x64, 4000x768; allpairs native, scikit-learn -->     medians of these rows of these tables
//     <!-- /bench-table -->
//
//     <!-- bench-environment -->...<!-- /bench-environment -->

import { formatMs, formatRatio, formatValue } from './format.js';
import { isOurs, type Report, type ReportTable } from './report.js';

/** Shown by a quick run, which has other sizes, in place of missing figures. */
const NO_FIGURE = '–';

const FIGURE = /(<!-- bench: (.+?) -->)[\s\S]*?(<!-- \/bench -->)/g;
const TABLE = /(<!-- bench-table: (.+?) -->)[\s\S]*?(<!-- \/bench-table -->)/g;
const ENVIRONMENT = /(<!-- bench-environment -->)[\s\S]*?(<!-- \/bench-environment -->)/g;

/** Returns the document with the figures of the report. */
export function fillFigures(text: string, report: Report): string {
  return text
    .replace(FIGURE, (_, open, path, close) => `${open}${figureOf(report, path)}${close}`)
    .replace(TABLE, (_, open, what, close) => `${open}\n${medians(report, what)}\n${close}`)
    .replace(ENVIRONMENT, (_, open, close) => `${open}${environmentText(report)}${close}`);
}

/** Returns a document without generated text: what a person has typed. */
export function withoutFigures(text: string): string {
  return text.replace(FIGURE, '').replace(TABLE, '').replace(ENVIRONMENT, '');
}

/** Returns the figure at a path. A missing path is an error, except in a quick run. */
export function figureOf(report: Report, path: string): string {
  const [section = '', id = '', name = '', column] = path.split('/');
  const table = report.sections[section]?.tables.find((table) => table.id === id);
  const text = table && cellOf(table, name, column);
  if (text !== undefined) return text;
  if (report.quick) return NO_FIGURE;
  throw new Error(`docs/benchmarks.json has no ${path}`);
}

function cellOf(table: ReportTable, name: string, column: string | undefined): string | undefined {
  if (table.kind === 'values') {
    const at = column === undefined ? 0 : table.columns.findIndex((each) => each.name === column);
    const value = table.rows.find((row) => row.name === name)?.values[at];
    return value === undefined ? undefined : formatValue(value, table.columns[at]?.unit ?? '');
  }
  const [one, other] = name.split(' : ').map((part) => table.rows.find((row) => row.name === part)?.medianMs);
  if (!name.includes(' : ')) return one === undefined ? undefined : formatMs(one);
  return one === undefined || other === undefined ? undefined : formatRatio(one / other);
}

function medians(report: Report, what: string): string {
  const [section = '', ids = '', names = ''] = what.split(';').map((part) => part.trim());
  const columns = ids.split(', ');
  const rows = names.split('|').map((name) => name.trim());
  for (const row of rows) {
    const somewhere = report.sections[section]?.tables.some(
      (table) => columns.includes(table.id) && cellOf(table, row, undefined) !== undefined,
    );
    if (!somewhere && !report.quick) throw new Error(`docs/benchmarks.json has no ${row} in ${section}`);
  }
  const cell = (id: string, row: string) => {
    const table = report.sections[section]?.tables.find((table) => table.id === id);
    return (table && cellOf(table, row, undefined)) ?? '';
  };
  return [
    `| | ${columns.map((id) => id.replace('x', ' x ')).join(' | ')} |`,
    `|---|${columns.map(() => '---:').join('|')}|`,
    ...rows.map((row) => `| ${isOurs(row) ? `**${row}**` : row} | ${columns.map((id) => cell(id, row)).join(' | ')} |`),
  ].join('\n');
}

/** A sentence about date and environment. */
export function environmentText({ environment, versions, date, quick }: Report): string {
  const { processor, cores, threads, runtime, native } = environment;
  const peers = ['torch', 'numpy', 'sklearn', 'faiss'].flatMap((name) => (versions[name] ? [`${name} ${versions[name]}`] : []));
  return (
    `${quick ? 'A QUICK RUN, WHOSE FIGURES MEAN NOTHING: ' : ''}${date}, ${cores} of ${processor}, ${threads}, ${runtime}, ` +
    `${native}; rivals: ${peers.join(', ')}`
  );
}
