// Pairs are exactly those whose true cosine, rounded to the nearest float64, is at or above the threshold. Checked on every backend
// with integer arithmetic that shares no code with the library.

import { type DType, groups, pairs, type Rows, streamPairs } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { reachesExactly } from '#src/rows/exact-cosine.js';
import { fc } from '../property.js';
import { randomSource } from '../random.js';
import { WAYS } from '../ways.js';
import { TrueCosines } from './exact.js';
import { BACKENDS, runner } from './node-runner.js';
import type { Mode } from './runner.js';

const DTYPES = ['float32', 'float64'] as const;

/** The next float64 up or down. */
function neighbour(value: number, step: 1n | -1n): number {
  if (value === 0) return Number(step) * Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] = (bits[0] as bigint) + (value > 0 ? step : -step);
  return new Float64Array(bits.buffer)[0] as number;
}

function withNeighbours(values: readonly number[]): number[] {
  return values
    .flatMap((value) => [neighbour(value, -1n), value, neighbour(value, 1n)])
    .filter((value) => value >= -1 && value <= 1);
}

/** Each pair as "row col", with its true cosine. */
type TruePairs = readonly { readonly pair: string; readonly cosine: number }[];

function trueCosines(x: Rows, y: Rows | undefined, dtype: DType): TruePairs {
  const truth = new TrueCosines(x, y, dtype);
  const all: { pair: string; cosine: number }[] = [];
  for (let row = 0; row < truth.rows; row++) {
    for (let col = y ? 0 : row + 1; col < truth.cols; col++)
      all.push({ pair: `${row} ${col}`, cosine: truth.cosine(row, col) });
  }
  return all;
}

function atOrAbove(all: TruePairs, threshold: number): string[] {
  return all.filter(({ cosine }) => cosine >= threshold).map(({ pair }) => pair);
}

function listed(found: { rows: Uint32Array; cols: Uint32Array }): string[] {
  return Array.from(found.rows, (row, at) => `${row} ${found.cols[at]}`);
}

interface Case {
  readonly title: string;
  readonly x: number[][];
  readonly y?: number[][];
  readonly thresholds: readonly number[];
  readonly dtypes?: readonly DType[];
  readonly modes?: readonly Mode[];
}

const known = new Map<string, TruePairs>();

/** Cached, because it is the same for every backend. */
function truthOf({ title, x, y }: Case, dtype: DType): TruePairs {
  const key = `${dtype} ${title}`;
  const truth = known.get(key) ?? trueCosines(x, y, dtype);
  known.set(key, truth);
  return truth;
}

/** Every row of a given depth with integer elements from -`largest` to `largest`. */
function wholeRows(depth: number, largest: number): number[][] {
  if (depth === 0) return [[]];
  const rest = wholeRows(depth - 1, largest);
  return Array.from({ length: 2 * largest + 1 }, (_, i) => i - largest).flatMap((first) => rest.map((row) => [first, ...row]));
}

/** Rational cosines of such rows, and others. */
const RATIONALS = [0, 1 / 3, 0.5, 0.6, 2 / 3, 0.8, 0.28, 0.96, 5 / 13, 12 / 13, 8 / 17, 0.1, 0.7, 0.9, 1, Math.SQRT1_2];
const THRESHOLDS = withNeighbours(RATIONALS.flatMap((value) => (value === 0 ? [0] : [value, -value])));

/** Multiples of a few rows. Factors other than powers of two round, unless the numbers have few digits. */
function multiples(depth: number, factors: readonly number[], digits: number): number[][] {
  const random = randomSource(depth + 1);
  const bases = Array.from({ length: 2 }, () =>
    Array.from({ length: depth }, () => Math.round((random() - 0.5) * digits) || 1),
  );
  return bases.flatMap((base) => factors.map((factor) => base.map((value) => value * factor)));
}

const PLAIN_FACTORS = [1, 3, 1 / 3, -1, -7, 0.1, 2 ** 40, 1e-30, 1e30, 0];
/** Float64 rows, including subnormal ones. */
const WIDE_FACTORS = [1, 3 * 2 ** -1074, 2 ** -1060, -(2 ** -1070), 1e-300, 1e300];
const NEAR_ONE = withNeighbours([1, -1, 0, 0.999999, -0.999999, -0.99999]);

/** Few distinct numbers, in enough rows for several tiles. */
const MANY = (() => {
  const random = randomSource(5);
  return Array.from({ length: 400 }, () => Array.from({ length: 3 }, () => Math.floor(random() * 4) - 1));
})();

const CASES: readonly Case[] = [
  { title: 'rows of whole numbers', x: wholeRows(2, 4), thresholds: THRESHOLDS },
  {
    title: 'rows of whole numbers against others',
    x: wholeRows(3, 1),
    y: wholeRows(3, 2).slice(0, 40),
    thresholds: THRESHOLDS,
  },
  {
    title: 'multiples of whole numbers by fractions',
    x: wholeRows(2, 3).map((row, i) => row.map((value) => value * (i % 2 ? 0.1 : 1 / 7))),
    thresholds: THRESHOLDS,
  },
  ...[1, 2, 3, 5, 17, 64, 129, 257, 300].flatMap((depth) => [
    { title: `parallel rows of depth ${depth}`, x: multiples(depth, PLAIN_FACTORS, 200), thresholds: NEAR_ONE },
    {
      title: `parallel rows of many digits and depth ${depth}`,
      x: multiples(depth, PLAIN_FACTORS, 1e15),
      thresholds: NEAR_ONE,
    },
    {
      title: `parallel rows of every size and depth ${depth}`,
      x: multiples(depth, WIDE_FACTORS, 20),
      thresholds: NEAR_ONE,
      dtypes: ['float64'] as const,
    },
  ]),
  { title: 'several tiles', x: MANY, thresholds: [0.5, 0.6, 1], modes: ['turns', '3 threads'] },
  {
    title: 'several tiles of x against y',
    x: MANY,
    y: MANY.slice(100, 300).map((row) => row.map((value) => value * 0.3)),
    thresholds: [0.8, 1],
    modes: ['turns', '2 threads'],
  },
];

for (const { name, backend: available, reason } of BACKENDS) {
  describe.skipIf(!available)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const backend = available as Backend;
    describe.each(DTYPES)('%s', (dtype) => {
      it.each(CASES.filter(({ dtypes = DTYPES }) => dtypes.includes(dtype)))('finds the true pairs of $title', async (one) => {
        const truth = truthOf(one, dtype);
        for (const mode of one.modes ?? (['turns'] as const)) {
          for (const threshold of one.thresholds) {
            const got = await runner.pairs(backend, mode, one.x, one.y, { threshold, dtype });
            expect(listed(got), `at ${threshold}, ${mode}`).toEqual(atOrAbove(truth, threshold));
          }
        }
      });

      it('finds all pairs of parallel rows at 1', async () => {
        const factors = [1, 3, 5, 7, 11, 1023, 2 ** 30, 3 * 2 ** -40];
        for (const depth of [1, 2, 33, 300]) {
          const [base] = multiples(depth, [1], 1000) as [number[]];
          const x = factors.map((factor) => Float64Array.from(base, (value) => value * factor));
          const { length } = await runner.pairs(backend, 'turns', x, undefined, { threshold: 1, dtype });
          expect(length).toBe((factors.length * (factors.length - 1)) / 2);
        }
      });

      it('decides cosines between two float64 numbers without rounding', async () => {
        const cases = dtype === 'float64' ? [...nearTheMiddle(), ...orthogonal()] : orthogonal();
        for (const { rows, threshold, found } of cases) {
          const { length } = await runner.pairs(backend, 'turns', rows, undefined, { threshold, dtype });
          expect(length, rows.join(' | ')).toBe(found);
        }
      });
    });
  });
}

/**
 * Rows whose cosine is midway between 1 and the next lower float64, which rounds to 1, and rows that differ by less than twice
 * float64's precision shows. With x = [1, 1, 1, 1, 0, ...], y = [2^52 - 1, 2^52, 2^52, 2^52, ...] and |y|² = 2^106, the cosine is 1 -
 * 2^-54.
 */
function nearTheMiddle(): { rows: number[][]; threshold: number; found: number }[] {
  return [0, 1, -1].map((off) => {
    const y = [2 ** 52 - 1, 2 ** 52, 2 ** 52, 2 ** 52, ...rootsOf(2 ** 53 - 1 + off)];
    const x = y.map((_, k) => (k < 4 ? 1 : 0));
    return { rows: [x, y], threshold: 1, found: off <= 0 ? 1 : 0 };
  });
}

/** Integers whose squares add up to `sum`. */
function rootsOf(sum: number): number[] {
  if (sum === 0) return [];
  const largest = Math.floor(Math.sqrt(sum));
  return [largest, ...rootsOf(sum - largest ** 2)];
}

/** Rows of many digits whose products cancel exactly, but not in the order of the sum, and one that is just below. */
function orthogonal(): { rows: number[][]; threshold: number; found: number }[] {
  const [a, b, c, d] = [Math.fround(Math.PI), Math.fround(Math.E), Math.fround(Math.SQRT2), Math.fround(Math.LN2)];
  return [
    { rows: [[a, b, c, d].map((v) => v / 3), [c, d, -a, -b].map((v) => v / 3)], threshold: 0, found: 1 },
    {
      rows: [
        [a, b, c, d],
        [c, d, -a, neighbour(-b, -1n) * (1 + 2 ** -22)],
      ],
      threshold: 0,
      found: 0,
    },
    {
      rows: [
        [a, 2 ** -60, b],
        [b, 1, -a],
      ],
      threshold: 0,
      found: 1,
    },
    {
      rows: [
        [a, 2 ** -60, b],
        [b, -1, -a],
      ],
      threshold: 0,
      found: 0,
    },
    {
      rows: [
        [a, 2 ** -60, b],
        [b, 0, -a],
      ],
      threshold: 1e-200,
      found: 0,
    },
  ];
}

describe('every call over pairs', () => {
  const smallRows = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 })).chain(([depth, largest]) =>
    fc.array(fc.array(fc.integer({ min: -largest, max: largest }), { minLength: depth, maxLength: depth }), {
      minLength: 2,
      maxLength: 12,
    }),
  );
  const ratio = fc
    .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(0n, 1n, -1n))
    .map(([p, q, step]) => (Math.abs(p) > q ? 1 : step === 0n ? p / q : neighbour(p / q, step)))
    .filter((threshold) => Math.abs(threshold) <= 1);

  it('finds the pairs of any small integers at any ratio', async () => {
    await fc.assert(
      fc.asyncProperty(smallRows, ratio, fc.constantFrom(...DTYPES), async (x, threshold, dtype) => {
        const want = atOrAbove(trueCosines(x, undefined, dtype), threshold);
        for (const api of WAYS) expect(listed(await api.pairs(x, { threshold, dtype }))).toEqual(want);
      }),
      { numRuns: 100 },
    );
  });

  it('finds a pair at its own cosine as threshold', async () => {
    await fc.assert(
      fc.asyncProperty(smallRows, fc.constantFrom(...DTYPES), async (x, dtype) => {
        const truth = trueCosines(x, undefined, dtype);
        for (const threshold of withNeighbours(truth.slice(0, 1).map(({ cosine }) => cosine))) {
          const want = atOrAbove(truth, threshold);
          for (const api of WAYS) expect(listed(await api.pairs(x, { threshold, dtype }))).toEqual(want);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('follows the same rule in windows, batches and groups', async () => {
    const x = MANY;
    const truth = new TrueCosines(x, undefined, 'float32');
    const all = trueCosines(x, undefined, 'float32');
    for (const threshold of [0.8, 1]) {
      const want = atOrAbove(all, threshold);
      const streamed: string[] = [];
      for await (const batch of streamPairs(x, { threshold, memoryBudget: 2e5 })) streamed.push(...listed(batch));
      expect(streamed).toEqual(want);
      const partners = new Set(want.flatMap((pair) => pair.split(' ').map(Number)));
      const components = await groups(x, { threshold });
      expect(new Set(components.groups.flatMap(({ rows }) => Array.from(rows)))).toEqual(partners);
      const communities = await groups(x, { threshold, method: 'community', minimumSize: 2 });
      for (const { representative, rows } of communities.groups) {
        for (const row of rows)
          if (row !== representative) expect(truth.cosine(row, representative)).toBeGreaterThanOrEqual(threshold);
      }
    }
  });

  it('does not change the stored score', async () => {
    const { scores } = await pairs(
      [
        [1, 2],
        [2, 1],
      ],
      { threshold: 0.8 },
    );
    expect(Array.from(scores)).toEqual([expect.closeTo(0.8, 6)]);
  });
});

describe('exact arithmetic', () => {
  const manyDigits = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: -120, max: -53 }))
    .map(([digits, scale]) => digits * 2 ** scale);
  const element = fc.oneof(fc.integer({ min: -9, max: 9 }), manyDigits);
  const row = (depth: number) => fc.array(element, { minLength: depth, maxLength: depth });
  const twoRows = fc.integer({ min: 1, max: 8 }).chain((depth) => fc.tuple(row(depth), row(depth)));
  const reaches = (a: number[], b: number[], threshold: number) =>
    reachesExactly({ values: a, at: 0, stride: 1 }, { values: b, at: 0, stride: 1 }, a.length, threshold);

  it('agrees with integer arithmetic of any size', () => {
    fc.assert(
      fc.property(twoRows, ([a, b]) => {
        const cosine = new TrueCosines([a, b], undefined, 'float64').cosine(0, 1);
        for (const threshold of withNeighbours([cosine, 0.5, -0.5])) {
          expect(reaches(a, b, threshold), `at ${threshold}`).toBe(cosine >= threshold);
        }
      }),
      { numRuns: 500 },
    );
  });
});
