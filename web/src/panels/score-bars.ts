// The bars of a histogram of scores. Pure functions.

/** The edges of a histogram's bins, and the number of scores in each bin. */
export interface ScoreCounts {
  readonly edges: Float64Array;
  readonly counts: Float64Array;
}

export interface ScoreBar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface ScoreBars {
  /** The ends of the axis: from the lowest score, rounded down to an edge, to 1. */
  readonly low: number;
  readonly high: number;
  readonly bars: readonly ScoreBar[];
  /** The largest count of a bar. */
  readonly most: number;
}

/** The approximate number of bars that fit. */
const BARS = 60;

/** Returns bars that each cover an equal number of bins, from the lowest bin with a score to the last bin. */
export function barsOf({ edges, counts }: ScoreCounts): ScoreBars {
  const bins = counts.length;
  const first = Math.max(
    0,
    counts.findIndex((count) => count > 0),
  );
  const wide = Math.max(1, Math.ceil((bins - first) / BARS));
  const bars: ScoreBar[] = [];
  // From the top down, so that the last bar ends where the axis ends.
  for (let end = bins; end > first; end -= wide) {
    const start = Math.max(0, end - wide);
    const count = counts.subarray(start, end).reduce((sum, of) => sum + of, 0);
    bars.unshift({ from: edges[start] as number, to: edges[end] as number, count });
  }
  const most = bars.reduce((highest, { count }) => Math.max(highest, count), 0);
  return { low: bars[0]?.from ?? 0, high: edges[bins] as number, bars, most };
}

/** Returns the height of a bar from 0 to 1, on a logarithmic scale on which even a single pair is visible. */
export function heightOf(count: number, most: number): number {
  return count > 0 ? (Math.log10(count) + 0.5) / (Math.log10(most) + 0.5) : 0;
}

/** Returns powers of ten up to `most`, at most `limit` of them. */
export function powersUpTo(most: number, limit: number): number[] {
  const top = Math.floor(Math.log10(Math.max(1, most)));
  const step = Math.max(1, Math.ceil((top + 1) / limit));
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, at) => 10 ** (at * step));
}

/** Returns the digits after the point that distinguish ticks and write each exactly. */
export function digitsOfTicks([first = 0, second = first + 0.1]: readonly number[]): number {
  return Math.max(1, Math.ceil(-Math.log10(second - first) - 1e-9));
}

/** Returns about `count` round numbers along an axis. */
export function ticksBetween(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) as number);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}
