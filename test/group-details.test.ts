// Details of groups, groups in which every two members are similar, and groups at other thresholds, compared with loops over the matrix.

import { fileURLToPath } from 'node:url';
import { cosineSimilaritySync, type GroupsOptions, groups, Matrix, openRows, pairs, type Rows, readNpy } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { JoinForest } from '#src/epilogues/join-forest.js';
import { BACKENDS, runner } from './conformance/node-runner.js';
import { fc } from './property.js';

const SENTENCES = fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url));
const sentences = await readNpy(SENTENCES);

/** Rows with many equal scores, some of them exactly at the thresholds below. */
const anyRows = fc.array(fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }), {
  minLength: 1,
  maxLength: 30,
});
const anyThreshold = fc.constantFrom(-1, 0, 0.3, 0.5, 2 / 3, 0.8, 0.9, 1);
const anyDType = fc.constantFrom('float32', 'float64');

/** The sets of complete linkage by definition: the best pair of sets joins, of those between which all pairs exist. */
async function plainComplete(x: Rows, threshold: number, dtype: 'float32' | 'float64') {
  const scores = new Map<string, number>();
  const found = await pairs(x, { threshold, dtype });
  for (let at = 0; at < found.length; at++) scores.set(`${found.rows[at]} ${found.cols[at]}`, found.scores[at] as number);
  const scoreOf = (a: number, b: number) => scores.get(a < b ? `${a} ${b}` : `${b} ${a}`) ?? Number.NEGATIVE_INFINITY;
  let sets = Array.from({ length: cosineSimilaritySync(x).shape[0] }, (_, row) => [row]);
  for (;;) {
    let best: [number, number] | undefined;
    let highest = Number.NEGATIVE_INFINITY;
    // Sets are ordered by their first rows, so the first of equals has the lowest one.
    for (let i = 0; i < sets.length; i++) {
      for (let j = i + 1; j < sets.length; j++) {
        const lowest = Math.min(...(sets[i] as number[]).flatMap((a) => (sets[j] as number[]).map((b) => scoreOf(a, b))));
        if (lowest > highest) [best, highest] = [[i, j], lowest];
      }
    }
    if (!best) break;
    const [i, j] = best;
    const joined = [...(sets[i] as number[]), ...(sets[j] as number[])].sort((a, b) => a - b);
    sets = sets.map((set, at) => (at === i ? joined : set)).filter((_, at) => at !== j);
  }
  return sets.filter(({ length }) => length > 1).sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}

/**
 * Returns the lowest score at or above the matrix's own threshold that leaves at most `keep` sets, highest first; undefined if none does.
 */
function plainCut(scores: readonly number[], components: (cut: number) => number, keep: number): number | undefined {
  return [1, ...new Set(scores)].sort((a, b) => b - a).find((cut) => components(cut) <= keep);
}

describe('the scores of a group', () => {
  for (const { name, backend } of BACKENDS) {
    it.skipIf(!backend)(`have the bits of the matrix on ${name}`, async () => {
      // Few rows are enough in plain JavaScript.
      const [rows, depth] = [name === 'reference' ? 300 : sentences.shape[0], sentences.shape[1]];
      const x = { data: sentences.data.subarray(0, rows * depth), shape: [rows, depth] };
      const matrix = new Matrix(await runner.run(backend as never, '2 threads', x, undefined, {}), [rows, rows]);
      for (const method of ['components', 'complete', 'community'] as const) {
        const options = { threshold: 0.6, method, minimumSize: 2, explain: true } as const;
        const found = await runner.groups(backend as never, '2 threads', x, options);
        expect(found.groups.length).toBeGreaterThan(3);
        for (const { rows, representative, scores, lowestScore } of found.groups) {
          expect(scores).toEqual(rows.map((row) => matrix.at(row, representative)));
          const all = rows.flatMap((a) => rows.filter((b) => b !== a).map((b) => matrix.at(a, b) as number));
          expect(lowestScore).toBe(all.reduce((a, b) => Math.min(a, b)));
        }
      }
    });
  }

  it('also come from open files, with the lowest only if it is requested or known', async () => {
    const file = await openRows(SENTENCES);
    try {
      expect(await groups(file, { threshold: 0.6, explain: true })).toEqual(
        await groups(sentences, { threshold: 0.6, explain: true }),
      );
      const found = await groups(file, 0.6);
      expect(found.groups.every((group) => !('lowestScore' in group))).toBe(true);
      await expect(found.at(0.9)).resolves.toEqual(await groups(sentences, 0.9));
    } finally {
      await file.close();
    }
  });

  it('fit in the memory of the call, or are refused before the work', async () => {
    const tight = { threshold: 0.6, explain: true, memoryBudget: 3_000_000 };
    expect(await groups(sentences, tight)).toEqual(await groups(sentences, { threshold: 0.6, explain: true }));
    let started = false;
    const onProgress = () => {
      started = true;
    };
    await expect(groups(sentences, { threshold: 0.6, memoryBudget: 200_000, onProgress })).rejects.toThrow('memoryBudget');
    expect(started).toBe(false);
  });
});

describe("groups of method 'complete'", () => {
  it('satisfy the definition: every two members are a pair', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anyThreshold, anyDType, async (x, threshold, dtype) => {
        const found = await groups(x, { threshold, dtype, method: 'complete', explain: true });
        expect(found.groups.map(({ rows }) => rows)).toEqual(await plainComplete(x, threshold, dtype));
        const matrix = cosineSimilaritySync(x, { dtype });
        for (const { rows, lowestScore } of found.groups) {
          const all = rows.flatMap((a) => rows.filter((b) => b !== a).map((b) => matrix.at(a, b) as number));
          expect(lowestScore).toBe(Math.min(...all));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of sentences contain only similar sentences, and no two groups could join', async () => {
    const threshold = 0.5;
    const found = await groups(sentences, { threshold, method: 'complete', minimumSize: 1 });
    const similar = new Set<string>();
    const all = await pairs(sentences, threshold);
    for (let at = 0; at < all.length; at++) similar.add(`${all.rows[at]} ${all.cols[at]}`);
    const arePair = (a: number, b: number) => similar.has(a < b ? `${a} ${b}` : `${b} ${a}`);
    for (const { rows } of found.groups) {
      for (const a of rows) for (const b of rows) if (a < b) expect(arePair(a, b)).toBe(true);
    }
    const some = found.groups.slice(0, 60);
    for (const one of some) {
      for (const other of some) {
        if (one !== other) expect(one.rows.every((a) => other.rows.every((b) => arePair(a, b)))).toBe(false);
      }
    }
  });

  it('accept neither a checkpoint nor a number of rows to keep', async () => {
    const options = { threshold: 0.9, method: 'complete' } as const;
    await expect(groups(sentences, { ...options, keep: 3 })).rejects.toThrow("works with method: 'components'");
    await expect(groups(sentences, { ...options, checkpoint: { save: () => {} } })).rejects.toThrow(
      "works with method: 'components'",
    );
    await expect((await groups(sentences, options)).at(0.95)).rejects.toThrow("method: 'components'");
  });
});

describe('groups at another threshold', () => {
  it('match what groups returns there, in every field', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        anyDType,
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        async (x, dtype, explain, minimumSize) => {
          const options: GroupsOptions = { threshold: 0.3, dtype, explain, minimumSize };
          const found = await groups(x, options);
          for (const threshold of [0.3, 0.5, 2 / 3, 0.8, 0.9, 1]) {
            expect(await found.at(threshold)).toEqual(await groups(x, { ...options, threshold }));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are decided by true cosines near the threshold, where rounding affects scores', async () => {
    const found = await groups(sentences, 0.4);
    const { scores } = await pairs(sentences, 0.6);
    for (let at = 0; at < scores.length; at += Math.ceil(scores.length / 6)) {
      for (const off of [-1e-8, 0, 1e-8]) {
        const threshold = (scores[at] as number) + off;
        expect(await found.at(threshold)).toEqual(await groups(sentences, threshold));
      }
    }
  });

  it('keep the ids of rows, and return groups at further thresholds', async () => {
    const x = new Map([
      ['a', [1, 0]],
      ['b', [1, 0.1]],
      ['c', [1, 0.5]],
    ]);
    const found = await groups(x, 0.8);
    const stricter = await found.at(0.99);
    expect(stricter).toEqual(await groups(x, 0.99));
    expect(stricter.rowIds).toEqual(['a', 'b', 'c']);
    expect(await stricter.at(0.8)).toEqual(found);
  });

  it('ignore an aborted signal of the call, and refuse lower thresholds', async () => {
    const controller = new AbortController();
    const found = await groups(sentences, { threshold: 0.6, signal: controller.signal });
    controller.abort();
    expect((await found.at(0.7)).threshold).toBe(0.7);
    await expect(found.at(0.5)).rejects.toThrow('from 0.6, the threshold of the call, to 1, got 0.5');
    await expect(found.at(Number.NaN)).rejects.toThrow('threshold');
  });

  it('are available after a call that was resumed', async () => {
    const saved: { row: number; arrays: Record<string, Uint32Array | Float32Array> }[] = [];
    const checkpoint = { interval: 0, save: (state: unknown) => void saved.push(structuredClone(state) as never) };
    const whole = await groups(sentences, { threshold: 0.6, checkpoint });
    const middle = saved[Math.floor(saved.length / 2)] as never;
    const found = await groups(sentences, { threshold: 0.6, checkpoint: { saved: middle, save: () => {} } });
    expect(found).toEqual(whole);
    expect(await found.at(0.75)).toEqual(await groups(sentences, 0.75));
  });
});

describe('groups with `keep`', () => {
  it('join the most similar rows first, equal scores together', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anyThreshold, anyDType, fc.integer({ min: 1, max: 30 }), async (x, threshold, dtype, keep) => {
        const found = await groups(x, { threshold, dtype, keep });
        const all = await pairs(x, { threshold, dtype });
        const rows = found.rows;
        const componentsAt = (cut: number) => {
          const set = Array.from({ length: rows }, (_, row) => row);
          let count = rows;
          for (let at = 0; at < all.length; at++) {
            const [a, b] = [set[all.rows[at] as number] as number, set[all.cols[at] as number] as number];
            if ((all.scores[at] as number) < cut || a === b) continue;
            count--;
            for (let row = 0; row < rows; row++) if (set[row] === b) set[row] = a;
          }
          return { count, set };
        };
        const cut = plainCut(Array.from(all.scores), (score) => componentsAt(score).count, keep);
        const { count, set } = componentsAt(cut ?? -2);
        expect(found.keep().length).toBe(count);
        expect(found.threshold).toBe(Math.max(threshold, cut ?? threshold));
        const members = set.map((one) => set.flatMap((other, row) => (other === one ? [row] : [])));
        const groupOf = (row: number) => found.groups.find((group) => group.rows.includes(row))?.rows ?? [row];
        expect(set.map((_, row) => groupOf(row))).toEqual(members);
      }),
      { numRuns: 200 },
    );
  });

  it('leave exactly the requested number of sentences', async () => {
    for (const keep of [1500, 1400, 1000, 300, 1]) {
      const found = await groups(sentences, { threshold: -1, keep });
      expect(found.keep().length).toBe(Math.min(keep, found.keep().length));
      expect(keep - found.keep().length).toBeLessThan(40);
    }
    expect((await groups(sentences, { threshold: 0.8, keep: 1000 })).keep()).toEqual((await groups(sentences, 0.8)).keep());
  });

  it('require groups of two', async () => {
    await expect(groups(sentences, { threshold: 0.5, keep: 10, minimumSize: 3 })).rejects.toThrow('at most 2 with keep');
    await expect(groups(sentences, { threshold: 0.5, keep: 0 })).rejects.toThrow('keep');
    await expect(groups(sentences, { threshold: 0.5, explain: 1 as never })).rejects.toThrow('explain');
  });
});

describe('a forest of joined rows', () => {
  it('joins the same rows as all pairs at every score, whatever their order', () => {
    const anyPairs = fc.array(fc.tuple(fc.nat(19), fc.nat(19), fc.integer({ min: -4, max: 4 })), { maxLength: 80 });
    fc.assert(
      fc.property(anyPairs, (found) => {
        const forest = new JoinForest(20, 'float32');
        for (const [a, b, quarters] of found) forest.join(a, b, quarters / 4);
        for (const cut of [-1, -0.5, 0, 0.25, 0.75, 1]) {
          const sets = Array.from({ length: 20 }, (_, row) => row);
          for (const [a, b, quarters] of found) {
            if (quarters / 4 < cut) continue;
            const [from, to] = [sets[a] as number, sets[b] as number];
            for (let row = 0; row < 20; row++) if (sets[row] === from) sets[row] = to;
          }
          const joined = forest.setsAt(cut);
          const lowest = sets.map((set) => sets.indexOf(set));
          expect(sets.map((_, row) => joined.find(row))).toEqual(lowest);
          expect(forest.joinScores().filter((score) => score >= cut).length).toBe(20 - new Set(sets).size);
        }
      }),
    );
  });
});
