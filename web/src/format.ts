// Formats numbers for display.

const counts = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return counts.format(count);
}

/** Smaller differences between scores are within float32 precision. */
const ROUNDING = 1e-6;

/** With a true minus sign, and never 1.000 for a lower score. */
export function formatScore(score: number, digits = 3): string {
  const text = score.toFixed(digits);
  if (Number(text) === 1 && score < 1 - ROUNDING) return formatScore(score, digits + 1);
  // Never −0.00.
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** Returns the number of decimals that distinguish scores within this range, at least two. */
export function digitsToTell(range: number): number {
  return Math.max(2, Math.ceil(1 - Math.log10(range)));
}

/** With all its decimals, and at least three. */
export function formatThreshold(threshold: number): string {
  const exact = Number(threshold.toFixed(7));
  return Number(exact.toFixed(3)) === exact ? exact.toFixed(3) : String(exact);
}

/** "1 pair", "2 pairs". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
