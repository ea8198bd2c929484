// Which scores the colours of the heatmap tell apart.

/**
 * The scores at which the scale has its four colours: blue at `low`, none in the middle, red at `high`, and its darkest (in dark pages
 * its lightest) at `top`. Between them equal differences of scores are equal differences of colours.
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

/** Rows that are compared to find it: known at once, and not changed by what comes later. */
export const SAMPLED_ROWS = 512;

/** Scores that differ by less are all the same: rounding. */
const LEAST = 1e-5;

/** The fraction of the scores that lies beyond either end. Near-duplicates are beyond the upper one: they have a colour of their own. */
const OUTERMOST = 0.005;

/** The range that tells `scores` apart; null where there is nothing to tell apart. Sorts them. */
export function rangeOf(scores: Float32Array): ScoreRange | null {
  scores.sort();
  const quantile = (fraction: number) => scores[Math.round(fraction * (scores.length - 1))] ?? 0;
  const middle = quantile(0.5);
  const [lowest, highest] = [quantile(OUTERMOST), quantile(1 - OUTERMOST)];
  if (highest - lowest < LEAST) return null;
  const high = Math.max(highest, middle + LEAST);
  // Blue is no stronger than red is for as large a difference.
  const low = Math.min(lowest, 2 * middle - high);
  return { low, middle, high, top: Math.max(1, high + LEAST) };
}

/** The range of the scores of some rows with themselves (n, n), without the diagonal. */
export function typicalRange(scores: ArrayLike<number>, rows: number): ScoreRange | null {
  const different = new Float32Array((rows * (rows - 1)) / 2);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = row + 1; col < rows; col++) different[at++] = scores[row * rows + col] as number;
  }
  return rangeOf(different);
}
