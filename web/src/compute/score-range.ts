// Which scores the colours of the heatmap tell apart.

/** The scores that the ends and the middle of the scale stand for. */
export interface ScoreRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Rows that are compared to find it: known at once, and not changed by what comes later. */
export const SAMPLED_ROWS = 512;

/** Apart at least so far. */
const LEAST = 1e-3;

/** All but the outermost half percent of the scores of some rows with themselves (n, n), around the median. */
export function typicalRange(scores: ArrayLike<number>, rows: number): ScoreRange {
  const different = new Float32Array((rows * (rows - 1)) / 2);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = row + 1; col < rows; col++) different[at++] = scores[row * rows + col] as number;
  }
  different.sort();
  const quantile = (share: number) => different[Math.round(share * (different.length - 1))] ?? 0;
  if (different.length === 0) return { low: -1, middle: 0, high: 1 };
  const middle = quantile(0.5);
  return { low: Math.min(quantile(0.005), middle - LEAST), middle, high: Math.max(quantile(0.995), middle + LEAST) };
}
