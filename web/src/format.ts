// Numbers as people read them.

const counts = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return counts.format(count);
}

/** With a true minus sign. */
export function formatScore(score: number, digits = 3): string {
  const text = score.toFixed(digits);
  // Not −0.00.
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** "1 pair", "2 pairs". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
