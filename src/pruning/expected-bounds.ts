// Estimates the final worst score of each list from a sample of rows.

/** Up to this many highest scores are found by insertion. */
const FEW_HIGHEST = 16;
/** Highest bound that is expected of a list. */
const MOST_EXPECTED = 0.98;

/**
 * Returns for each row the expected worst of its best scores, from its cosines with `others` sampled rows: the score that a `fraction`
 * of them reaches. If that is less than one of them, extrapolates from the highest: the score rises from the fourth to the highest over
 * two doublings, and continues at that rate.
 */
export function expectedBounds(cosines: Float32Array, others: number, fraction: number): Float64Array {
  const rank = fraction * others;
  const count = Math.min(others, Math.max(4, Math.round(rank)));
  const bounds = new Float64Array(cosines.length / others);
  for (let row = 0; row < bounds.length; row++) {
    const highest = highestOf(cosines, row * others, (row + 1) * others, count);
    const first = highest[0] as number;
    const slope = (first - (highest[count - 1] as number)) / 2;
    bounds[row] =
      rank >= 1
        ? (highest[Math.min(count, Math.round(rank)) - 1] as number)
        : Math.min(MOST_EXPECTED, first - slope * Math.log2(rank));
  }
  return bounds;
}

/** Returns the highest `count` numbers of a range, highest first. */
function highestOf(numbers: Float32Array, from: number, to: number, count: number): Float32Array {
  if (count > FEW_HIGHEST) return numbers.slice(from, to).sort().reverse().subarray(0, count);
  const highest = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let at = from; at < to; at++) {
    const number = numbers[at] as number;
    let place = count - 1;
    if (number <= (highest[place] as number)) continue;
    for (; place > 0 && number > (highest[place - 1] as number); place--) highest[place] = highest[place - 1] as number;
    highest[place] = number;
  }
  return highest;
}
