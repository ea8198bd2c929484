import { describe, expect, it } from 'vitest';
import { bestOf } from '../../web/src/compute/best-of.js';
import { HighestPairs } from '../../web/src/compute/highest-pairs.js';
import { randomRows } from '../random.js';

describe('the highest scores', () => {
  it.each([0, 1, 7, 400, 1000])('are the first ones after sorting: %i', (k) => {
    // Many are equal.
    const scores = randomRows(1, 500).data.map((score) => Math.round(5 * score));
    const right = Array.from(scores.keys())
      .filter((place) => place !== 33)
      .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
    expect([...bestOf(scores, k, (place) => place !== 33)]).toEqual(right.slice(0, k));
  });
});

describe('the highest pairs', () => {
  const scores = Float32Array.from(randomRows(1, 5000).data, (score) => Math.round(100 * score) / 100);
  const numbers = Uint32Array.from(scores.keys());
  const batches = [0, 1000, 1001, 3000].map((from, at, all) => {
    const to = all[at + 1] ?? scores.length;
    return {
      rows: numbers.subarray(from, to),
      cols: numbers.subarray(from, to).map((n) => n + 1),
      scores: scores.subarray(from, to),
    };
  });
  const collect = (floor: number, most: number) => {
    const highest = new HighestPairs(floor, most);
    for (const batch of batches) highest.add(batch);
    return highest;
  };

  it.each([20, 300, 4999, 6000])('are all pairs from the floor up, and at most %i', (most) => {
    const highest = collect(-0.5, most);
    const { rows, cols, scores: held } = highest.unsorted();
    const right = [...numbers].filter((at) => (scores[at] as number) >= Math.max(-0.5, highest.floor));
    expect([...rows]).toEqual(right);
    expect([...cols]).toEqual(right.map((row) => row + 1));
    expect([...held]).toEqual(right.map((at) => scores[at]));
    expect(right.length).toBeLessThanOrEqual(most);
    expect(right.length).toBeGreaterThan(0);
    expect(highest.floor > -0.5).toBe(most < 3000);
  });

  it('are none if too many are equal', () => {
    const highest = new HighestPairs(0, 10);
    const many = numbers.subarray(0, 50);
    highest.add({ rows: many, cols: many, scores: new Float32Array(50).fill(1) });
    expect(highest.floor).toBe(Number.POSITIVE_INFINITY);
    expect(highest.unsorted().rows).toHaveLength(0);
  });
});
