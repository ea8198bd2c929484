import { fileURLToPath } from 'node:url';
import {
  ArgumentError,
  cosineSimilarity,
  MemoryError,
  openRows,
  type Progress,
  pairedSimilarity,
  pairs,
  readNpy,
  scorePairs,
} from 'allpairs';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import { randomRows } from './random.js';

const SENTENCES = fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url));
const sentences = await readNpy(SENTENCES);
const file = await openRows(SENTENCES);
afterAll(() => file.close());

const loose = scorePairs as (...args: unknown[]) => Promise<unknown>;

/** Plain float64 loops. */
function cosine(x: ArrayLike<number>, i: number, y: ArrayLike<number>, j: number, depth: number): number {
  let [dot, xx, yy] = [0, 0, 0];
  for (let k = 0; k < depth; k++) {
    const a = x[i * depth + k] as number;
    const b = y[j * depth + k] as number;
    dot += a * b;
    xx += a * a;
    yy += b * b;
  }
  return xx * yy === 0 ? 0 : dot / Math.sqrt(xx * yy);
}

describe('pairedSimilarity', () => {
  it('compares row i with row i, as plain loops do', async () => {
    const [x, y] = [randomRows(1000, 300, 1), randomRows(1000, 300, 2)];
    x.data.fill(0, 300, 600);
    const scores = await pairedSimilarity(x, y);
    expect(scores).toBeInstanceOf(Float32Array);
    for (let i = 0; i < 1000; i++) expect(scores[i]).toBeCloseTo(cosine(x.data, i, y.data, i, 300), 6);
    expect(scores[1]).toBe(0);
    expect(Array.from(await pairedSimilarity(x, x)).filter((score) => score !== 1)).toEqual([0]);
  });

  it('types the scores by the rows', async () => {
    const [float32, float64] = [[Float32Array.of(1, 2)], [Float64Array.of(1, 2)]];
    expectTypeOf(await pairedSimilarity(float32, float32)).toExtend<Float32Array>();
    expectTypeOf(await pairedSimilarity(float32, float64)).toExtend<Float64Array>();
    expectTypeOf(await scorePairs(float32, { rows: [0], cols: [0], dtype: 'float64' })).toExtend<Float64Array>();
    expect(await pairedSimilarity(float32, float64)).toBeInstanceOf(Float64Array);
  });

  it('accepts single vectors, and no rows at all', async () => {
    expect(Array.from(await pairedSimilarity([3, 4], [6, 8]))).toEqual([1]);
    expect((await pairedSimilarity([], [])).length).toBe(0);
  });

  it('refuses different numbers of rows, a missing y, and options instead of y', async () => {
    const call = pairedSimilarity as (...args: unknown[]) => Promise<unknown>;
    const [one, two] = [
      [[1, 2]],
      [
        [1, 2],
        [3, 4],
      ],
    ];
    await expect(call(two, one)).rejects.toThrow('expected 2 rows (as `x` has) for `y`, got 1');
    await expect(call(two)).rejects.toThrow('expected rows for `y`, got undefined');
    await expect(call(two, { dtype: 'float64' })).rejects.toThrow(
      'expected rows to compare with those of x for `y`, got options',
    );
    await expect(call(two, two, {}, 1)).rejects.toThrow(ArgumentError);
  });
});

describe('scorePairs', () => {
  it('returns the scores that pairs returns', async () => {
    const { rows, cols, scores } = await pairs(sentences, 0.6);
    expect(await scorePairs(sentences, { rows, cols })).toEqual(scores);
  });

  it('gives the same bits for rows that are read from a file, in any order', async () => {
    const rows = Uint32Array.from({ length: 5000 }, (_, i) => (i * 7919) % 1500);
    const cols = Uint32Array.from({ length: 5000 }, (_, i) => (i * i) % 1500);
    const want = await scorePairs(sentences, { rows, cols });
    expect(await scorePairs(file, { rows, cols })).toEqual(want);
    expect(await scorePairs(file, sentences, { rows, cols })).toEqual(want);
    const { data } = await cosineSimilarity(sentences);
    for (const [at, score] of want.entries()) expect(score).toBe(data[(rows[at] as number) * 1500 + (cols[at] as number)]);
  });

  it('does not read rows that are in no pair', async () => {
    const x = [
      [1, 2],
      [Number.NaN, 1],
      [2, 4],
    ];
    expect(Array.from(await scorePairs(x, { rows: [0], cols: [2] }))).toEqual([1]);
    await expect(scorePairs(x, { rows: [0, 2, 0], cols: [2, 1, 2] })).rejects.toThrow(
      'expected finite numbers in `x`, got NaN in row 1, column 0',
    );
    expect(Array.from(await scorePairs(x, { rows: [0], cols: [1], nonFinite: 'zero' }))).toEqual([0]);
  });

  it('accepts row numbers as a list or a typed array, and copies them', async () => {
    const rows = [0, 1];
    const call = scorePairs(
      [
        [1, 0],
        [0, 1],
      ],
      { rows, cols: Uint8Array.of(0, 0) },
    );
    rows.fill(7);
    expect(Array.from(await call)).toEqual([1, 0]);
    expect((await scorePairs(sentences, { rows: [], cols: [] })).length).toBe(0);
  });

  it('refuses lists whose buffer was transferred', async () => {
    const gone = Uint32Array.of(0, 1);
    structuredClone(gone, { transfer: [gone.buffer] });
    const x = randomRows(2, 3, 1);
    const message = (argument: string) => `expected numbers for \`${argument}\`, got a detached Uint32Array`;
    await expect(scorePairs(x, { rows: gone, cols: gone })).rejects.toThrow(message('rows'));
    await expect(scorePairs(x, { rows: [0, 1], cols: gone })).rejects.toThrow(message('cols'));
    await expect(scorePairs(x, { rows: new Uint32Array(0), cols: new Uint32Array(0) })).resolves.toHaveLength(0);
  });

  it.each<[string, unknown, string]>([
    ['no rows', { cols: [0] }, 'expected a list of row numbers for `rows`, got undefined'],
    ['a text', { rows: '0', cols: [0] }, 'expected a list of row numbers for `rows`, got "0"'],
    ['bigints', { rows: BigInt64Array.of(0n), cols: [0] }, 'expected a list of row numbers for `rows`, got BigInt64Array'],
    ['a fraction', { rows: [0.5], cols: [0] }, 'expected whole numbers below 2 for `rows`, got 0.5 at index 0'],
    ['a negative number', { rows: [0], cols: [-1] }, 'expected whole numbers below 2 for `cols`, got -1 at index 0'],
    ['a row too many', { rows: [0, 2], cols: [0, 1] }, 'expected whole numbers below 2 for `rows`, got 2 at index 1'],
    ['other lengths', { rows: [0, 1], cols: [0] }, 'expected 2 row numbers (as `rows` has) for `cols`, got 1'],
  ])('refuses %s', async (_, options, message) => {
    await expect(
      loose(
        [
          [1, 2],
          [3, 4],
        ],
        options,
      ),
    ).rejects.toThrow(message);
    await expect(
      loose(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 2],
          [3, 4],
        ],
        options,
      ),
    ).rejects.toThrow(message);
  });

  it('reports its progress, stops when it is aborted, and refuses too little memory', async () => {
    const rows = new Uint32Array(40_000);
    const reports: Progress[] = [];
    const work = { rows, cols: rows };
    await scorePairs(sentences, { ...work, onProgress: (progress) => reports.push(progress) });
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.at(-1)).toEqual({ done: 40_000, total: 40_000 });
    await expect(scorePairs(sentences, { ...work, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const error = await scorePairs(sentences, { ...work, memoryBudget: 1000 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MemoryError);
    expect((await scorePairs(sentences, { ...work, memoryBudget: (error as MemoryError).bytes })).length).toBe(40_000);
  });
});
