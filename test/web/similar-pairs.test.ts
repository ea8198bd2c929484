// What the slider shows without recomputing, compared with the library's own calls.

import { groups, pairs, readNpy } from 'allpairs';
import { beforeAll, describe, expect, it } from 'vitest';
import { countAtOrAbove, firstThreshold, groupsAt, type SimilarPairs, sortPairs } from '../../web/src/compute/similar-pairs.js';

const FLOOR = 0.4;

let x: Awaited<ReturnType<typeof readNpy>>;
let held: SimilarPairs;
beforeAll(async () => {
  x = await readNpy('examples/data/sentences.npy');
  const { rows, cols, scores } = await pairs(x, { threshold: FLOOR, dtype: 'float32' });
  const copies = {
    rows: Uint32Array.from(rows),
    cols: Uint32Array.from(cols),
    scores: Float32Array.from(scores),
  };
  held = sortPairs(FLOOR, copies, 1500);
});

describe('the pairs that the page holds', () => {
  it('are ordered by score, highest first, and equal scores by row and column', () => {
    const { rows, cols, scores } = held;
    expect(scores.length).toBeGreaterThan(10_000);
    let equal = 0;
    for (let pair = 1; pair < scores.length; pair++) {
      const [before, score] = [scores[pair - 1] as number, scores[pair] as number];
      expect(before).toBeGreaterThanOrEqual(score);
      if (before !== score) continue;
      equal++;
      const place = (at: number) => (rows[at] as number) * 1500 + (cols[at] as number);
      expect(place(pair)).toBeGreaterThan(place(pair - 1));
    }
    expect(equal).toBeGreaterThan(0);
  });

  it.each([FLOOR, 0.5, 0.651, 0.725, 0.8, 0.9, 1])(
    'at %d are those of the library, and so are the groups',
    async (threshold) => {
      const found = await pairs(x, { threshold, dtype: 'float32' });
      expect(countAtOrAbove(held, threshold)).toBe(found.length);
      const right = await groups(x, { threshold, dtype: 'float32' });
      expect(groupsAt(held, threshold, 1500)).toEqual(right.groups.map(({ rows }) => rows));
    },
  );

  it('are in order even if scores are negative, zero or equal', () => {
    const scores = Float32Array.of(-0.5, 1, 0, -0, -1, 0.25, 1);
    const numbers = Uint32Array.from(scores.keys());
    const sorted = sortPairs(-1, { rows: numbers, cols: numbers.map((row) => row + 1), scores }, 8);
    expect(Array.from(sorted.rows)).toEqual([1, 6, 5, 2, 3, 0, 4]);
    expect(groupsAt(sorted, 0.25, 8)).toEqual(
      [
        [1, 2],
        [5, 6, 7],
      ].sort((a, b) => b.length - a.length),
    );
  });

  it('have an initial threshold that keeps about as many as wanted, with few decimals', () => {
    const threshold = firstThreshold(held, 300, 1500, Number.NaN);
    expect(countAtOrAbove(held, threshold)).toBeGreaterThanOrEqual(300);
    expect(countAtOrAbove(held, threshold)).toBeLessThan(320);
    expect(threshold).toBe(Number(threshold.toFixed(3)));
    const numbers = Uint32Array.from({ length: 1000 }, (_, row) => row);
    const crowded = Float32Array.from(numbers, (row) => 0.9999 + row * 1e-7);
    const pairsOf = (scores: Float32Array<ArrayBuffer>) =>
      sortPairs(-1, { rows: numbers.slice(0, scores.length), cols: numbers.map((row) => row + 1), scores }, 1001);
    expect(firstThreshold(pairsOf(new Float32Array(0)), 1, 1001, 0.4)).toBe(0.4);
    expect(firstThreshold(pairsOf(Float32Array.of(-0.3)), 1, 2, Number.NaN)).toBe(0);
    expect(firstThreshold(pairsOf(new Float32Array()), 1, 1, Number.NaN)).toBe(0);
    // Rows 0 and 1, 2 and 3, and so on: no chain.
    const apart = sortPairs(
      -1,
      { rows: numbers.map((row) => 2 * row), cols: numbers.map((row) => 2 * row + 1), scores: crowded },
      2001,
    );
    expect(firstThreshold(apart, 200, 2001, Number.NaN)).toBe(0.99997);
  });

  it('have an initial threshold that chains few rows, and is not below chance', () => {
    const threshold = firstThreshold(held, 750, 1500, Number.NaN);
    expect(groupsAt(held, 0.7244, 1500)[0]?.length).toBe(49);
    expect(groupsAt(held, threshold, 1500)[0]?.length).toBe(10);
    expect(firstThreshold(held, 750, 1500, 0.9)).toBe(0.9);
    // Each row is similar to the next, so all of them form one chain.
    const numbers = Uint32Array.from({ length: 99 }, (_, row) => row);
    const chain = sortPairs(
      0,
      { rows: numbers, cols: numbers.map((row) => row + 1), scores: Float32Array.from(numbers, (row) => 0.5 + row / 1000) },
      100,
    );
    expect(groupsAt(chain, firstThreshold(chain, 50, 100, Number.NaN), 100)[0]?.length).toBeLessThan(10);
  });

  it('may be none', () => {
    const none = sortPairs(1, { rows: new Uint32Array(), cols: new Uint32Array(), scores: new Float32Array() }, 3);
    expect(countAtOrAbove(none, 1)).toBe(0);
    expect(groupsAt(none, 1, 3)).toEqual([]);
  });
});
