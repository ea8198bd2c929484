// Turns a table into text cells, for the terminal and for Markdown.

import { indistinct } from '../src/cli/interleaved-timing.js';
import { formatError, formatMs, formatRatio, formatValue } from './format.js';
import type { ReportTable } from './report.js';

export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Fastest first. `~` marks rows whose quartiles overlap those of another row; `peak` is the peak of the machine in GF/s. */
export function tableOf(table: ReportTable, peak?: number): TextTable {
  if (table.kind === 'values') {
    const head = ['', ...table.columns.map(({ name }) => name)];
    const rows = table.rows.map(({ name, values }) => [
      name,
      ...values.map((value, i) => formatValue(value, table.columns[i]?.unit ?? '')),
    ]);
    return { head, rows };
  }
  const unclear = new Set(indistinct(table.rows).flat());
  const rows = [...table.rows].sort((a, b) => a.medianMs - b.medianMs);
  const work = rows.some(({ gflops }) => gflops > 0);
  const head = ['', 'median', 'quartiles', 'runs', `speed vs ${table.baseline}`, 'error', ...(work ? ['GF/s'] : [])];
  if (work && peak) head.push('of the peak');
  return {
    head,
    rows: rows.map(({ name, medianMs, lowMs, highMs, samples, ratio, error, gflops }) => [
      name,
      `${unclear.has(name) ? '~ ' : ''}${formatMs(medianMs)}`,
      samples > 1 ? `${formatMs(lowMs)} – ${formatMs(highMs)}` : '',
      String(samples),
      ratio === undefined || ratio === null ? '' : `${formatRatio(ratio)}x`,
      Number.isFinite(error) ? formatError(error) : 'no answer',
      ...(work ? [gflops.toFixed(1)] : []),
      ...(work && peak ? [`${((100 * gflops) / peak).toFixed(0)}%`] : []),
    ]),
  };
}
