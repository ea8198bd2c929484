import { describe, expect, it } from 'vitest';
import { barsOf, digitsOfTicks, heightOf, powersUpTo, ticksBetween } from '../../web/src/panels/score-bars.js';

const EDGES = Float64Array.from({ length: 2001 }, (_, bin) => bin / 1000 - 1);

describe('the bars of a histogram', () => {
  it('count every pair once, and end at 1', () => {
    const counts = new Float64Array(2000);
    for (let bin = 733; bin < 1950; bin++) counts[bin] = bin % 7;
    const { low, high, bars, most } = barsOf({ edges: EDGES, counts });
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(counts.reduce((sum, count) => sum + count, 0));
    expect(bars.length).toBeLessThanOrEqual(60);
    expect(bars.length).toBeGreaterThan(50);
    expect(low).toBeLessThanOrEqual(EDGES[733] as number);
    expect(high).toBe(1);
    expect(most).toBe(Math.max(...bars.map(({ count }) => count)));
    for (let at = 1; at < bars.length; at++) expect(bars[at]?.from).toBe(bars[at - 1]?.to);
  });

  it('are bins where scores are close together, and may hold no pair', () => {
    const counts = new Float64Array(2000);
    counts[1995] = 4;
    expect(barsOf({ edges: EDGES, counts }).bars.map(({ count }) => count)).toEqual([4, 0, 0, 0, 0]);
    expect(barsOf({ edges: EDGES, counts: new Float64Array(2000) }).most).toBe(0);
  });

  it('are as high as the logarithm of their pairs, and a single pair is visible', () => {
    expect(heightOf(0, 1000)).toBe(0);
    expect(heightOf(1, 1000)).toBeCloseTo(1 / 7, 12);
    expect(heightOf(1000, 1000)).toBe(1);
  });

  it('have round numbers along both axes', () => {
    expect(powersUpTo(123_456, 4)).toEqual([1, 100, 10_000]);
    expect(powersUpTo(0, 4)).toEqual([1]);
    expect(ticksBetween(-0.23, 1, 6).map((score) => Number(score.toFixed(2)))).toEqual([0, 0.5, 1]);
    expect(ticksBetween(0.9, 1, 6).map((score) => Number(score.toFixed(3)))).toEqual([0.9, 0.92, 0.94, 0.96, 0.98, 1]);
  });

  it('are labelled with as many digits as distinguish them, and exactly', () => {
    for (const low of [-1, -0.23, 0.1, 0.7, 0.79, 0.88, 0.9, 0.97, 0.98, 0.995, 0.9999]) {
      const ticks = ticksBetween(low, 1, 6);
      for (const tick of ticks) expect(Number(tick.toFixed(digitsOfTicks(ticks)))).toBeCloseTo(tick, 12);
    }
    expect(digitsOfTicks(ticksBetween(0.79, 1, 6))).toBe(2);
    expect(digitsOfTicks([0.5])).toBe(1);
  });
});
