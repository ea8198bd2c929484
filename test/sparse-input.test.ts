// Sparse rows in the forms that callers pass: accepted forms are read correctly, others are refused.

import {
  ArgumentError,
  bestPairs,
  cosineSimilarity,
  cosineSimilaritySync,
  dedupe,
  groups,
  openRows,
  pairedSimilarity,
  pairs,
  plan,
  type Rows,
  runtimeInfo,
  type SparseRows,
  streamMatrix,
  topK,
} from 'allpairs';
import { describe, expect, it } from 'vitest';
import { denseOf, randomSparse, sparseOf, zipfSparse } from './sparse-rows.js';

const { indptr, indices, data, shape } = sparseOf(
  [
    [
      [0, 3],
      [2, 4],
    ],
    [],
    [[1, 5]],
    [
      [0, 6],
      [2, 8],
    ],
  ],
  3,
);
const ROWS: SparseRows = { indptr, indices, data, shape };
const SCORES = [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1];

const BACKENDS = runtimeInfo()
  .backends.filter(({ available, byName }) => available && !byName)
  .map(({ name }) => name);

const refused = (rows: unknown): Error => {
  try {
    cosineSimilaritySync(rows as Rows);
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return error as Error;
  }
  throw new Error('it was taken');
};

describe('sparse rows', () => {
  it.each<[string, SparseRows]>([
    ['32-bit indices', ROWS],
    ['64-bit indices', { ...ROWS, indptr: BigInt64Array.from(indptr, BigInt), indices: BigInt64Array.from(indices, BigInt) }],
    ['64-bit elements', { ...ROWS, data: BigInt64Array.from(data, (value) => BigInt(value)) }],
    ['unsigned indices', { ...ROWS, indptr: Uint32Array.from(indptr), indices: Uint16Array.from(indices) }],
    ['float64 elements', { ...ROWS, data: Float64Array.from(data) }],
    ['integers', { ...ROWS, data: Int32Array.from(data) }],
    ['bytes', { ...ROWS, data: Uint8Array.from(data) }],
    ['plain arrays', { indptr: [...indptr], indices: [...indices], data: [...data], shape }],
    ['a format', { ...ROWS, format: 'csr' } as SparseRows],
    ['columns in any order', { ...ROWS, indices: [2, 0, 1, 0, 2], data: [4, 3, 5, 6, 8] }],
    [
      'columns that are repeated',
      { indptr: [0, 3, 3, 4, 7], indices: [0, 2, 2, 1, 2, 0, 2], data: [3, 1, 3, 5, 2, 6, 6], shape: [4, 3] },
    ],
    ['stored zeros', { indptr: [0, 3, 4, 5, 7], indices: [0, 1, 2, 0, 1, 0, 2], data: [3, 0, 4, 0, 5, 6, 8], shape: [4, 3] }],
  ])('are read with %s', async (_, rows) => {
    const before = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    for (const backend of BACKENDS) {
      expect(Array.from((await cosineSimilarity(rows, { backend })).data)).toEqual(SCORES);
    }
    expect(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))).toBe(before);
  });

  it('are computed in float32 unless their elements are float64', () => {
    const typeOf = (elements: SparseRows['data']) => cosineSimilaritySync({ ...ROWS, data: elements }).data.constructor.name;
    expect(typeOf(data)).toBe('Float32Array');
    expect(typeOf(Array.from(data))).toBe('Float32Array');
    expect(typeOf(BigInt64Array.from(data, (value) => BigInt(value)))).toBe('Float32Array');
    expect(typeOf(Float64Array.from(data))).toBe('Float64Array');
  });

  it('are not treated as dense rows if all elements are stored', () => {
    const full = { indptr: [0, 2, 4], indices: [1, 0, 0, 1], data: new Float32Array([1, 0, 1, 0]), shape: [2, 2] };
    expect(Array.from(cosineSimilaritySync(full).data)).toEqual([1, 0, 0, 1]);
  });

  it.each<[string, object, string]>([
    ['no indptr', { indptr: undefined }, 'expected an array of numbers as `x.indptr` for `x`, got undefined'],
    ['no indices', { indices: undefined }, 'expected an array of numbers as `x.indices` for `x`, got undefined'],
    ['no elements', { data: 'abc' }, 'expected an array of numbers as `x.data` for `x`, got "abc"'],
    ['a shape of one number', { shape: [4] }, 'expected a shape of [rows, columns] for `x`, got [4]'],
    ['another number of rows', { shape: [5, 3] }, 'expected 6 elements (one more than rows) in `x.indptr` for `x`, got 5'],
    [
      'what are columns',
      { shape: [3, 4] },
      'expected 4 elements (one more than rows) in `x.indptr` for `x`, got 5; if these are compressed sparse columns, convert them: tocsr() in SciPy',
    ],
    ['a later start', { indptr: [1, 2, 2, 3, 5] }, 'expected 0 as the first element of `x.indptr` for `x`, got 1'],
    [
      'falling starts',
      { indptr: [0, 3, 2, 3, 5] },
      'expected a whole number from 3 on as element 2 of `x.indptr` for `x`, got 2',
    ],
    [
      'starts that are not whole',
      { indptr: [0, 1.5, 2, 3, 5] },
      'expected a whole number from 0 on as element 1 of `x.indptr` for `x`, got 1.5',
    ],
    ['too few indices', { indices: [0, 2, 1, 0] }, 'expected 5 elements (as `indptr` ends with) in `x.indices` for `x`, got 4'],
    [
      'too many elements',
      { data: [1, 2, 3, 4, 5, 6] },
      'expected 5 elements (as `indptr` ends with) in `x.data` for `x`, got 6',
    ],
    [
      'a column too many',
      { indices: [0, 2, 3, 0, 2] },
      'expected whole numbers below 3 in `x.indices` for `x`, got 3 in row 2',
    ],
    [
      'a negative column',
      { indices: [0, 2, -1, 0, 2] },
      'expected whole numbers below 3 in `x.indices` for `x`, got -1 in row 2',
    ],
    [
      'half a column',
      { indices: [0, 0.5, 1, 0, 2] },
      'expected whole numbers below 3 in `x.indices` for `x`, got 0.5 in row 0',
    ],
    ['text', { data: [1, 2, '3', 4, 5] }, 'expected numbers in `x.data` for `x`, got "3" at index 2'],
    [
      'integers that float64 does not hold',
      { data: BigInt64Array.of(1n, 2n, 2n ** 60n + 1n, 4n, 5n) },
      'expected whole numbers up to 2^53 in `x.data` for `x`, got 1152921504606846977n at index 2',
    ],
    ['strides', { strides: [3, 1] }, '`x` is sparse and has `strides`; leave out `strides`'],
    [
      'a type that its array does not have',
      { dtype: 'int8' },
      "`x` declares its elements as 'int8', but `x.data` is a Float32Array. Convert the elements to a Float32Array, or leave out the type if the array is right as it is.",
    ],
    [
      'another format',
      { format: 'csc' },
      '`x` is sparse in the format "csc"; convert it to compressed sparse rows: tocsr() in SciPy',
    ],
  ])('are refused with %s', (_, change, message) => {
    expect(refused({ ...ROWS, ...change }).message).toBe(message);
  });

  it('are decoded if their type declares 16-bit floating-point numbers', async () => {
    const x = { indptr: [0, 2, 4], indices: [0, 1, 0, 1], data: Uint16Array.of(15360, 16384, 15360, 0), shape: [2, 2] };
    const { data } = await cosineSimilarity({ ...x, dtype: 'float16' });
    expect(data[1]).toBeCloseTo(1 / Math.sqrt(5), 6);
  });

  it('are refused with a NaN, which nonFinite treats as a zero row', async () => {
    for (const backend of BACKENDS) {
      const rows = { ...ROWS, data: Float32Array.from([3, 4, Number.NaN, 6, 8]) };
      await expect(cosineSimilarity(rows, { backend })).rejects.toThrow('got NaN in row 2, column 1');
      await expect(cosineSimilarity([[1, 2, 3]], rows, { backend })).rejects.toThrow('in `y`, got NaN in row 2, column 1');
      const zeroed = await cosineSimilarity(rows, { backend, nonFinite: 'zero' });
      expect(Array.from(zeroed.data)).toEqual(SCORES.with(10, 0));
    }
  });

  it('are refused together with rows of another length', () => {
    expect(() => cosineSimilaritySync(ROWS, [[1, 2]])).toThrow('expected rows of length 3');
  });

  it('are refused after their memory is detached', async () => {
    const lost = { ...ROWS, data: data.slice() };
    structuredClone(lost.data.buffer, { transfer: [lost.data.buffer] });
    expect(refused(lost).message).toContain('a detached Float32Array');
  });

  it('take part in every call', async () => {
    const x = zipfSparse(80, 60, 8, 1);
    const dense = denseOf(x);
    const options = { dtype: 'float64' } as const;
    const want = await groups(dense, { threshold: 0.7, ...options });
    expect(want.groups.length).toBeGreaterThan(2);
    expect(await groups(x, { threshold: 0.7, ...options })).toEqual(want);
    const communities = { threshold: 0.7, method: 'community', minimumSize: 2, ...options } as const;
    expect((await groups(x, communities)).groups).toEqual((await groups(dense, communities)).groups);
    for (const method of ['greedy', 'components'] as const) {
      const ask = { threshold: 0.7, method, ...options };
      expect((await dedupe(x, ask)).kept).toEqual((await dedupe(dense, ask)).kept);
    }
    const matrix = await cosineSimilarity(x, options);
    for await (const block of streamMatrix(x, { blockRows: 50, ...options })) {
      for (let i = 0; i < block.matrix.shape[0]; i++) {
        for (let j = 0; j < block.matrix.shape[1]; j++) {
          expect(block.matrix.at(i, j)).toBe(matrix.at(block.row + i, block.col + j));
        }
      }
    }
    const y = randomSparse(80, 60, 0.2, 2);
    const across = await cosineSimilarity(x, y, options);
    const paired = await pairedSimilarity(x, y, options);
    expect(Array.from(paired)).toEqual(Array.from({ length: 80 }, (_, i) => across.at(i, i)));
    expect(Array.from((await cosineSimilarity(x, { ...options, out: new Float64Array(6400) })).data)).toEqual(
      Array.from(matrix.data),
    );
  });

  it('respect groups, thresholds of rows and an upper limit like dense rows', async () => {
    // Few different rows, so that many cosines lie at thresholds.
    const x = zipfSparse(120, 9, 5, 4, Int32Array);
    const y = zipfSparse(50, 9, 5, 5, Int32Array);
    const groupOf = Array.from({ length: 120 }, (_, row) => row % 7);
    const thresholds = Float64Array.from({ length: 120 }, (_, row) => [0.5, 0.8, 1][row % 3] as number);
    for (const backend of BACKENDS) {
      for (const dtype of ['float32', 'float64'] as const) {
        for (const asked of [
          { threshold: 0.5, below: 0.8 },
          { threshold: -1, below: 1 },
          { threshold: thresholds },
          { threshold: 0.8, groupOf, across: true },
          { threshold: 0.8, groupOf, within: true },
          { threshold: 0, zeroRows: 'exclude' },
        ] as const) {
          const options = { ...asked, dtype, backend } as const;
          const found = await pairs(x, options);
          const want = await pairs(denseOf(x), options);
          expect(found.rows, JSON.stringify(options)).toEqual(want.rows);
          expect(found.cols).toEqual(want.cols);
        }
        const options = { threshold: 0.8, below: 1, dtype, backend };
        const found = await pairs(x, y, options);
        const want = await pairs(denseOf(x), denseOf(y), options);
        expect([found.rows, found.cols]).toEqual([want.rows, want.cols]);
        const best = await bestPairs(x, { count: 900, below: 0.8, dtype, backend });
        const scores = await cosineSimilarity(x, { dtype, backend });
        const under = await pairs(x, { threshold: -1, below: 0.8, dtype, backend });
        const ranked = Array.from({ length: under.length }, (_, i) => i).sort(
          (a, b) => (under.scores[b] as number) - (under.scores[a] as number) || a - b,
        );
        expect(Array.from(best.rows)).toEqual(ranked.slice(0, 900).map((i) => under.rows[i]));
        expect(Array.from(best.scores)).toEqual(
          ranked.slice(0, 900).map((i) => scores.at(under.rows[i] as number, under.cols[i] as number)),
        );
        const lists = await topK(x, { k: 4, groupOf, across: true, dtype, backend });
        const matrix = await cosineSimilarity(x, { dtype, backend });
        for (let row = 0; row < 120; row++) {
          const others = Array.from({ length: 120 }, (_, col) => col)
            .filter((col) => groupOf[col] !== groupOf[row])
            .sort((a, b) => (matrix.at(row, b) as number) - (matrix.at(row, a) as number) || a - b);
          expect(Array.from(lists.indices.subarray(4 * row, 4 * row + 4))).toEqual(others.slice(0, 4));
        }
      }
    }
  });

  it("are refused with zero rows if `zeroRows` is 'throw'", async () => {
    for (const backend of BACKENDS) {
      await expect(cosineSimilarity(ROWS, { backend, zeroRows: 'throw' })).rejects.toThrow('only zeros in row 1');
      await expect(topK(ROWS, { k: 1, backend, zeroRows: 'throw' })).rejects.toThrow('only zeros in row 1');
    }
  });

  it('are compared with rows of a file like dense rows', async () => {
    const file = await openRows(new URL('../examples/data/digits.npy', import.meta.url));
    const x = randomSparse(30, file.depth, 0.2, 7);
    const dense = { ...denseOf(x), data: Float32Array.from(denseOf(x).data) };
    const options = { k: 3, dtype: 'float32' } as const;
    expect(await topK(x, file, options)).toEqual(await topK(dense, file, options));
    expect(await topK(file, x, options)).toEqual(await topK(file, dense, options));
    await file.close();
  });

  it('are transformed like dense rows', async () => {
    const x = zipfSparse(60, 20, 6, 6);
    const want = await cosineSimilarity(denseOf(x), { center: true });
    const got = await cosineSimilarity(x, { center: true, dtype: 'float64' });
    for (let i = 0; i < want.data.length; i++) expect(got.data[i]).toBeCloseTo(want.data[i] as number, 5);
  });

  it('report progress, react to an abort and accept pruning', async () => {
    const x = zipfSparse(300, 60, 8, 3);
    let last: { done: number; total: number } | undefined;
    await pairs(x, { threshold: 0.9, pruning: 'auto', onProgress: (progress) => (last = progress) });
    expect(last).toEqual({ done: 90_000, total: 90_000 });
    await expect(topK(x, { k: 2, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('are planned by their stored elements', () => {
    expect(plan.topK(ROWS, { k: 1 }).multiplyAdds).toBeCloseTo((10 * 9) / 16);
    const rows = { indptr: new Uint32Array(50_001), indices: [], data: [], shape: [50_000, 1_000_000] };
    for (const backend of BACKENDS.filter((name) => name !== 'reference')) {
      expect(plan.topK(rows, { k: 1, threads: 1, backend }).memoryBytes).toBeLessThan(64 * 2 ** 20);
    }
  });
});
