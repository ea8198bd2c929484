// Transformed rows compared with NumPy, in every call, and what is refused.

import { fileURLToPath } from 'node:url';
import {
  ArgumentError,
  bestPairs,
  cosineSimilarity,
  cosineSimilaritySync,
  dedupe,
  fitTransform,
  groups,
  histogram,
  type Options,
  openRows,
  pairedSimilarity,
  pairs,
  plan,
  readNpy,
  scorePairs,
  streamMatrix,
  streamPairs,
  type Transform,
  type TransformOptions,
  topK,
} from 'allpairs';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from './conformance/node-runner.js';
import { randomRows } from './random.js';
import { WAYS } from './ways.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const sentences = await readNpy(at('../examples/data/sentences.npy'));
const digitsFile = at('../examples/data/digits.npy');

function rowsOf({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }, from: number, to: number) {
  const depth = shape[1] as number;
  return { data: Float32Array.from(data).subarray(from * depth, to * depth), shape: [to - from, depth] };
}

const GOLDEN: readonly [name: string, options: TransformOptions][] = [
  ['sentences-centred', { center: true }],
  ['sentences-all-but-top-2', { removeComponents: 2 }],
  ['sentences-whitened', { whiten: true }],
];

/** Rows that vary in `rank` directions around a mean. */
function flatRows(count: number, depth: number, rank: number, seed = 1): Float64Array[] {
  const weights = randomRows(count, rank, seed).data;
  const directions = randomRows(rank, depth, seed + 1).data;
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: depth }, (_, k) => {
      let sum = 1 + k / depth;
      for (let r = 0; r < rank; r++) sum += (weights[row * rank + r] as number) * (directions[r * depth + k] as number);
      return sum;
    }),
  );
}

function centred(rows: readonly ArrayLike<number>[]): Float64Array[] {
  const depth = rows[0]?.length ?? 0;
  const mean = new Float64Array(depth);
  for (const row of rows) for (let k = 0; k < depth; k++) mean[k] = (mean[k] as number) + (row[k] as number) / rows.length;
  return rows.map((row) => Float64Array.from(row, (value, k) => value - (mean[k] as number)));
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return most;
}

describe('transformed rows have the cosines that NumPy computes', () => {
  for (const { name: backend, backend: available, reason } of BACKENDS) {
    it.skipIf(!available).each(GOLDEN)(`${backend}${reason ? ` (skipped: ${reason})` : ''}: %s`, async (file, options) => {
      const golden = await readNpy(at(`./golden/${file}.npy`));
      const transform = await fitTransform(sentences, { ...options, backend });
      expect(transform.fittedRows).toBe(1500);
      const [queries, others] = [rowsOf(sentences, 0, 8), rowsOf(sentences, 0, 100)];
      const exact = await cosineSimilarity(queries, others, { transform, backend, dtype: 'float64' });
      expect(worst(exact.data, golden.data)).toBeLessThan(1e-9);
      const scores = await cosineSimilarity(queries, others, { transform, backend });
      // Elements are rounded to float32 once; after that, scores are within 1e-6.
      expect(worst(scores.data, golden.data)).toBeLessThan(1.5e-6);
    });
  }
});

describe('every call', () => {
  const rows = flatRows(60, 9, 6);
  const others = flatRows(40, 9, 6, 5);
  const OPTIONS: readonly TransformOptions[] = [{ center: true }, { removeComponents: 2 }, { whiten: true }];

  it.each(OPTIONS)('compares the transformed rows, with the bits of cosineSimilarity: %j', async (options) => {
    const transform = await fitTransform(rows, options);
    const own = await cosineSimilarity(rows, { transform });
    const cross = await cosineSimilarity(rows, others, { transform });
    for (const asked of [options, { transform }] as Options[]) {
      expect((await cosineSimilarity(rows, asked)).data).toEqual(own.data);
      expect((await cosineSimilarity(rows, others, asked)).data).toEqual(cross.data);
      const paired = await pairedSimilarity(rows.slice(0, 40), others, { transform });
      expect(Array.from(paired)).toEqual(Array.from({ length: 40 }, (_, i) => cross.at(i, i)));
      const given = await scorePairs(rows, { rows: [3, 59], cols: [17, 0], ...asked });
      expect(Array.from(given)).toEqual([own.at(3, 17), own.at(59, 0)]);
      const nearest = await topK(rows, { k: 3, ...asked });
      for (const [place, row] of nearest.indices.entries()) {
        expect(nearest.scores[place]).toBe(own.at(Math.floor(place / 3), row));
      }
      const found = await pairs(rows, { threshold: 0.5, ...asked });
      expect(found.length).toBeGreaterThan(0);
      for (let p = 0; p < found.length; p++) {
        expect(found.scores[p]).toBe(own.at(found.rows[p] as number, found.cols[p] as number));
      }
      let streamed = 0;
      for await (const batch of streamPairs(rows, { threshold: 0.5, ...asked })) streamed += batch.length;
      expect(streamed).toBe(found.length);
      const [best] = (await bestPairs(rows, { count: 1, ...asked })).scores;
      expect(best).toBe(Math.max(...found.scores));
      let blocks = 0;
      for await (const { row, col, matrix } of streamMatrix(rows, asked)) {
        expect(matrix.at(0, 1)).toBe(own.at(row, col + 1));
        blocks++;
      }
      expect(blocks).toBeGreaterThan(0);
      const { maximum } = await histogram(rows, asked);
      expect(maximum).toBe(best);
      const { kept, dropped } = await dedupe(rows, { threshold: 0.5, ...asked });
      expect(kept.length + dropped.rows.length).toBe(60);
      expect(dropped.scores[0]).toBe(own.at(dropped.rows[0] as number, dropped.keptRows[0] as number));
      expect((await groups(rows, { threshold: 0.5, ...asked })).groups.length).toBeGreaterThan(0);
      expect(plan.topK(rows, { k: 3, ...asked }).passes).toBe(1);
    }
  });

  it('subtracts the mean of x from x and y', async () => {
    const all = centred(rows);
    const mean = Float64Array.from(rows[0] as Float64Array, (value, k) => value - (all[0]?.[k] as number));
    const own = await cosineSimilarity(all);
    expect(worst((await cosineSimilarity(rows, { center: true })).data, own.data)).toBeLessThan(1e-13);
    const cross = await cosineSimilarity(
      all,
      others.map((row) => row.map((value, k) => value - (mean[k] as number))),
    );
    expect(worst((await cosineSimilarity(rows, others, { center: true })).data, cross.data)).toBeLessThan(1e-13);
  });

  it('finds the same pairs of stored rows as of rows in memory, in one pass or in several', async () => {
    const x = await readNpy(digitsFile);
    const file = await openRows(digitsFile);
    try {
      for (const options of [{ center: true }, { removeComponents: 3 }]) {
        const want = await topK(x, { k: 5, ...options });
        const got = await topK(file, { k: 5, ...options });
        expect(got.indices).toEqual(want.indices);
        expect(got.scores).toEqual(want.scores);
        const memoryBudget = 2.9e6;
        expect(plan.topK(file, { k: 5, memoryBudget, ...options }).passes).toBeGreaterThan(1);
        expect((await topK(file, { k: 5, memoryBudget, ...options })).scores).toEqual(want.scores);
        const threshold = 0.8;
        const found = await dedupe(file, { threshold, priority: Array.from({ length: 1797 }, (_, row) => row), ...options });
        const kept = await dedupe(x, { threshold, priority: Array.from({ length: 1797 }, (_, row) => row), ...options });
        expect(found.kept).toEqual(kept.kept);
      }
    } finally {
      await file.close();
    }
  });

  it('gives the same bits on threads and without', async () => {
    const x = randomRows(300, 20);
    const [first, ...more] = await Promise.all(WAYS.map((api) => api.cosineSimilarity(x, { whiten: true, backend: 'wasm' })));
    for (const other of more) expect(other.data).toEqual(first?.data);
  });

  it('leaves the rows unchanged, and computes in float64 before it rounds', async () => {
    // In float32 nothing would remain of the differences between the rows.
    const x = randomRows(50, 4).data.map((value) => Math.fround(1000 + value));
    const before = x.slice();
    const scores = await cosineSimilarity({ data: x, shape: [50, 4] }, { center: true });
    expect(x).toEqual(before);
    const rows = Array.from({ length: 50 }, (_, row) => Float64Array.from(x.subarray(row * 4, row * 4 + 4)));
    expect(worst(scores.data, (await cosineSimilarity(centred(rows))).data)).toBeLessThan(1e-6);
  });

  it('aborts while rows are read for the fit', async () => {
    const reason = new Error('enough');
    await expect(topK(sentences, { k: 3, whiten: true, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('a transform', () => {
  it('leaves zero rows unchanged, and does not count them', async () => {
    const rows = [
      [0, 0],
      [3, 1],
      [1, 3],
      [0, 0],
    ];
    const transform = await fitTransform(rows, { center: true });
    expect(transform.fittedRows).toBe(2);
    const scores = await cosineSimilarity(rows, { transform });
    expect(scores.row(0)).toEqual(new Float32Array(4));
    expect(scores.at(1, 2)).toBe(-1);
  });

  it('turns a row that is equal to the mean into a zero row instead of rounding error', async () => {
    const rows = [0.1, 0.2, 0.3].map((value) => Float64Array.of(value, value / 3, 0.7));
    expect((await cosineSimilarity(rows, { center: true })).row(1)).toEqual(new Float64Array(3));
    const equal = await cosineSimilarity(Array(7).fill(Float64Array.of(0.1, 0.7)), { center: true });
    expect(equal.data).toEqual(new Float64Array(49));
  });

  it('accepts rows of the largest and the smallest numbers', async () => {
    const rows = [
      [3e38, -3e38],
      [-3e38, 3e38],
      [3e38, 3e38],
      [1e38, 2e38],
    ].map((row) => Float32Array.from(row));
    const want = await cosineSimilarity(centred(rows.map((row) => row.map((value) => value / 1e30))));
    expect(worst((await cosineSimilarity(rows, { center: true })).data, want.data)).toBeLessThan(1e-6);
    const tiny = rows.map((row) => Float64Array.from(row, (value) => value * 2 ** -1000));
    expect(worst((await cosineSimilarity(tiny, { center: true })).data, want.data)).toBeLessThan(1e-6);
    const large = rows.map((row) => Float64Array.from(row, (value) => value * 2 ** 896));
    await expect(cosineSimilarity(large, { whiten: true })).rejects.toThrow('too large');
  });

  it('refuses rows that are not finite with their position, or counts them as zeros', async () => {
    const rows = [
      [1, 2],
      [3, Number.NaN],
      [2, 1],
    ];
    await expect(topK(rows, { k: 1, center: true })).rejects.toThrow('got NaN in row 1, column 1');
    const transform = await fitTransform(rows, { center: true, nonFinite: 'zero' });
    expect(transform.fittedRows).toBe(2);
    await expect(cosineSimilarity(rows, { transform })).rejects.toThrow('got NaN in row 1, column 1');
    const scores = await cosineSimilarity(rows, { transform, nonFinite: 'zero' });
    expect(Array.from(scores.data)).toEqual([1, 0, -1, 0, 0, 0, -1, 0, 1]);
  });

  it('drops directions in which the rows do not vary when whitening, and reports how many are left', async () => {
    const rows = flatRows(60, 9, 4);
    const transform = await fitTransform(rows, { whiten: true });
    expect(transform).toMatchObject({ depth: 9, fittedRows: 60, removeComponents: 0, rank: 4 });
    const both = await fitTransform(rows, { whiten: true, removeComponents: 1 });
    expect(both).toMatchObject({ removeComponents: 1, rank: 3 });
    // The rounding error of a large direction is not variance.
    const large = rows.map((row, i) => row.map((value, k) => value + 1e4 * (i % 7) * ((rows[0] as Float64Array)[k] as number)));
    const { rank } = await fitTransform(large, { whiten: true, removeComponents: 1 });
    expect(rank).toBeLessThanOrEqual(4);
    // All directions of whitened rows have the same variance, so the mean square of a cosine is that of random directions.
    const { data } = await cosineSimilarity(rows, { transform });
    expect(Math.abs(data.reduce((sum, score) => sum + score, 0))).toBeLessThan(60);
  });

  it('is restored exactly from its JSON', async () => {
    const rows = flatRows(60, 9, 6);
    for (const options of [{ center: true }, { removeComponents: 2 }, { removeComponents: 1, whiten: true }]) {
      const transform = await fitTransform(rows, options);
      const copy = JSON.parse(JSON.stringify(transform)) as Transform;
      expect(copy).toEqual(transform);
      expect((await cosineSimilarity(rows, { transform: copy })).data).toEqual(
        (await cosineSimilarity(rows, { transform })).data,
      );
    }
  });

  it.each<[what: string, change: (json: Transform) => unknown]>([
    ['no object', () => null],
    ['another kind', (json) => ({ ...json, kind: 'matrix' })],
    ['a later version', (json) => ({ ...json, version: 2 })],
    ['a mean of another length', (json) => ({ ...json, mean: json.mean.slice(1) })],
    ['a missing number', (json) => ({ ...json, mean: json.mean.map(() => null) })],
    ['half a direction', (json) => ({ ...json, components: json.components.slice(1) })],
    ['no depth', ({ depth: _, ...json }) => json],
    ['a short factor', (json) => ({ ...json, whitening: { elements: [0, 1], factor: [1, 2] } })],
    ['a diagonal of 0', (json) => ({ ...json, whitening: { elements: [0], factor: [0] } })],
    ['an element that no row has', (json) => ({ ...json, whitening: { elements: [99], factor: [1] } })],
  ])('with %s is refused', async (_, change) => {
    const rows = flatRows(60, 9, 6);
    const transform = change(await fitTransform(rows, { removeComponents: 2 })) as Transform;
    await expect(topK(rows, { k: 1, transform })).rejects.toThrow(ArgumentError);
  });
});

const rows = flatRows(20, 5, 3);
const transform = await fitTransform(rows, { center: true });

describe('impossible transforms are refused', () => {
  it.each<[options: object, message: string]>([
    [{ center: 1 }, 'expected true or false for `center`, got 1'],
    [{ whiten: 'yes' }, 'expected true or false for `whiten`, got "yes"'],
    [{ removeComponents: -1 }, 'expected a whole number from 0 for `removeComponents`, got -1'],
    [{ removeComponents: 5 }, 'expected fewer than the 5 elements of a row for `removeComponents`, got 5'],
    [{ removeComponents: 4 }, 'the rows of `x` vary in 3 directions only'],
    [{ center: false, whiten: true }, 'center: false contradicts'],
    [{ transform, center: true }, '`transform` is already fitted'],
    [{ transform: [1, 2] }, 'expected what fitTransform returns for `transform`, got Array'],
    [{ transform: JSON.stringify(transform) }, 'expected what fitTransform returns for `transform`'],
  ])('%j', async (options, message) => {
    await expect(topK(rows, { k: 1, ...options })).rejects.toThrow(message);
  });

  it('with the name of the argument', async () => {
    const other = await fitTransform(flatRows(20, 6, 3), { center: true });
    await expect(topK(rows, { k: 1, transform: other })).rejects.toThrow('rows of length 5 (as x has)');
    await expect(fitTransform(rows, {})).rejects.toThrow('there is nothing to fit');
    await expect(fitTransform(rows, { center: false })).rejects.toThrow('there is nothing to fit');
    await expect(fitTransform(rows, { dtype: 'float32' } as never)).rejects.toThrow("Unknown option 'dtype'");
    await expect(
      topK(
        [[1, 2]],
        rows.map((row) => row.subarray(0, 2)),
        { k: 1, center: true },
      ),
    ).rejects.toThrow('at least two rows that are not zero, but `x` has 1');
    expect(() => cosineSimilaritySync(rows, { center: true })).toThrow('cosineSimilaritySync does not transform rows');
    expect(() => cosineSimilaritySync(rows, { transform })).toThrow('use cosineSimilarity');
  });

  it('if whitening would give every pair the same cosine', async () => {
    await expect(fitTransform(flatRows(6, 9, 9), { whiten: true })).rejects.toThrow('the same cosine');
    await expect(
      fitTransform(
        [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        { whiten: true },
      ),
    ).rejects.toThrow('nothing to whiten');
  });

  it('if the covariance does not fit in memory', async () => {
    await expect(fitTransform(sentences, { whiten: true, memoryBudget: 1e6 })).rejects.toThrow('covariance of 768 elements');
  });
});
