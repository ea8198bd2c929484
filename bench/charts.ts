// Draws the charts of docs/benchmarks.md: a dot for each median and a line between its quartiles, on a logarithmic scale, where equal
// distances are equal ratios. The SVG has no scripts and follows the reader's preference for light or dark.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { formatError, formatMs } from './format.js';
import { isOurs, type ReportTable, type SectionReport } from './report.js';

interface Dot {
  readonly table: string;
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly label: string;
  readonly ours: boolean;
}

const WIDTH = 720;
const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 30;
/** A background panel, because the surrounding page may be light on a dark system. */
const STYLE = `
  svg { color: #1f2328; --ours: #0b6bcb; --rival: #6e7781; }
  .panel { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6edf3; --ours: #58a6ff; --rival: #9198a1; }
    .panel { fill: #0d1117; }
  }
`;

/** Returns undefined if there is nothing to draw. */
export function chartOf(section: SectionReport): string | undefined {
  const panels = section.tables.map((table) => ({ table, dots: dotsOf(table) })).filter(({ dots }) => dots.length > 1);
  if (panels.length === 0) return undefined;
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  let top = 0;
  const parts = panels.map(({ table, dots }) => {
    const height = HEAD_HEIGHT + ROW_HEIGHT * dots.length + 44;
    const part = drawn(document, table, dots, height);
    part.setAttribute('y', String(top));
    // Removes class prefixes of the library, because there is only one style.
    for (const style of part.querySelectorAll('style')) style.remove();
    const title = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    for (const [name, value] of Object.entries({ x: 8, y: 16, 'text-anchor': 'start', 'font-weight': 'bold', 'font-size': 12 }))
      title.setAttribute(name, String(value));
    title.textContent = table.title;
    part.appendChild(title);
    top += height;
    return part.outerHTML;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" role="img" ` +
    `font-family="system-ui, sans-serif" font-size="11"><title>${escaped(section.asks)}</title><style>${STYLE}</style>` +
    `<rect class="panel" width="${WIDTH}" height="${top}" rx="6"/>${parts.join('')}</svg>\n`
  );
}

function drawn(document: unknown, table: ReportTable, dots: readonly Dot[], height: number): Element {
  const values = dots.flatMap(({ low, high }) => [low, high]);
  return Plot.plot({
    document: document as Document,
    width: WIDTH,
    height,
    marginTop: HEAD_HEIGHT - 4,
    marginLeft: 190,
    marginRight: 90,
    marginBottom: 46,
    x: {
      type: 'log',
      domain: [Math.min(...values) / 1.2, Math.max(...values) * 1.2],
      label: axisOf(table),
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 34,
      ticks: 4,
      tickFormat: unitOf(table),
      grid: true,
    },
    y: { domain: dots.map(({ name }) => name), label: null, tickSize: 0 },
    marks: [
      Plot.ruleY(dots, { y: 'name', x1: 'low', x2: 'high', stroke: colour, strokeWidth: 3, strokeOpacity: 0.5 }),
      Plot.dot(dots, { y: 'name', x: 'value', r: 4, fill: colour, stroke: 'none' }),
      Plot.text(dots, { y: 'name', x: 'high', text: 'label', textAnchor: 'start', dx: 9, fill: 'currentColor' }),
    ],
  }) as unknown as Element;
}

function colour({ ours }: Dot): string {
  return ours ? 'var(--ours)' : 'var(--rival)';
}

/** Uses the first column of a table of values, if it contains positive numbers. */
function dotsOf(table: ReportTable): Dot[] {
  if (table.kind === 'times')
    return table.rows
      .map(({ name, medianMs, lowMs, highMs }) => ({
        table: table.title,
        name,
        value: medianMs,
        low: lowMs,
        high: highMs,
        label: formatMs(medianMs),
        ours: isOurs(name),
      }))
      .sort((a, b) => a.value - b.value);
  const [column] = table.columns;
  if (!column || !['ms', 'MiB', 'error'].includes(column.unit)) return [];
  const format = unitOf(table);
  return table.rows.flatMap(({ name, values: [value] }) =>
    typeof value === 'number' && value > 0
      ? [{ table: table.title, name, value, low: value, high: value, label: format(value), ours: isOurs(name) }]
      : [],
  );
}

function axisOf(table: ReportTable): string {
  const what = table.kind === 'times' ? 'median time and quartiles' : (table.columns[0]?.name ?? '');
  return `${what}, logarithmic scale`;
}

function unitOf(table: ReportTable): (value: number) => string {
  const unit = table.kind === 'times' ? 'ms' : table.columns[0]?.unit;
  if (unit === 'error') return formatError;
  return unit === 'MiB' ? (value) => `${Math.round(value)} MiB` : formatMs;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
