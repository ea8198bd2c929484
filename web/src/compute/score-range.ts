// Which scores the colours of the heatmap tell apart.

/** The scores that the ends of the scale stand for; the middle stands for what is halfway between them. */
export interface ScoreRange {
  readonly low: number;
  readonly high: number;
}

/** Rows that are compared to find it: known at once, and not changed by what comes later. */
export const SAMPLED_ROWS = 512;

/** Scores that differ by less are all the same: rounding. */
const LEAST = 1e-5;

/**
 * Around the median of the scores of some rows with themselves (n, n), as far to either side as all but the outermost half percent
 * lie: equal differences of scores are equal differences of colours. Null where there is nothing to tell apart.
 */
export function typicalRange(scores: ArrayLike<number>, rows: number): ScoreRange | null {
  const different = new Float32Array((rows * (rows - 1)) / 2);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = row + 1; col < rows; col++) different[at++] = scores[row * rows + col] as number;
  }
  different.sort();
  const quantile = (share: number) => different[Math.round(share * (different.length - 1))] ?? 0;
  const middle = quantile(0.5);
  const reach = Math.max(middle - quantile(0.005), quantile(0.995) - middle);
  return reach < LEAST ? null : { low: middle - reach, high: middle + reach };
}
