// dedupe compared with plain loops in float64: which rows are kept, and for each dropped row the kept row and the score.

import { fileURLToPath } from 'node:url';
import {
  cosineSimilarity,
  type Deduped,
  type DedupeOptions,
  dedupe,
  groups,
  MemoryError,
  openRows,
  type Progress,
  pairs,
  plan,
  readNpy,
  streamPairs,
} from 'allpairs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { randomRows, randomSource } from './random.js';

const THRESHOLD = 0.9;
const DEPTH = 24;

interface Shaped {
  readonly data: Float32Array;
  readonly shape: [number, number];
}

/** Rows around few centres, so that many pairs reach the threshold and chains form; some are zero rows, some equal. */
function clustered(rows: number, centres: number, seed: number): Shaped {
  const random = randomSource(seed);
  const centre = randomRows(centres, DEPTH, 99).data;
  const noise = randomRows(rows, DEPTH, seed + 1).data;
  const data = new Float32Array(rows * DEPTH);
  for (let row = 0; row < rows; row++) {
    const from = Math.floor(random() * centres) * DEPTH;
    const spread = random() < 0.1 ? 0 : 0.25 + 0.25 * random();
    for (let k = 0; k < DEPTH; k++) {
      data[row * DEPTH + k] = (centre[from + k] as number) + spread * (noise[row * DEPTH + k] as number);
    }
    if (random() < 0.02) data.fill(0, row * DEPTH, (row + 1) * DEPTH);
  }
  return { data, shape: [rows, DEPTH] };
}

/** Computed by plain loops. */
function cosines(x: Shaped, y: Shaped): number[][] {
  const rowsOf = ({ data, shape: [rows] }: Shaped) =>
    Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * DEPTH, (row + 1) * DEPTH)));
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
  return rowsOf(x).map((a) =>
    rowsOf(y).map((b) => {
      const norms = Math.sqrt(product(a, a) * product(b, b));
      return norms === 0 ? 0 : product(a, b) / norms;
    }),
  );
}

interface Reason {
  readonly row: number;
  readonly keptRow: number;
  readonly source: string;
  readonly score: number;
}

function reasonsOf({ dropped }: Deduped): Reason[] {
  return Array.from(dropped.rows, (row, at) => ({
    row,
    keptRow: dropped.keptRows[at] as number,
    source: dropped.sources[at] as string,
    score: dropped.scores[at] as number,
  }));
}

/** Returns the row of `from` that is most similar to `row`, the first one of equals. */
function nearest(scores: readonly number[], from: readonly number[]): number {
  return from.reduce((best, other) => ((scores[other] as number) > (scores[best] as number) + 1e-7 ? other : best));
}

/** The definition in the documentation, as loops. */
function plainGreedy(
  x: Shaped,
  against: Shaped,
  priority: readonly number[] | undefined,
): { kept: number[]; reasons: Reason[] } {
  const [own, others] = [cosines(x, x), cosines(x, against)];
  const order = Array.from(own.keys()).sort((a, b) => (priority?.[b] ?? 0) - (priority?.[a] ?? 0) || a - b);
  const kept: number[] = [];
  const reasons: Reason[] = [];
  const near = (scores: readonly number[], rows: Iterable<number>) =>
    Array.from(rows).filter((row) => (scores[row] as number) >= THRESHOLD);
  for (const row of order) {
    const ofAgainst = near(others[row] as number[], (others[row] as number[]).keys());
    if (ofAgainst.length === 0 && near(own[row] as number[], kept).length === 0) kept.push(row);
  }
  for (const row of order) {
    if (kept.includes(row)) continue;
    const ofAgainst = near(others[row] as number[], (others[row] as number[]).keys());
    const scores = (ofAgainst.length > 0 ? others[row] : own[row]) as number[];
    // Only rows that precede it in the order can have dropped it.
    const earlier = kept.filter((other) => order.indexOf(other) < order.indexOf(row));
    const keptRow = nearest(scores, ofAgainst.length > 0 ? ofAgainst : near(scores, earlier));
    reasons.push({ row, keptRow, source: ofAgainst.length > 0 ? 'against' : 'x', score: scores[keptRow] as number });
  }
  return { kept: kept.sort((a, b) => a - b), reasons: reasons.sort((a, b) => a.row - b.row) };
}

const NOTHING: Shaped = { data: new Float32Array(0), shape: [0, DEPTH] };

describe('dedupe', () => {
  describe.each(['native', 'wasm', 'reference'] as const)('%s', (backend) => {
    it.each([1, 2, 3])('keeps the same rows as plain loops, for the same reasons (%i)', async (seed) => {
      const x = clustered(220, 30, seed);
      const old = clustered(60, 12, seed + 50);
      const random = randomSource(seed + 7);
      // Many rows are equal.
      const priority = Array.from({ length: 220 }, () => Math.floor(random() * 9));
      for (const against of [NOTHING, old]) {
        for (const ranked of [undefined, priority]) {
          const got = await dedupe(x, { threshold: THRESHOLD, against, priority: ranked, backend });
          const want = plainGreedy(x, against, ranked);
          expect(Array.from(got.kept)).toEqual(want.kept);
          expect(reasonsOf(got)).toEqual(want.reasons.map((reason) => ({ ...reason, score: expect.closeTo(reason.score, 6) })));
          expect(got.dropped.length).toBeGreaterThan(20);
        }
      }
    });

    it('keeps no two near-duplicates, and no near-duplicate of a row of `against`', async () => {
      const [x, against] = [clustered(900, 60, 4), clustered(200, 40, 5)];
      const keptOf = async (options: Partial<DedupeOptions>) => {
        const { kept } = await dedupe(x, { threshold: THRESHOLD, against, backend, ...options });
        const data = Float32Array.from(Array.from(kept).flatMap((row) => [...x.data.subarray(row * DEPTH, (row + 1) * DEPTH)]));
        return { kept, rows: { data, shape: [kept.length, DEPTH] } };
      };
      for (const method of ['greedy', 'components'] as const) {
        const { kept, rows } = await keptOf({ method });
        expect(kept.length).toBeGreaterThan(10);
        expect((await pairs(rows, THRESHOLD)).length).toBe(0);
        expect((await pairs(rows, against, THRESHOLD)).length).toBe(0);
        if (method === 'greedy') continue;
        const labels = (await groups(x, THRESHOLD)).labels();
        const sets = Array.from(kept, (row) => labels[row] as number).filter((set) => set >= 0);
        expect(new Set(sets).size).toBe(sets.length);
      }
    });

    it('with components keeps the representative of each, or the row with the highest priority', async () => {
      const x = clustered(400, 40, 6);
      const found = await groups(x, { threshold: THRESHOLD, backend });
      const matrix = await cosineSimilarity(x, { backend });
      const alone = await dedupe(x, { threshold: THRESHOLD, method: 'components', backend });
      expect(Array.from(alone.kept)).toEqual(found.keep());
      const priority = Float32Array.from({ length: 400 }, (_, row) => (row * 7919) % 401);
      const ranked = await dedupe(x, { threshold: THRESHOLD, method: 'components', priority, backend });
      for (const { rows, representative } of found.groups) {
        const [best] = [...rows].sort((a, b) => (priority[b] as number) - (priority[a] as number)) as [number];
        for (const [result, keeper] of [
          [alone, representative],
          [ranked, best],
        ] as const) {
          const reasons = reasonsOf(result).filter(({ row }) => rows.includes(row));
          expect(reasons).toEqual(
            rows
              .filter((row) => row !== keeper)
              .map((row) => ({ row, keptRow: keeper, source: 'x', score: matrix.at(row, keeper) })),
          );
        }
      }
    });
  });

  it('with components drops all rows of a component that contains a near-duplicate of a row of `against`', async () => {
    // A chain of three, 20 degrees apart, whose end lies 20 degrees from the old row.
    const at = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const x = [at(0), at(20), at(40), at(120)];
    const found = await dedupe(x, { threshold: 0.93, against: [at(180), at(60)], method: 'components' });
    expect(Array.from(found.kept)).toEqual([3]);
    expect(reasonsOf(found)).toEqual([
      { row: 0, keptRow: 1, source: 'against', score: expect.closeTo(0.5, 6) },
      { row: 1, keptRow: 1, source: 'against', score: expect.closeTo(0.766044, 6) },
      { row: 2, keptRow: 1, source: 'against', score: expect.closeTo(0.939693, 6) },
    ]);
    const greedy = await dedupe(x, { threshold: 0.93, against: [at(180), at(60)] });
    expect(Array.from(greedy.kept)).toEqual([0, 3]);
  });

  it('decides by the true cosine at the threshold, as pairs does', async () => {
    const x = [
      [1, 2],
      [2, 1],
    ];
    expect(Array.from((await dedupe(x, 0.8)).kept)).toEqual([0]);
    expect(Array.from((await dedupe(x, 0.8000001)).kept)).toEqual([0, 1]);
  });

  it('compares bigints as priorities, and keeps the lower of equal rows', async () => {
    const x = Array.from({ length: 4 }, () => [1, 2]);
    const priority = BigInt64Array.of(5n, 2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 1n);
    const found = await dedupe(x, { threshold: 0.9, priority });
    expect(Array.from(found.kept)).toEqual([2]);
    expect(Array.from(found.dropped.keptRows)).toEqual([2, 2, 2]);
  });

  it('refuses priorities whose buffer was transferred', async () => {
    for (const priority of [Float64Array.of(1, 2), BigInt64Array.of(1n, 2n)]) {
      structuredClone(priority, { transfer: [priority.buffer] });
      for (const x of [
        [],
        [
          [1, 2],
          [2, 1],
        ],
      ]) {
        await expect(dedupe(x, { threshold: 0.9, priority })).rejects.toThrow(
          `expected numbers for \`priority\`, got a detached ${priority.constructor.name}`,
        );
      }
    }
  });

  it('gives the same result for rows of a file, in one pass and in several', async () => {
    const path = fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url));
    const x = await readNpy(path);
    const file = await openRows(path);
    try {
      const against = { data: x.data.subarray(0, 100 * 768), shape: [100, 768] };
      const priority = Array.from({ length: 1500 }, (_, row) => (row * 7) % 1500);
      for (const method of ['greedy', 'components'] as const) {
        const options = { threshold: 0.8, against, priority, method };
        const want = await dedupe(x, options);
        // Slightly more than the smallest blocks take.
        const memoryBudget = 13e6;
        expect(plan.dedupe(file, { ...options, memoryBudget }).passes).toBeGreaterThan(2);
        expect(await dedupe(file, options)).toEqual(want);
        expect(await dedupe(file, { ...options, memoryBudget })).toEqual(want);
      }
    } finally {
      await file.close();
    }
  });

  it('types the scores, and writes itself as plain JSON', async () => {
    const float32 = [Float32Array.of(1, 2), Float32Array.of(1, 2)];
    const found = await dedupe(float32, 0.9);
    expectTypeOf(found.dropped.scores).toEqualTypeOf<Float32Array>();
    const wide = await dedupe(float32, { threshold: 0.9, dtype: 'float64' });
    expectTypeOf(wide.dropped.scores).toEqualTypeOf<Float64Array>();
    const mixed = await dedupe(float32, { threshold: 0.9, against: [Float64Array.of(1, 2)] });
    expectTypeOf(mixed.dropped.scores).toEqualTypeOf<Float64Array>();
    expect(mixed.dropped.scores).toBeInstanceOf(Float64Array);
    const dropped = { rows: [1], keptRows: [0], sources: ['x'], scores: [1], length: 1 };
    expect(JSON.parse(JSON.stringify(found))).toEqual({ kept: [0], dropped });
    expect(wide.dropped.scores).toBeInstanceOf(Float64Array);
  });

  it('carries the ids of both inputs', async () => {
    const old = new Map([['a', [1, 2]]]);
    const found = await dedupe({ b: [2, 4], c: [2, -1] }, { threshold: 0.9, against: old });
    expect([found.rowIds, found.againstIds, reasonsOf(found)]).toEqual([
      ['b', 'c'],
      ['a'],
      [{ row: 0, keptRow: 0, source: 'against', score: 1 }],
    ]);
  });

  it('accepts no rows, one row against others, and nothing to compare with', async () => {
    expect((await dedupe([], 0.9)).kept.length).toBe(0);
    expect(Array.from((await dedupe([1, 2], { threshold: 0.9, against: [[2, 4]] })).kept)).toEqual([]);
    expect(Array.from((await dedupe([[1, 2]], { threshold: 0.9, against: [] })).kept)).toEqual([0]);
    expect(Array.from((await dedupe([[1, 2]], { threshold: 0.9, against: null })).kept)).toEqual([0]);
  });

  it('reports one progress for both parts, and stops when it is aborted', async () => {
    const [x, against] = [clustered(900, 30, 8), clustered(700, 30, 9)];
    const reports: Progress[] = [];
    const { kept } = await dedupe(x, { threshold: THRESHOLD, against, onProgress: (progress) => reports.push(progress) });
    const fractions = reports.map(({ done, total }) => done / total);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.filter((fraction) => fraction === 1).length).toBe(1);
    expect(kept.length).toBeLessThan(900);
    const stopper = new AbortController();
    const work = dedupe(x, {
      threshold: THRESHOLD,
      against,
      signal: stopper.signal,
      onProgress: () => stopper.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });

  it('decides the same if there are too many pairs to be held', async () => {
    const x = clustered(1600, 8, 10);
    const priority = Int32Array.from({ length: 1600 }, (_, row) => (row * 7919) % 801);
    const [memoryBudget, bytesOfPair] = [4e6, 20];
    expect((await pairs(x, THRESHOLD)).length).toBeGreaterThan(memoryBudget / 16 / bytesOfPair);
    const want = await dedupe(x, { threshold: THRESHOLD, priority });
    expect(await dedupe(x, { threshold: THRESHOLD, priority, memoryBudget })).toEqual(want);
  });

  it('needs no more memory for equal rows than for others', async () => {
    const alike = { data: new Float32Array(6000 * 8).fill(1), shape: [6000, 8] };
    const options = { threshold: 0.9, memoryBudget: 8e6, priority: Float64Array.from({ length: 6000 }, (_, row) => row) };
    const found = await dedupe(alike, options);
    expect(Array.from(found.kept)).toEqual([5999]);
    // All 18 million pairs would take 216 MB.
    await expect(pairs(alike, { threshold: 0.9, memoryBudget: 8e6 })).rejects.toThrow(MemoryError);
    const error = await dedupe(alike, { ...options, memoryBudget: 1000 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MemoryError);
  });

  it('reports rows that are not finite by number and argument', async () => {
    const x = [
      [1, 2],
      [Number.NaN, 1],
      [3, 1],
    ];
    const good = [[1, 2]];
    await expect(dedupe(x, { threshold: 0.9, priority: [3, 2, 1] })).rejects.toThrow('got NaN in row 1, column 0');
    await expect(dedupe(x, { threshold: 0.9, priority: [1, 2, 3] })).rejects.toThrow('got NaN in row 1, column 0');
    await expect(dedupe(good, { threshold: 0.9, against: x })).rejects.toThrow('expected finite numbers in `against`, got NaN');
  });

  it.each<[string, object | number, string]>([
    ['no threshold', {}, 'expected a number from -1 to 1 for `threshold`, got undefined'],
    ['a method of groups', { threshold: 0, method: 'community' }, "expected 'greedy' or 'components' for `method`"],
    [
      'other depths',
      { threshold: 0, against: [[1]] },
      'expected rows of length 2 (as `x` has) for `against`, got rows of length 1',
    ],
    ['no rows as against', { threshold: 0, against: 5 }, 'expected rows for `against`, got 5'],
    ['too few priorities', { threshold: 0, priority: [1] }, 'expected 2 numbers, one for each row for `priority`, got 1'],
    [
      'priorities as text',
      { threshold: 0, priority: ['1', '2'] },
      'expected numbers that can be compared for `priority`, got "1" for row 0',
    ],
    ['NaN as priority', { threshold: 0, priority: [1, Number.NaN] }, 'got NaN for row 1'],
    ['one number as priority', { threshold: 0, priority: 1 }, 'expected a number for each row for `priority`, got 1'],
  ])('refuses %s', async (_, options, message) => {
    const call = dedupe as (...args: unknown[]) => Promise<unknown>;
    const x = [
      [1, 2],
      [3, 4],
    ];
    await expect(call(x, options)).rejects.toThrow(message);
  });

  it('agrees with the pairs that scipy found in the sentences', async () => {
    const x = await readNpy(fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url)));
    const dropped = new Set<number>();
    for await (const { rows, cols } of streamPairs(x, 0.8)) {
      for (const [at, row] of rows.entries()) if (!dropped.has(row)) dropped.add(cols[at] as number);
    }
    const found = await dedupe(x, 0.8);
    expect(Array.from(found.dropped.rows)).toEqual([...dropped].sort((a, b) => a - b));
  });
});
