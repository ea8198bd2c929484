// The options for pairs that count: what they accept and refuse, and how calls report zero rows.

import {
  bestPairs,
  cosineSimilarity,
  dedupe,
  groups,
  histogram,
  type Options,
  openRows,
  type Progress,
  pairedSimilarity,
  pairs,
  scorePairs,
  streamMatrix,
  topK,
} from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { SavedState } from '#src/saved-state.js';
import { randomRows } from './random.js';
import { WAYS } from './ways.js';

const x = [
  [1, 0],
  [2, 0.1],
  [0, 0],
  [-1, 0.2],
];
const y = [
  [1, 0.5],
  [0, 0],
];
const t = { threshold: -1 };

describe('groupOf', () => {
  it.each([
    ['numbers', [0, 0, 1, 1]],
    ['large numbers', [2 ** 53 - 1, 2 ** 53 - 1, 2 ** 40, 2 ** 40]],
    ['a typed array', Uint8Array.of(7, 7, 9, 9)],
    ['BigInts', BigInt64Array.of(5n, 5n, 2n ** 60n, 2n ** 60n)],
    ['strings', ['a', 'a', '', '']],
  ])('takes %s', async (_, groupOf) => {
    const { rows, cols } = await pairs(x, { ...t, groupOf, within: true });
    expect([Array.from(rows), Array.from(cols)]).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect((await pairs(x, { ...t, groupOf, across: true })).length).toBe(4);
  });

  it('accepts -1 and null for rows in no group', async () => {
    for (const groupOf of [[3, -1, -1, 3], [3, null, null, 3], BigInt64Array.of(3n, -1n, -1n, 3n), ['a', null, null, 'a']]) {
      expect((await pairs(x, { ...t, groupOf, within: true })).length).toBe(1);
      expect((await pairs(x, { ...t, groupOf, across: true })).length).toBe(5);
    }
  });

  it('identifies the groups of y with those of x, and a BigInt with the equal number', async () => {
    const asked = { ...t, groupOf: [1, 2, 3, 4], groupOfY: BigInt64Array.of(4n, 2n) };
    const { rows, cols } = await pairs(x, y, { ...asked, within: true });
    expect([Array.from(rows), Array.from(cols)]).toEqual([
      [1, 3],
      [1, 0],
    ]);
    const { kept } = await dedupe(x, {
      threshold: 0.8,
      against: y,
      groupOf: [1, 2, 3, 4],
      groupOfAgainst: [1, 9],
      within: true,
    });
    expect(Array.from(kept)).toEqual([1, 2, 3]);
  });

  it.each([
    [{ groupOf: [1, 2, 3, 4] }, 'groupOf needs one of across and within, got neither'],
    [{ groupOf: [1, 2, 3, 4], across: true, within: true }, 'groupOf needs one of across and within, got both'],
    [{ groupOf: [1, 2, 3, 4], across: false }, 'got neither'],
    [{ across: true }, 'across needs the group of each row'],
    [{ within: true }, 'within needs the group of each row'],
    [{ groupOfY: [1, 2] }, 'groupOfY needs the group of each row'],
    [{ groupOf: [1, 2, 3], across: true }, 'expected 4 groups, one for each row for `groupOf`, got 3'],
    [{ groupOf: [1, 2, 3, 1.5], across: true }, 'got 1.5 for row 3'],
    [{ groupOf: [1, 2, 3, -2], across: true }, 'got -2 for row 3'],
    [{ groupOf: [1, 2, 3, undefined], across: true }, 'got undefined for row 3'],
    [{ groupOf: [1, 2, 3, Number.NaN], across: true }, 'got NaN for row 3'],
    [{ groupOf: [1, 2, 3, 'a'], across: true }, 'expected only numbers or only strings for `groupOf`'],
    [{ groupOf: 'abcd', across: true }, 'expected the group of each row for `groupOf`, got "abcd"'],
    [{ groupOf: [1, 2, 3, 4], across: 'yes' }, 'expected true or false for `across`, got "yes"'],
    [{ groupOf: [1, 2, 3, 4], groupOfY: [1, 2], across: true }, 'none without rows to compare with'],
  ])('is refused in %j', async (options, message) => {
    await expect(pairs(x, { ...t, ...options } as never)).rejects.toThrow(message);
    await expect(topK(x, { k: 1, ...options } as never)).rejects.toThrow(message);
  });

  it('is required for y as well', async () => {
    await expect(pairs(x, y, { ...t, groupOf: [1, 2, 3, 4], across: true })).rejects.toThrow('`groupOfY`, got undefined');
    const asked = { ...t, groupOf: [1, 2, 3, 4], groupOfY: ['a', 'b'], across: true };
    await expect(pairs(x, y, asked)).rejects.toThrow('only numbers or only strings');
  });

  it('may be changed during a call', async () => {
    const groupOf = Uint8Array.of(0, 0, 1, 1);
    const found = pairs(x, { ...t, groupOf, within: true });
    groupOf.fill(0);
    expect((await found).length).toBe(2);
  });
});

describe('below and thresholds of rows', () => {
  it.each([
    [{ threshold: 0.5, below: 0.5 }, 'a number above 0.5, up to 1'],
    [{ threshold: 0.5, below: 1.5 }, 'a number above 0.5, up to 1'],
    [{ threshold: 0.5, below: '1' }, 'got "1"'],
    [{ threshold: [0.5] }, 'expected one number, or 4, one for each row for `threshold`, got 1'],
    [{ threshold: [0.5, 0.5, 2, 0.5] }, 'expected numbers from -1 to 1 for `threshold`, got 2 for row 2'],
    [{ threshold: [0.5, 0.5, null, 0.5] }, 'got null for row 2'],
  ])('%j is refused', async (options, message) => {
    await expect(pairs(x, options as never)).rejects.toThrow(message);
  });

  it('divide pairs without gaps or overlaps', async () => {
    const rows = randomRows(90, 4, 5);
    const edges = [-1, -0.5, 0, 0.5, 0.8, 1];
    const bands = await Promise.all(
      edges.map((threshold, at) => pairs(rows, { threshold, ...(at < 5 && { below: edges[at + 1] }) })),
    );
    expect(bands.reduce((sum, { length }) => sum + length, 0)).toBe((90 * 89) / 2);
    const { scores } = await bestPairs(rows, { count: 3, below: 0.8 });
    expect(Math.max(...scores)).toBeLessThan(0.8 + 1e-6);
  });

  it('are refused by calls with a single threshold', async () => {
    await expect(dedupe(x, { threshold: [1, 1, 1, 1] } as never)).rejects.toThrow('a number from -1 to 1');
    await expect(groups(x, { threshold: 0.9, below: 1 } as never)).rejects.toThrow("Unknown option 'below'");
  });
});

describe('zeroRows', () => {
  it("'throw' reports the first of them, in every call", async () => {
    const message = 'expected rows that are not all zeros in `x`, got only zeros in row 2';
    const asked: Options = { zeroRows: 'throw' };
    await expect(cosineSimilarity(x, asked)).rejects.toThrow(message);
    await expect(topK(x, { k: 1, ...asked })).rejects.toThrow(message);
    await expect(pairs(x, { ...t, ...asked })).rejects.toThrow(message);
    await expect(bestPairs(x, { count: 1, ...asked })).rejects.toThrow(message);
    await expect(groups(x, { threshold: 0.9, ...asked })).rejects.toThrow(message);
    await expect(dedupe(x, { threshold: 0.9, ...asked })).rejects.toThrow(message);
    await expect(histogram(x, asked)).rejects.toThrow(message);
    await expect(pairedSimilarity(x, x, asked)).rejects.toThrow(message);
    await expect(scorePairs(x, { rows: [0], cols: [2], ...asked })).rejects.toThrow(message);
    await expect(streamMatrix(x, asked).next()).rejects.toThrow(message);
    await expect(topK(x, y, { k: 1, ...asked })).rejects.toThrow(message);
    await expect(topK(x.slice(0, 2), y, { k: 1, ...asked })).rejects.toThrow('in `y`, got only zeros in row 1');
    const many = Array.from({ length: 9 }, (_, row) => [row % 2, 0]);
    await expect(pairs(many, { ...t, ...asked })).rejects.toThrow('got only zeros in rows 0, 2, 4 and more');
  });

  it("'throw' takes effect before the first result if there are several passes", async () => {
    const { data, shape } = randomRows(2000, 32, 6);
    data.fill(0, 1999 * 32);
    const batches = WAYS[0]?.streamPairs({ data, shape }, { threshold: 0.3, zeroRows: 'throw', memoryBudget: 2e6 });
    await expect(batches?.next()).rejects.toThrow('only zeros in row 1999');
  });

  it("'exclude' is refused if every pair has a score", async () => {
    const asked: Options = { zeroRows: 'exclude' };
    const message = "zeroRows: 'exclude' leaves pairs out";
    await expect(cosineSimilarity(x, asked)).rejects.toThrow(message);
    await expect(histogram(x, asked)).rejects.toThrow(message);
    await expect(pairedSimilarity(x, x, asked)).rejects.toThrow(message);
    await expect(scorePairs(x, { rows: [0], cols: [2], ...asked })).rejects.toThrow(message);
    expect(() => streamMatrix(x, asked)).toThrow(message);
  });

  it("'exclude' omits rows that `nonFinite: 'zero'` makes zero rows", async () => {
    const rows = [...x, [Number.NaN, 1]];
    const { counts, indices } = await topK(rows, { k: 4, zeroRows: 'exclude', nonFinite: 'zero' });
    expect(Array.from(counts as Uint32Array)).toEqual([2, 2, 0, 2, 0]);
    expect(indices.filter((index) => index === 2 || index === 4)).toHaveLength(0);
  });

  it('are counted once in progress, however often rows are packed', async () => {
    const { data, shape } = randomRows(1500, 32, 7);
    for (const row of [0, 700, 1499]) data.fill(0, row * 32, (row + 1) * 32);
    for (const api of WAYS) {
      for (const memoryBudget of [undefined, 2e6]) {
        for (const nonFinite of ['throw', 'zero'] as const) {
          let last: Progress | undefined;
          const onProgress = (progress: Progress) => {
            last = progress;
          };
          await api.topK({ data, shape }, { k: 2, memoryBudget, nonFinite, onProgress });
          expect(last?.zeroRows).toBe(3);
          await api.pairs({ data, shape }, x[0] && { data, shape }, { threshold: 0.9, memoryBudget, nonFinite, onProgress });
          expect(last?.zeroRows).toBe(6);
          await api.dedupe({ data, shape }, { threshold: 0.9, against: { data, shape }, nonFinite, onProgress });
          expect(last?.zeroRows).toBe(6);
          await api.scorePairs({ data, shape }, { rows: [0, 0, 5], cols: [700, 8, 0], onProgress });
          expect(last?.zeroRows).toBe(2);
          await api.pairedSimilarity({ data, shape }, { data, shape }, { onProgress });
          expect(last?.zeroRows).toBe(6);
        }
      }
    }
  });

  it('are found in files as in memory', async () => {
    const text = x.map((row) => `${JSON.stringify({ v: row })}\n`).join('');
    const file = await openRows(new TextEncoder().encode(text), { format: 'jsonl' });
    await expect(topK(file, { k: 1, zeroRows: 'throw' })).rejects.toThrow('only zeros in row 2');
    expect(Array.from((await topK(file, { k: 3, zeroRows: 'exclude' })).counts as Uint32Array)).toEqual([2, 2, 0, 2]);
    await file.close();
  });
});

describe('lists shorter than k', () => {
  const { data, shape } = randomRows(2500, 12, 8);
  const rows = { data, shape };
  const groupOf = Uint16Array.from({ length: 2500 }, (_, row) => row % 900);

  it('have counts, which full lists do not need', async () => {
    const found = await topK(rows, { k: 2, groupOf, within: true });
    expect(found.counts?.slice(0, 3)).toEqual(Uint32Array.of(2, 2, 2));
    expect(found.counts?.[899]).toBe(1);
    expect(JSON.parse(JSON.stringify(found)).scores.at(899 * 2 + 1)).toBe(null);
    expect(await topK(rows, { k: 2 })).not.toHaveProperty('counts');
  });

  it.each(WAYS.map((api, at) => [['automatic', 'on workers', 'alone'][at], api] as const))(
    'resume from any state: %s',
    async (_, api) => {
      const options = { k: 4, threads: 2, groupOf, within: true };
      const expected = await api.topK(rows, { ...options });
      const states: SavedState[] = [];
      const save = ({ row, arrays }: SavedState) => {
        const copies = Object.entries(arrays).map(([name, array]) => [name, array.slice()]);
        states.push({ row, arrays: Object.fromEntries(copies) });
      };
      expect(await api.topK(rows, { ...options, checkpoint: { save, interval: 0 } })).toEqual(expected);
      for (const saved of [states[0], states.at(-1)] as SavedState[]) {
        expect(await api.topK(rows, { ...options, checkpoint: { saved, save: () => {} } })).toEqual(expected);
      }
    },
  );
});
