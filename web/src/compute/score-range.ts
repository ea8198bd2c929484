// Determines which scores the colours of the heatmap distinguish.

/**
 * The scores of the four colours of the scale: blue at `low`, none in the middle, red at `high`, and the darkest (on dark pages the
 * lightest) at `top`. Between them, equal differences of scores are equal differences of colours.
 */
export interface ScoreRange {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly top: number;
}

export function isSameRange(a: ScoreRange | null, b: ScoreRange | null): boolean {
  if (!a || !b) return a === b;
  return a.low === b.low && a.middle === b.middle && a.high === b.high && a.top === b.top;
}

/** Rows compared to find the range: it is known immediately, and later results do not change it. */
export const SAMPLED_ROWS = 512;

/** Smaller differences between scores are rounding errors. */
const LEAST = 1e-5;

/** The fraction of the scores beyond either end. Near-duplicates are beyond the upper one, where they have a colour of their own. */
const OUTERMOST = 0.005;

/** Returns the range that distinguishes `scores`, and sorts them; null if there is nothing to distinguish. */
export function rangeOf(scores: Float32Array): ScoreRange | null {
  scores.sort();
  const quantile = (fraction: number) => scores[Math.round(fraction * (scores.length - 1))] ?? 0;
  const middle = quantile(0.5);
  const [lowest, highest] = [quantile(OUTERMOST), quantile(1 - OUTERMOST)];
  if (highest - lowest < LEAST) return null;
  const high = Math.max(highest, middle + LEAST);
  // Blue is no stronger than red for an equal difference.
  const low = Math.min(lowest, 2 * middle - high);
  return { low, middle, high, top: Math.max(1, high + LEAST) };
}

/** Returns the range of the scores of some rows with themselves (n, n), without the diagonal. */
export function typicalRange(scores: ArrayLike<number>, rows: number): ScoreRange | null {
  const different = new Float32Array((rows * (rows - 1)) / 2);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = row + 1; col < rows; col++) different[at++] = scores[row * rows + col] as number;
  }
  return rangeOf(different);
}
