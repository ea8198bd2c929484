// The numeric contract (docs/architecture.md) for sparse rows on every backend, compared with float64 arithmetic on the same rows in
// dense form.

import type { DType, Rows, ScoreArray } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { randomRows, randomSource } from '../random.js';
import { denseOf, randomSparse, type Sparse, type StoredElement, sparseOf, zipfSparse } from '../sparse-rows.js';
import { TrueCosines } from './exact.js';
import { BACKENDS, runner, truth } from './node-runner.js';
import { isBestPairs, isHistogram, isPairs, isSame, isTopK, type Scores } from './plain.js';
import { BOUNDS, largestError, sameBits } from './runner.js';

interface Case {
  readonly name: string;
  readonly x: Sparse;
  readonly y?: Sparse;
  readonly float64Only?: boolean;
  /** More rows than a tile has. */
  readonly isLarge?: boolean;
}

const CASES: readonly Case[] = [
  { name: 'no rows', x: sparseOf([], 5) },
  { name: 'rows without columns', x: sparseOf([[], [], []], 0) },
  { name: 'one row', x: sparseOf([[[3, 2]]], 5) },
  { name: 'rows of either sign', x: randomSparse(97, 80, 0.1, 1) },
  { name: 'float64 rows', x: randomSparse(60, 70, 0.2, 2, Float64Array) },
  { name: 'rows that are hardly sparse', x: randomSparse(50, 33, 0.9, 3) },
  { name: 'bags of words', x: zipfSparse(150, 300, 12, 4, Int32Array) },
  { name: 'weighted words', x: zipfSparse(150, 300, 20, 5) },
  { name: 'x against y', x: randomSparse(61, 90, 0.1, 6), y: randomSparse(130, 90, 0.15, 7) },
  { name: 'no rows against some', x: sparseOf([], 90), y: randomSparse(7, 90, 0.1, 8) },
  { name: 'empty rows', x: sparseOf([[], [[1, 1]], [], [[1, 2]], [[2, 3]], []], 4) },
  { name: 'only empty rows', x: sparseOf([[], [], []], 4) },
  { name: 'one column that all rows share', x: withSharedColumn() },
  { name: 'columns out of order, repeated and with stored zeros', x: jumbled() },
  { name: 'equal, opposite and scaled rows', x: parallel() },
  { name: 'float32 rows of every size', x: ofSizes([2 ** -149, 1e-42, 1e-38, 1e-20, 1, 1e18, 1e25, 3e38], Float32Array) },
  {
    name: 'float64 rows of every size',
    x: ofSizes([5e-324, 1e-310, 1e-300, 1e-160, 1, 1e150, 1e200, 1.7e308], Float64Array),
    float64Only: true,
  },
  { name: 'long positive rows', x: randomSparse(5, 40_000, 0.3, 9, Float32Array, (random) => random()) },
  { name: 'long rows of either sign', x: randomSparse(5, 40_000, 0.3, 10, Float64Array) },
];

/** Around the size of a tile. Backends with the same tiles share the cases. */
const largeCases = once((tile: number): readonly Case[] => [
  { name: 'more than a tile', x: zipfSparse(tile + 30, 200, 4, 11, Int32Array), isLarge: true },
  {
    name: 'a tile and a row against a few',
    x: zipfSparse(tile + 1, 100, 4, 12),
    y: zipfSparse(25, 100, 4, 13),
    isLarge: true,
  },
]);

/** The rows in dense form, which are the same for every backend. */
const dense = once((x: Sparse) => denseOf(x));

function once<K, T>(compute: (key: K) => T): (key: K) => T {
  const computed = new Map<K, T>();
  return (key) => {
    if (!computed.has(key)) computed.set(key, compute(key));
    return computed.get(key) as T;
  };
}

function withSharedColumn(): Sparse {
  const random = randomSource(20);
  return sparseOf(
    Array.from({ length: 120 }, (_, row) => [
      [0, 1],
      [1 + (row % 30), random()],
    ]),
    31,
  );
}

function jumbled(): Sparse {
  const random = randomSource(21);
  const row = (): StoredElement[] =>
    Array.from({ length: 12 }, () => [Math.floor(random() * 15), random() < 0.2 ? 0 : random() - 0.5]);
  return sparseOf(Array.from({ length: 40 }, row), 15);
}

function parallel(): Sparse {
  const { indptr, indices, data } = randomSparse(3, 200, 0.2, 22);
  return sparseOf(
    [1, -1, 2 ** 20, -(2 ** -20), 1, 2 ** 100].flatMap((factor) =>
      [0, 1, 2].map((row) =>
        Array.from(
          indices.subarray(indptr[row], indptr[row + 1]),
          (col, at): StoredElement => [col, (data[(indptr[row] as number) + at] as number) * factor],
        ),
      ),
    ),
    200,
  );
}

/** Small integers, which even subnormal rows hold exactly, times each size that keeps them finite. */
function ofSizes(sizes: readonly number[], elements: typeof Float32Array | typeof Float64Array): Sparse {
  const random = randomSource(23);
  return sparseOf(
    sizes.flatMap((size) => {
      const largest = size > 1 ? 1 : 9;
      return Array.from({ length: 3 }, () =>
        Array.from({ length: 7 }, (_, at): StoredElement => [3 * at, Math.round((random() - 0.5) * 2 * largest) * size]),
      );
    }),
    30,
    elements,
  );
}

for (const { name, backend: available, reason } of BACKENDS) {
  describe.skipIf(!available)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const backend = available as Backend;
    for (const dtype of ['float32', 'float64'] as const) {
      const tile = available ? available.tileRows(dtype, 100, 4) : 1;
      const cases = CASES.filter(({ float64Only }) => dtype === 'float64' || !float64Only);
      it.each([...cases, ...largeCases(tile)])(`${dtype}: $name`, async ({ x, y, isLarge }) => {
        const denseX = dense(x);
        const denseY = y && dense(y);
        const want = truth(denseX, denseY);
        const scores = await scoresOf(backend, x, y, dtype);
        const got = scores.data;
        expect(largestError(got, want)).toBeLessThanOrEqual(BOUNDS[dtype]);
        expect(got.every((score) => Math.abs(score) <= 1)).toBe(true);
        for (let i = 0; !y && i < scores.rows; i++) {
          expect(got[i * scores.rows + i]).toBe(want[i * scores.rows + i]);
          for (let j = 0; j < i; j++)
            if (got[i * scores.rows + j] !== got[j * scores.rows + i]) expect([i, j]).toBe('symmetric');
        }
        for (const mode of runner.modes.slice(1)) {
          expect(sameBits(await runner.run(backend, mode, x, y, { dtype }), got), mode).toBe(true);
        }
        const exact = new TrueCosines(denseX, denseY, dtype);
        for (const mode of isLarge ? (['2 threads'] as const) : (['turns', '2 threads'] as const)) {
          for (const k of isLarge ? [3] : [1, 1000]) {
            expect(isTopK(await runner.topK(backend, mode, x, y, { k, dtype }), scores, k), `top ${k}, ${mode}`).toBe(true);
          }
          for (const threshold of isLarge ? [0.8] : [-1, 0, 0.1, 0.5, 0.8, 1]) {
            const found = await runner.pairs(backend, mode, x, y, { threshold, dtype });
            expect(isPairs(found, scores, threshold, exact), `pairs ${threshold}, ${mode}`).toBe(true);
          }
          for (const count of isLarge ? [40] : [1, 1e6]) {
            const best = await runner.bestPairs(backend, mode, x, y, { count, dtype });
            expect(isBestPairs(best, scores, count), `best ${count} pairs, ${mode}`).toBe(true);
          }
          const counted = await runner.histogram(backend, mode, x, y, { bins: 7, dtype });
          expect(isHistogram(counted, scores, 7), `histogram, ${mode}`).toBe(true);
        }
      });

      it(`${dtype}: gives the same answers in more passes with a small memory budget`, async () => {
        const x = zipfSparse(2 * tile + 50, 40, 5, 31, Int32Array);
        const y = zipfSparse(tile + 50, 40, 5, 32, Int32Array);
        for (const other of [undefined, y]) {
          const want = await runner.pairs(backend, 'turns', x, other, { dtype, threshold: 0.95 });
          const best = await runner.topK(backend, 'turns', x, other, { dtype, k: 3 });
          for (const mode of ['turns', '2 threads'] as const) {
            const squeezed = await squeeze((memoryBudget) =>
              runner.topK(backend, mode, x, other, { dtype, memoryBudget, k: 3 }),
            );
            expect(squeezed.shape).toEqual(best.shape);
            expect(isSame(squeezed.indices, best.indices) && sameBits(squeezed.scores, best.scores)).toBe(true);
            const { all } = await squeeze((memoryBudget) =>
              runner.streamPairs(backend, mode, x, other, { dtype, memoryBudget, threshold: 0.95 }),
            );
            expect(all.length).toBe(want.length);
            expect((['rows', 'cols', 'scores'] as const).every((column) => isSame(all[column], want[column]))).toBe(true);
          }
        }
      });

      it(`${dtype}: scores given pairs like the matrix`, async () => {
        const x = randomSparse(70, 60, 0.2, 33);
        const { data } = await scoresOf(backend, x, undefined, dtype);
        const rows = Array.from({ length: 200 }, (_, i) => (i * 7) % 70);
        const cols = Array.from({ length: 200 }, (_, i) => (i * i) % 70);
        const got = await runner.scorePairs(backend, 'turns', x, undefined, { dtype, rows, cols });
        expect(Array.from(got)).toEqual(rows.map((row, i) => data[row * 70 + (cols[i] as number)]));
      });

      it(`${dtype}: gives the same scores if one side is dense and the other sparse`, async () => {
        const x = randomSparse(30, 40, 0.3, 34);
        const y = randomRows(20, 40, 35);
        const sparseY = sparseOf(
          Array.from({ length: 20 }, (_, row) =>
            Array.from(y.data.subarray(row * 40, row * 40 + 40), (value, col): StoredElement => [col, value]),
          ),
          40,
        );
        const want = await runner.run(backend, 'sync', x, sparseY, { dtype });
        expect(sameBits(await runner.run(backend, 'sync', x, y, { dtype }), want)).toBe(true);
        const turned = await runner.run(backend, 'sync', y, x, { dtype });
        for (let i = 0; i < 30; i++) for (let j = 0; j < 20; j++) expect(turned[j * 30 + i]).toBe(want[i * 20 + j]);
      });
    }
  });
}

async function scoresOf(backend: Backend, x: Sparse, y: Sparse | undefined, dtype: DType): Promise<Scores> {
  const data: ScoreArray = await runner.run(backend, 'sync', x, y as Rows | undefined, { dtype });
  return { data, rows: x.shape[0], cols: (y ?? x).shape[0], self: y === undefined };
}

/** Half again as much memory as the minimum named in the error about an impossible budget. */
async function squeeze<T>(attempt: (memoryBudget: number) => Promise<T>): Promise<T> {
  const error = await attempt(1).catch((reason: unknown) => reason);
  return attempt(1.5 * (error as { bytes: number }).bytes);
}
