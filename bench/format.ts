// Formats figures for the terminal, docs/benchmarks.md and the README.

/** Three significant digits, in microseconds below one millisecond. */
export function formatMs(ms: number): string {
  if (ms < 0.9995) return `${digits(1000 * ms)} µs`;
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

export function formatError(error: number): string {
  if (error === 0) return '0';
  return error < 0.01 ? error.toExponential(1) : error.toFixed(2);
}

/** Formats the value of a column by its unit. */
export function formatValue(value: number | string | null, unit: string): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (unit === 'ms') return formatMs(value);
  if (unit === 'error') return formatError(value);
  if (unit === 'count') return String(value);
  return unit === '%' ? `${Math.round(value)}%` : `${digits(value)} ${unit}`.trim();
}

export function formatRatio(ratio: number): string {
  if (ratio < 0.1) return ratio.toPrecision(1);
  return ratio.toFixed(ratio < 10 ? 1 : 0);
}

function digits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
