// Pruning of sparse rows (docs/how-it-works.md): it changes no bit of an answer.

import type { PairsOptions } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { randomSource } from '../random.js';
import { type Sparse, type StoredElement, sparseOf, zipfSparse } from '../sparse-rows.js';
import { BACKENDS, runner } from './node-runner.js';

/** Enough rows for several tiles of every backend, and short enough for a filter. */
const ROWS = 2100;
const MAX_STORED = 4;
const THRESHOLDS = [0.9, 0.6];

interface Case {
  readonly name: string;
  readonly x: Sparse;
  readonly y?: Sparse;
  readonly options?: Partial<PairsOptions>;
  readonly thresholds?: readonly number[];
}

/** Few rows share their rare columns, and all share one of a few common columns. */
function names(rows: number, seed: number, sign: (random: () => number) => number = () => 1): Sparse {
  const random = randomSource(seed);
  return sparseOf(
    Array.from({ length: rows }, () => {
      const row: StoredElement[] = [[Math.floor(3 * random()), 0.3 * sign(random)]];
      while (row.length < MAX_STORED) row.push([3 + Math.floor(700 * random() ** 2), (0.2 + random()) * sign(random)]);
      return row;
    }),
    703,
  );
}

/** Cosines of exactly 0.8, some of which have lower scores, among others. */
function atThreshold(): Sparse {
  const random = randomSource(41);
  return sparseOf(
    Array.from({ length: ROWS }, (_, row): StoredElement[] => {
      const first = 2 * Math.floor(300 * random());
      const scale = 2 ** Math.floor(20 * random() - 10) * (1 + (row % 7));
      return row % 2 === 0
        ? [
            [first, scale],
            [first + 1, 2 * scale],
          ]
        : [
            [first, 2 * scale],
            [first + 1, scale],
          ];
    }),
    600,
  );
}

const signs = (random: () => number) => (random() < 0.5 ? -1 : 1);
const groupOf = Uint32Array.from({ length: ROWS }, (_, row) => row % 5);

const CASES: readonly Case[] = [
  { name: 'names', x: names(ROWS, 1) },
  { name: 'elements of either sign', x: names(ROWS, 2, signs), thresholds: [1, 0.8, 0.3, 0.1] },
  { name: 'cosines at the threshold', x: atThreshold(), thresholds: [0.8, 0.8000000001, 0.7999999999] },
  {
    name: 'equal, opposite and scaled rows',
    x: sparseOf(
      Array.from({ length: ROWS }, (_, row): StoredElement[] => {
        const factor = (row % 2 === 0 ? 1 : -1) * 2 ** ((row % 40) - 20);
        return [
          [row % 97, factor],
          [100 + (row % 89), 0.7 * factor],
        ];
      }),
      200,
    ),
  },
  {
    name: 'empty rows, zero rows and rows with one element',
    x: sparseOf(
      Array.from({ length: ROWS }, (_, row): StoredElement[] => {
        if (row % 5 === 0) return [];
        return row % 5 === 1 ? [[row % 50, 0]] : [[row % 331, 1 + (row % 3)]];
      }),
      331,
    ),
  },
  {
    name: 'one column that all rows share',
    x: sparseOf(
      Array.from({ length: ROWS }, (_, row): StoredElement[] => [
        [0, 1],
        [1 + (row % 601), 2],
      ]),
      602,
    ),
  },
  { name: 'bags of words', x: zipfSparse(ROWS, 500, 6, 3, Int32Array) },
  { name: 'x against y', x: names(1300, 4), y: names(3000, 5) },
  { name: 'pairs of two groups', x: names(ROWS, 6), options: { groupOf, across: true } },
  { name: 'pairs within groups', x: names(ROWS, 7), options: { groupOf, within: true } },
  { name: 'pairs below a cosine', x: names(ROWS, 8), options: { below: 0.95 } },
  { name: 'columns by the million', x: scattered(names(ROWS, 9)) },
];

/** The same rows with their columns far apart. */
function scattered(x: Sparse): Sparse {
  return { ...x, indices: x.indices.map((column) => column * 140_000), shape: [x.shape[0], 10 ** 8] };
}

/** expect takes seconds to compare typed arrays element by element. */
function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}

/** The plain loops compute every pair. */
const filtering = BACKENDS.flatMap(({ name, backend }) => (backend?.filtersSparse ? [{ name, backend }] : []));

describe.each(filtering)('$name', ({ backend }) => {
  it.each(CASES)('pairs are the same with pruning and without: $name', async ({ x, y, options, thresholds = THRESHOLDS }) => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const threshold of thresholds) {
        const asked = { ...options, dtype, threshold };
        const want = await runner.pairs(backend, 'turns', x, y, { ...asked, pruning: 'off' });
        const got = await runner.pairs(backend, dtype === 'float32' ? '2 threads' : 'turns', x, y, asked);
        expect(got.length, `${dtype}, ${threshold}`).toBe(want.length);
        for (const part of ['rows', 'cols', 'scores'] as const) {
          expect(isSame(got[part], want[part]), `${part}, ${dtype}, ${threshold}`).toBe(true);
        }
      }
    }
  });

  it('pairs are the same if a small memory budget requires more passes', async () => {
    const x = names(3 * ROWS, 12);
    const asked = { threshold: 0.8, dtype: 'float32' } as const;
    const want = await runner.pairs(backend, 'turns', x, undefined, { ...asked, pruning: 'off' });
    const error = await runner
      .pairs(backend, 'turns', x, undefined, { ...asked, memoryBudget: 1 })
      .catch((reason: unknown) => reason);
    const memoryBudget = 1.5 * (error as { bytes: number }).bytes;
    const { all } = await runner.streamPairs(backend, 'turns', x, undefined, { ...asked, memoryBudget });
    expect(all.rows.length).toBe(want.length);
    for (const part of ['rows', 'cols', 'scores'] as const) expect(isSame(all[part], want[part]), part).toBe(true);
  });

  const computed = async (x: Sparse, options: Partial<PairsOptions>): Promise<number | undefined> => {
    let last: number | undefined;
    const onProgress = (progress: { readonly computed?: number }) => {
      last = progress.computed;
    };
    await runner.pairs(backend, 'turns', x, undefined, { threshold: 0.8, ...options, onProgress });
    return last;
  };

  it('computes few products of rows whose rare columns are rarely shared', async () => {
    expect(await computed(names(ROWS, 1), {})).toBeLessThan(0.5);
    expect(await computed(names(ROWS, 1), { pruning: 'off' })).toBeUndefined();
  });

  it('computes all pairs of rows that share all columns', async () => {
    const alike = sparseOf(
      Array.from({ length: ROWS }, (_, row): StoredElement[] =>
        [0, 1, 2, 3].map((column) => [column, 9 + ((row * (column + 3)) % 5)]),
      ),
      4,
    );
    expect(await computed(alike, {})).toBeGreaterThanOrEqual(1);
  });
});
