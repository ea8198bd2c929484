// Numbers as people read them.

const counts = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return counts.format(count);
}

/** Scores that differ by less are as good as equal: float32. */
const ROUNDING = 1e-6;

/** With a true minus sign; and not 1.000 where it is less. */
export function formatScore(score: number, digits = 3): string {
  const text = score.toFixed(digits);
  if (Number(text) === 1 && score < 1 - ROUNDING) return formatScore(score, digits + 1);
  // Not −0.00.
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** Decimals that tell scores apart which lie within this range: two at least. */
export function digitsToTell(range: number): number {
  return Math.max(2, Math.ceil(1 - Math.log10(range)));
}

/** As many decimals as it has, three at least. */
export function formatThreshold(threshold: number): string {
  const exact = Number(threshold.toFixed(7));
  return Number(exact.toFixed(3)) === exact ? exact.toFixed(3) : String(exact);
}

/** "1 pair", "2 pairs". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
