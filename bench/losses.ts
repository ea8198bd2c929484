// Lists where rivals do better than allpairs, as sentences for docs/benchmarks.md.

import { formatMs, formatRatio, formatValue } from './format.js';
import { isOurs, type ReportTable, type SectionReport, type TimesTable, type ValuesTable } from './report.js';

/** One sentence per table that compares allpairs with rivals, in the order of the tables. */
export function losses(section: SectionReport): string[] {
  return section.tables.flatMap((table) => (table.kind === 'times' ? lossesOfTimes(table) : lossesOfValues(table)));
}

function lossesOfTimes({ title, rows }: TimesTable): string[] {
  const ours = rows.filter(({ name }) => isOurs(name));
  const rivals = rows.filter(({ name }) => !isOurs(name));
  if (ours.length === 0 || rivals.length === 0) return [];
  return ours.map((own) => {
    const faster = rivals.filter(({ highMs }) => highMs < own.lowMs).sort((a, b) => a.medianMs - b.medianMs);
    const level = rivals.filter(({ lowMs, highMs }) => lowMs <= own.highMs && own.lowMs <= highMs);
    const found = [
      ...faster.map(
        ({ name, medianMs }) =>
          `**${name} is faster** (${formatMs(medianMs)} compared with ${formatMs(own.medianMs)}, ` +
          `${formatRatio(own.medianMs / medianMs)}x)`,
      ),
      ...level.map(({ name }) => `${name} is equally fast within the noise`),
    ];
    return `${title}, ${own.name}: ${found.length > 0 ? found.join('; ') : 'no rival here is faster'}.`;
  });
}

function lossesOfValues(table: ValuesTable): string[] {
  const at = table.columns.findIndex(({ lowerIsBetter }) => lowerIsBetter);
  const column = table.columns[at];
  if (!column) return [];
  const usable = table.rows.filter(({ values }) => typeof values[at] === 'number' && !failed(table, values));
  const value = ({ values }: (typeof usable)[number]) => values[at] as number;
  return usable
    .filter(({ name }) => isOurs(name))
    .map((own) => {
      const better = usable
        .filter((row) => !isOurs(row.name) && value(row) < value(own))
        .map((row) => `**${row.name} has a lower value** (${formatValue(value(row), column.unit)})`);
      const told = better.length > 0 ? better.join('; ') : 'no rival here is lower';
      return `${table.title}; ${own.name} has a ${column.name} of ${formatValue(value(own), column.unit)}: ${told}.`;
    });
}

/** Whether some of the scores are NaN or infinite. */
function failed({ columns }: ReportTable & { kind: 'values' }, values: readonly unknown[]): boolean {
  return columns.some(({ name }, i) => name === 'NaN or infinite' && values[i] !== 0);
}
