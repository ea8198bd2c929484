// Ids of rows, given by the option `ids` or by the rows themselves, and results as records, which include them.

import {
  ArgumentError,
  bestPairs,
  cosineSimilarity,
  cosineSimilaritySync,
  dedupe,
  groups,
  histogram,
  type PairEntry,
  pairedSimilarity,
  pairs,
  plan,
  type RowId,
  scorePairs,
  streamMatrix,
  streamPairs,
  topK,
} from 'allpairs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { randomRows } from './random.js';

const x = [
  [1, 2],
  [2, 1],
  [1, 2],
];
const y = [
  [1, 2],
  [0, 1],
];
const ids = ['a', 7, 10n ** 20n];
const yIds = ['p', 'q'];
const own = { rowIds: ids, colIds: ids };
const both = { rowIds: ids, colIds: yIds };

async function first<T>(all: AsyncIterable<T>): Promise<T> {
  for await (const one of all) return one;
  throw new Error('nothing came');
}

describe('`ids`', () => {
  it('have the same names in every result', async () => {
    expect(await cosineSimilarity(x, { ids })).toMatchObject(own);
    expect(cosineSimilaritySync(x, y, { ids, yIds })).toMatchObject(both);
    expect(await first(streamMatrix(x, { ids }))).toMatchObject(own);
    expect(await topK(x, 1, { ids })).toMatchObject(own);
    expect(await topK(x, y, { k: 1, ids, yIds })).toMatchObject(both);
    expect(await pairs(x, 0.9, { ids })).toMatchObject(own);
    expect(await first(streamPairs(x, y, { threshold: 0.9, ids, yIds }))).toMatchObject(both);
    expect(await bestPairs(x, 1, { ids })).toMatchObject(own);
    expect(await groups(x, 0.9, { ids })).toMatchObject({ rowIds: ids });
    expect(await groups(x, { threshold: 0.9, method: 'community', minimumSize: 2, ids })).toMatchObject({ rowIds: ids });
    expect(await dedupe(x, { threshold: 0.9, against: y, ids, againstIds: yIds })).toMatchObject({
      rowIds: ids,
      againstIds: yIds,
    });
    expect(await pairedSimilarity(y, y, { ids: yIds, yIds })).toMatchObject({ rowIds: yIds, colIds: yIds });
    expect(await scorePairs(x, y, { rows: [0], cols: [1], by: 'number', ids, yIds })).toMatchObject(both);
  });

  it('are returned for one side if only that side has ids', async () => {
    const found = await topK(x, y, { k: 1, yIds });
    expect(found.colIds).toEqual(yIds);
    expect(found).not.toHaveProperty('rowIds');
    expect(await topK(x, y, { k: 1, ids })).not.toHaveProperty('colIds');
  });

  it('may be typed arrays, and are copied', async () => {
    const list = ['a', 'b', 'c'];
    const call = pairs(x, 0.9, { ids: list });
    list.fill('changed');
    expect((await call).rowIds).toEqual(['a', 'b', 'c']);
    expect((await pairs(x, 0.9, { ids: Int32Array.of(5, 6, 7) })).rowIds).toEqual([5, 6, 7]);
    expect((await pairs(x, 0.9, { ids: BigInt64Array.of(5n, 6n, 7n) })).rowIds).toEqual([5n, 6n, 7n]);
  });

  it('change no other part of a result', async () => {
    const rows = randomRows(60, 8, 1);
    const { rowIds, colIds, ...named } = await topK(rows, { k: 3, ids: Array.from({ length: 60 }, (_, i) => `${i}`) });
    expect(rowIds).toBe(colIds);
    expect(named).toEqual({ ...(await topK(rows, 3)) });
  });

  it('may repeat ids that came with the rows, and are refused otherwise', async () => {
    const byId = { 1: [1, 2], 2: [2, 1] };
    expect((await pairs(byId, { threshold: 0, ids: [1, 2] })).rowIds).toEqual([1, 2]);
    await expect(pairs(new Map([['b', [1, 2]]]), { threshold: 0, ids: ['a'] })).rejects.toThrow(
      '`ids` says "a" for row 0, but `x` itself has "b"',
    );
    await expect(pairs(x, new Map([['b', [1, 2]]]), { threshold: 0, yIds: ['a'] })).rejects.toThrow(
      '`yIds` says "a" for row 0, but `y` itself has "b"',
    );
  });

  it.each<[string, unknown, string]>([
    ['no list', 'abc', 'expected a list with an id for each row for `ids`, got "abc"'],
    ['too few', ['a', 'b'], 'expected 3 ids, one for each row of `x` for `ids`, got 2'],
    ['null among them', ['a', null, 'c'], 'expected a string, a number or a bigint as each id for `ids`, got null for row 1'],
    ['NaN among them', [1, 2, Number.NaN], 'expected a string, a number or a bigint as each id for `ids`, got NaN for row 2'],
    ['objects', [{}, {}, {}], 'got Object for row 0'],
  ])('are refused: %s', async (_, list, message) => {
    const loose = topK as (...args: unknown[]) => Promise<unknown>;
    await expect(loose(x, { k: 1, ids: list })).rejects.toThrow(message);
    await expect(loose(x, { k: 1, ids: list })).rejects.toBeInstanceOf(ArgumentError);
  });

  it('are refused for a missing y, and by calls that return no ids', async () => {
    await expect(topK(x, { k: 1, yIds })).rejects.toThrow('expected none without `y` for `yIds`');
    const loose = histogram as (...args: unknown[]) => Promise<unknown>;
    await expect(loose(x, { ids })).rejects.toThrow("Unknown option 'ids'");
    expect(plan.topK(x, { k: 1, ids })).toMatchObject({ tiles: 1 });
  });
});

describe('pairedSimilarity and scorePairs by id', () => {
  const map = new Map<RowId, number[]>([
    ['a', [1, 0]],
    ['b', [0, 1]],
  ]);

  it('return the ids of Maps', async () => {
    const scores = await pairedSimilarity(map, new Map(map));
    expect(Array.from(scores)).toEqual([1, 1]);
    expect(scores).toMatchObject({ rowIds: ['a', 'b'], colIds: ['a', 'b'] });
    expectTypeOf(scores).toExtend<Float32Array | Float64Array>();
  });

  it('refuse two Maps with the same ids in a different order as ambiguous', async () => {
    const turned = new Map([...map].reverse());
    await expect(pairedSimilarity(map, turned)).rejects.toThrow(
      '`x` and `y` have the same ids in another order: row 0 is "a" in `x` and "b" in `y`',
    );
    const others = new Map([
      ['b', [0, 1]],
      ['c', [1, 0]],
    ]);
    expect(Array.from(await pairedSimilarity(map, others))).toEqual([0, 0]);
  });

  it('accept ids instead of row numbers', async () => {
    expect(Array.from(await scorePairs(map, { rows: ['b', 'a'], cols: ['b', 'b'] }))).toEqual([1, 0]);
    expect(Array.from(await scorePairs(y, { rows: ['q'], cols: ['p'], ids: yIds }))).toHaveLength(1);
    const byNumber = await scorePairs(map, { rows: [1, 0], cols: [1, 1] });
    expect(Array.from(byNumber)).toEqual([1, 0]);
    await expect(scorePairs(map, { rows: [1, 'a'], cols: [1, 1] })).rejects.toThrow(
      '`rows` mixes row numbers and ids: 1 at index 0, "a" at index 1; give only numbers or only ids',
    );
    await expect(scorePairs(map, { rows: ['b', 'a'], cols: ['b', 0] })).rejects.toThrow('`cols` mixes row numbers and ids');
    await expect(scorePairs(map, { rows: ['z'], cols: ['a'] })).rejects.toThrow(
      'expected ids of rows for `rows`, got "z" at index 0',
    );
    await expect(scorePairs(y, { rows: ['p'], cols: ['p'], ids: ['p', 'p'] })).rejects.toThrow('which several rows have');
  });

  it('refuse numbers that can be row numbers or ids, unless `by` decides', async () => {
    const numbered = new Map([
      [1, [1, 0]],
      [0, [0, 1]],
    ]);
    const work = { rows: [0, 1], cols: [0, 0] };
    await expect(scorePairs(numbered, work)).rejects.toThrow('can be row numbers or ids');
    expect(Array.from(await scorePairs(numbered, { ...work, by: 'number' }))).toEqual([1, 0]);
    expect(Array.from(await scorePairs(numbered, { rows: [0, 1], cols: [1, 1], by: 'id' }))).toEqual([0, 1]);
    await expect(scorePairs(x, { ...work, by: 'id' })).rejects.toThrow('as the rows have no ids');
  });
});

describe('results as records', () => {
  it('of pairs, of best pairs and of batches are in the order of their arrays', async () => {
    const found = await pairs(x, 0.9);
    expect([...found]).toEqual([{ row: 0, col: 2, score: 1 }]);
    expect(found.toArray()).toEqual([...found]);
    const records: PairEntry[] = [];
    for await (const batch of streamPairs(x, 0.7)) records.push(...batch);
    expect(records.map(({ row, col }) => [row, col])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    for (const { row, col, score } of await bestPairs(x, 1)) expect([row, col, score]).toEqual([0, 2, 1]);
  });

  it('of topK have a rank from 1', async () => {
    const found = await topK(x, y, { k: 2, ids, yIds });
    expect(found.toArray()).toHaveLength(6);
    expect(found.toArray()[1]).toEqual({ row: 0, rank: 2, col: 1, score: found.scores[1], rowId: 'a', colId: 'q' });
  });

  it('have the ids of both rows, if they have ids', async () => {
    expect((await pairs(x, 0.9, { ids })).toArray()).toEqual([{ row: 0, col: 2, score: 1, rowId: 'a', colId: 10n ** 20n }]);
    const [entry] = await pairs(x, y, { threshold: 0.9, yIds });
    expect(entry).toEqual({ row: 0, col: 0, score: 1, colId: 'p' });
  });

  it('of groups and of dropped rows have ids', async () => {
    expect((await groups(x, 0.9)).toArray()).toEqual([{ rows: [0, 2], size: 2, representative: 0, scores: [1, 1] }]);
    expect([...(await groups(x, 0.9, { ids }))]).toEqual([
      { rows: [0, 2], size: 2, representative: 0, scores: [1, 1], rowIds: ['a', 10n ** 20n], representativeId: 'a' },
    ]);
    const { dropped } = await dedupe(x, { threshold: 0.9, against: [[2, 1]], ids, againstIds: ['kept'] });
    expect(dropped.toArray()).toEqual([
      { row: 1, keptRow: 0, source: 'against', score: 1, rowId: 7, keptRowId: 'kept' },
      { row: 2, keptRow: 0, source: 'x', score: 1, rowId: 10n ** 20n, keptRowId: 'a' },
    ]);
  });

  it('are written as JSON with bigints as text', async () => {
    const found = await pairs(x, 0.9, { ids });
    expect(JSON.parse(JSON.stringify(found)).rowIds).toEqual(['a', 7, '100000000000000000000']);
  });

  it('add nothing to posted messages, JSON or enumeration', async () => {
    const found = await pairs(x, 0.9);
    expect(Object.keys(found)).not.toContain('toArray');
    expect(structuredClone({ ...found })).toEqual({ ...found });
    expect(structuredClone(found)).not.toHaveProperty('toArray');
    expect(JSON.parse(JSON.stringify(found))).toMatchObject({ rows: [0], cols: [2], scores: [1], length: 1 });
  });
});
