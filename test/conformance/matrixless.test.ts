// topK, pairs and histogram agree exactly with the whole matrix of the same backend, for every case and in every mode. True cosines
// decide which pairs reach a threshold.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cosineSimilaritySync, type DType, histogram, pairs, type Rows, readNpy, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { checkDenseCall } from '#src/check.js';
import { decodeNpy, type NpyRows } from '#src/io/rows/npy.js';
import { fc } from '../property.js';
import { randomRows } from '../random.js';
import { casesOf, stepsOf } from './cases.js';
import { TrueCosines } from './exact.js';
import { BACKENDS, runner } from './node-runner.js';
import { isBestPairs, isHistogram, isPairs, isTopK, type Scores } from './plain.js';
import { largestError } from './runner.js';

const KS = [1, 3, 1000];
const THRESHOLDS = [-1, 0.1, 1];
const BINS = [1, 7];
const COUNTS = [1, 40, 1e6];

async function scoresOf(backend: Backend, x: Rows, y: Rows | undefined, dtype: DType): Promise<Scores> {
  const call = checkDenseCall(x, y);
  const data = await runner.run(backend, 'sync', x, y, { dtype });
  return { data, rows: call.x.rows, cols: (call.y ?? call.x).rows, self: y === undefined };
}

for (const { name, backend: available, reason } of BACKENDS) {
  describe.skipIf(!available)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const backend = available as Backend;
    for (const dtype of ['float32', 'float64'] as const) {
      // Long cases run only where they differ from short ones.
      it.each(available ? casesOf(dtype, stepsOf(available, dtype)) : [])(`${dtype}: $name`, async ({ x, y }) => {
        const scores = await scoresOf(backend, x, y, dtype);
        const truth = new TrueCosines(x, y, dtype);
        const isLong = scores.data.length > 1e5;
        for (const mode of runner.modes.filter((mode) => mode !== 'sync' && !(isLong && mode === '1 thread'))) {
          for (const k of isLong ? [3] : KS) {
            expect(isTopK(await runner.topK(backend, mode, x, y, { k, dtype }), scores, k), `top ${k}, ${mode}`).toBe(true);
          }
          for (const threshold of isLong ? [0.1] : THRESHOLDS) {
            const got = await runner.pairs(backend, mode, x, y, { threshold, dtype });
            expect(isPairs(got, scores, threshold, truth), `pairs ${threshold}, ${mode}`).toBe(true);
          }
          for (const count of isLong ? [40] : COUNTS) {
            const got = await runner.bestPairs(backend, mode, x, y, { count, dtype });
            expect(isBestPairs(got, scores, count), `best ${count} pairs, ${mode}`).toBe(true);
          }
          for (const bins of BINS) {
            const got = await runner.histogram(backend, mode, x, y, { bins, dtype });
            expect(isHistogram(got, scores, bins), `${bins} bins, ${mode}`).toBe(true);
          }
        }
      });

      it(`${dtype}: orders many equal scores and zero rows correctly`, async () => {
        // Few distinct rows, repeated often: ties everywhere, also across tiles.
        const data = Float32Array.from({ length: 700 * 4 }, (_, i) => (Math.floor(i / 4) * 7 + (i % 4) * 3) % 3);
        data.fill(0, 40, 60);
        const x = { data, shape: [700, 4] };
        const scores = await scoresOf(backend, x, undefined, dtype);
        const truth = new TrueCosines(x, undefined, dtype);
        for (const mode of ['turns', '3 threads'] as const) {
          for (const k of [2, 50]) {
            expect(isTopK(await runner.topK(backend, mode, x, undefined, { k, dtype }), scores, k), `top ${k}`).toBe(true);
          }
          for (const count of [5, 2000]) {
            const got = await runner.bestPairs(backend, mode, x, undefined, { count, dtype });
            expect(isBestPairs(got, scores, count), `best ${count} pairs`).toBe(true);
          }
          for (const threshold of [1, Math.fround(0.6), 0.6]) {
            const got = await runner.pairs(backend, mode, x, undefined, { threshold, dtype });
            expect(isPairs(got, scores, threshold, truth), `pairs ${threshold}`).toBe(true);
          }
        }
      });

      it(`${dtype}: gives the same answers in more passes with a small memory budget`, async () => {
        const x = randomRows(300, 30, 41);
        const y = randomRows(200, 30, 42);
        for (const other of [undefined, y]) {
          const scores = await scoresOf(backend, x, other, dtype);
          for (const mode of ['turns', '2 threads'] as const) {
            const squeeze = async <T>(attempt: (memoryBudget: number) => Promise<T>) =>
              attempt(1.5 * (await smallestBudget(attempt)));
            const best = await squeeze((memoryBudget) => runner.topK(backend, mode, x, other, { dtype, memoryBudget, k: 5 }));
            expect(isTopK(best, scores, 5)).toBe(true);
            const { batches, all } = await squeeze((memoryBudget) =>
              runner.streamPairs(backend, mode, x, other, { dtype, memoryBudget, threshold: -0.5 }),
            );
            expect(isPairs(all, scores, -0.5, new TrueCosines(x, other, dtype))).toBe(true);
            expect(batches).toBeGreaterThan(1);
            const counted = await squeeze((memoryBudget) =>
              runner.histogram(backend, mode, x, other, { dtype, memoryBudget, bins: 20 }),
            );
            expect(isHistogram(counted, scores, 20)).toBe(true);
          }
        }
      });
    }
  });
}

/** The amount named in the error about an impossible budget. */
async function smallestBudget(attempt: (memoryBudget: number) => Promise<unknown>): Promise<number> {
  const error = await attempt(1).catch((reason: unknown) => reason);
  return (error as { bytes: number }).bytes;
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SETS = [
  { name: 'sentences', threshold: 0.8 },
  { name: 'digits', threshold: 0.95 },
] as const;

describe('agrees with scikit-learn and SciPy on', () => {
  for (const { name, threshold } of SETS) {
    it(`the ten most similar rows of each row (${name})`, async () => {
      const x = await readNpy(at(`../../examples/data/${name}.npy`));
      const wanted = await readNpy(at(`../golden/${name}-top10-indices.npy`));
      for (const dtype of ['float32', 'float64'] as const) {
        const got = await topK(x, { k: 10, dtype });
        expect(got.shape).toEqual(wanted.shape);
        // Float32 may swap scores closer than its resolution; float64 may not.
        const scores = await readNpy(at(`../golden/${name}-top10-scores.npy`));
        expect(largestError(got.scores, scores.data as Float64Array)).toBeLessThan(dtype === 'float64' ? 2e-14 : 1e-6);
        if (dtype === 'float64') expect(differencesWithoutTies(got, wanted.data, scores.data)).toBe(0);
      }
    });

    it(`all pairs at or above ${threshold} (${name})`, async () => {
      const x = await readNpy(at(`../../examples/data/${name}.npy`));
      const wanted = decodeNpy(await readFile(at(`../golden/${name}-pairs-${threshold.toFixed(2)}.npy`)));
      const got = await pairs(x, { threshold, dtype: 'float64' });
      expect(got.length).toBe(wanted.shape[0]);
      for (let i = 0; i < got.length; i++) {
        expect([got.rows[i], got.cols[i]]).toEqual([elementAt(wanted, i, 0), elementAt(wanted, i, 1)]);
      }
      expect((await histogram(x, { bins: 40, dtype: 'float64' })).atOrAbove[20 + 20 * threshold]).toBe(got.length);
    });
  }
});

/** The file may store the columns first. */
function elementAt({ data, stride }: NpyRows, row: number, col: number): number | undefined {
  return data[row * stride[0] + col * stride[1]];
}

/** Positions with another row, except for neighbours whose float64 scores differ only by rounding. */
function differencesWithoutTies(
  { indices }: { indices: Uint32Array },
  wanted: ArrayLike<number>,
  scores: ArrayLike<number>,
): number {
  let differences = 0;
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] === wanted[i]) continue;
    const score = scores[i] as number;
    const rank = i % 10;
    const isTie = (other: number, inside: boolean) => inside && Math.abs((scores[other] as number) - score) < 1e-14;
    if (!isTie(i - 1, rank > 0) && !isTie(i + 1, rank < 9) && rank !== 9) differences++;
  }
  return differences;
}

describe('for any rows', () => {
  const anyRows = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 })).chain(([rows, depth]) =>
    fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: depth, maxLength: depth }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

  it('topK, pairs and histogram agree with the matrix', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        async (x, k, threshold) => {
          const { data } = cosineSimilaritySync(x);
          const scores = { data, rows: x.length, cols: x.length, self: true };
          expect(isTopK(await topK(x, { k }), scores, k)).toBe(true);
          expect(isPairs(await pairs(x, { threshold }), scores, threshold, new TrueCosines(x, undefined, 'float32'))).toBe(
            true,
          );
          expect(isHistogram(await histogram(x, { bins: k }), scores, k)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
