// Prints a section in the terminal.

import Table from 'cli-table3';
import pc from 'picocolors';
import { indistinct } from '../src/cli/interleaved-timing.js';
import { isOurs, type ReportTable, type SectionReport } from './report.js';
import { tableOf } from './table-text.js';

/** `limits` is that section if it has run; it provides the peak. */
export function printSection({ tables, leftOut, seconds }: SectionReport, limits: SectionReport | undefined): void {
  const peak = peakOf(limits);
  for (const table of tables) {
    const { head, rows } = tableOf(table, peak);
    const lines = new Table({
      head: [...head],
      colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
      style: { head: ['dim'], border: ['dim'], compact: true },
    });
    lines.push(...rows.map(([name = '', ...cells]) => [isOurs(name) ? pc.bold(name) : name, ...cells]));
    console.log(`\n${table.title}\n${lines}`);
    for (const line of doubts(table)) console.log(pc.yellow(line));
  }
  for (const { name, reason } of leftOut) console.log(pc.dim(`left out: ${name} (${reason})`));
  console.log(pc.dim(`${seconds.toFixed(0)} s`));
}

/** Comparisons for which this run was too noisy. */
export function doubts(table: ReportTable): string[] {
  if (table.kind !== 'times') return [];
  return indistinct(table.rows).map(
    ([one, other]) => `the quartiles of ${one} and ${other} overlap: this run cannot show which is faster`,
  );
}

/** Multiply-adds of all threads, in GF/s. */
export function peakOf(limits: SectionReport | undefined): number | undefined {
  const machine = limits?.tables.find(({ id }) => id === 'machine');
  if (machine?.kind !== 'values') return undefined;
  const row = machine.rows.find(({ name }) => name === 'multiply-adds in registers, all threads');
  return row && Number.parseFloat(String(row.values[0]));
}
