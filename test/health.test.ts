// The figures of health compared with NumPy and with plain loops, on rows with a known fault and on rows without faults.

import { fileURLToPath } from 'node:url';
import { type Finding, type Health, health, histogram, MemoryError, openRows, readNpy, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { randomRows, randomSource } from './random.js';
import { WAYS } from './ways.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const sentences = await readNpy(at('../examples/data/sentences.npy'));

const named = (found: Health, name: string) => found.findings.find((finding) => finding.name === name) as Finding;
const notable = (found: Health) => found.findings.filter((finding) => finding.notable).map(({ name }) => name);
const listOf = ({ data, shape: [rows, depth] }: { data: ArrayLike<number>; shape: readonly [number, number] }) =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: depth }, (_, k) => data[row * depth + k] as number));

/** Rows of any length around a few centres, with a common component. */
function clustered(count: number, depth: number): number[][] {
  const random = randomSource(5);
  const centres = listOf(randomRows(6, depth, 2));
  const noise = listOf(randomRows(count, depth, 3));
  return noise.map((row, i) => {
    const length = 1 + random();
    return row.map((value, k) => length * (0.5 + value + 1.5 * (centres[i % 6]?.[k] as number)));
  });
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const cosinesOf = (rows: readonly number[][]) => rows.map((a) => rows.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));

function nearestOf(cosines: readonly number[][], k: number): number[][] {
  return cosines.map((row, i) =>
    Array.from(row.keys())
      .filter((j) => j !== i)
      .sort((a, b) => (row[b] as number) - (row[a] as number) || a - b)
      .slice(0, k),
  );
}

/** Eigenvalues by Jacobi rotations over the whole covariance, and their eigenvectors as columns. */
function eigenOf(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const a = matrix.map((row) => row.slice());
  const n = a.length;
  const v = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const [app, aqq, apq] = [a[p]?.[p], a[q]?.[q], a[p]?.[q]] as [number, number, number];
        if (apq === 0) continue;
        const angle = Math.atan2(2 * apq, aqq - app) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (const m of [a, v]) {
          for (const row of m) {
            const [x, y] = [row[p] as number, row[q] as number];
            row[p] = c * x - s * y;
            row[q] = s * x + c * y;
          }
        }
        const [rowP, rowQ] = [a[p] as number[], a[q] as number[]];
        for (let k = 0; k < n; k++) {
          const [x, y] = [rowP[k] as number, rowQ[k] as number];
          rowP[k] = c * x - s * y;
          rowQ[k] = s * x + c * y;
        }
      }
    }
  }
  const order = Array.from(a.keys()).sort((i, j) => (a[j]?.[j] as number) - (a[i]?.[i] as number));
  return {
    values: order.map((i) => a[i]?.[i] as number),
    vectors: order.map((i) => v.map((row) => row[i] as number)),
  };
}

describe('the figures of health', () => {
  it('match NumPy for sentences', async () => {
    const found = await health(sentences);
    expect(found).toMatchObject({
      rows: 1500,
      depth: 768,
      zeroRows: 0,
      nonFiniteRows: 0,
      duplicateRows: 4,
      unitNorm: false,
      neverNeighbours: 21,
      componentsRemoved: 8,
      sampled: { neighbourRows: 1500, changedRows: 1500, queryRows: 500, varianceRows: 1500, scoreRows: 1500 },
    });
    expect(found.hubs[0]).toEqual({ row: 1348, count: 77 });
    expect(found.meanScore).toBeCloseTo(0.12982177349603805, 12);
    expect(found.effectiveRank).toBeCloseTo(109.30189133269717, 6);
    expect(found.varianceInFirst).toBeCloseTo(0.22325751159896112, 9);
    expect(found.varianceInFirstTen).toBeCloseTo(0.36404521331089507, 9);
    expect(found.hubnessSkew).toBeCloseTo(2.2230028182779673, 9);
    expect(found.normScoreCorrelation).toBeCloseTo(0.8324492846734735, 9);
    expect(found.norms.minimum).toBeCloseTo(6.9818713326545785, 9);
    expect(found.norms.maximum).toBeCloseTo(31.670846281618754, 9);
    expect(found.norms.mean).toBeCloseTo(21.297277038621896, 9);
    expect(found.norms.deviation).toBeCloseTo(6.943604030112471, 9);
    expect(found.neighboursKeptCentred).toBeCloseTo(0.8794, 2);
    expect(found.neighboursKeptWithoutComponents).toBeCloseTo(0.7004, 2);
    // Upper ends of bins 0.001 wide.
    for (const [got, want] of [
      [found.scores.low, -0.13267614],
      [found.scores.median, 0.03729792],
      [found.scores.high, 0.53283249],
    ] as const) {
      expect(Math.abs(got - want)).toBeLessThan(0.0011);
    }
  });

  it('match plain loops', async () => {
    const rows = clustered(240, 12);
    const found = await health(rows, { dtype: 'float64' });
    const cosines = cosinesOf(rows);
    const others = cosines.map((row, i) => row.filter((_, j) => j !== i));
    expect(found.meanScore).toBeCloseTo(meanOf(others.flat()), 12);
    const mean = rows[0]?.map((_, k) => meanOf(rows.map((row) => row[k] as number))) as number[];
    const centred = rows.map((row) => row.map((value, k) => value - (mean[k] as number)));
    const covariance = mean.map((_, i) =>
      mean.map((_, j) => meanOf(centred.map((row) => (row[i] as number) * (row[j] as number)))),
    );
    const { values, vectors } = eigenOf(covariance);
    const whole = values.reduce((sum, value) => sum + value, 0);
    const entropy = values.reduce((sum, value) => sum - (value / whole) * Math.log(value / whole), 0);
    expect(found.effectiveRank).toBeCloseTo(Math.exp(entropy), 9);
    expect(found.varianceInFirst).toBeCloseTo((values[0] as number) / whole, 9);
    const near = nearestOf(cosines, 10);
    const counts = rows.map((_, i) => near.filter((list) => list.includes(i)).length);
    const deviation = Math.sqrt(meanOf(counts.map((count) => (count - 10) ** 2)));
    expect(found.hubnessSkew).toBeCloseTo(meanOf(counts.map((count) => ((count - 10) / deviation) ** 3)), 9);
    expect(found.hubs[0]?.count).toBe(Math.max(...counts));
    expect(found.neverNeighbours).toBe(counts.filter((count) => count === 0).length);
    const kept = (changed: number[][]) => {
      const after = nearestOf(cosinesOf(changed), 10);
      return meanOf(near.map((list, i) => list.filter((j) => after[i]?.includes(j)).length / 10));
    };
    expect(found.neighboursKeptCentred).toBeCloseTo(kept(centred), 12);
    const first = vectors[0] as number[];
    const without = centred.map((row) => row.map((value, k) => value - dot(row, first) * (first[k] as number)));
    expect(found.componentsRemoved).toBe(1);
    expect(Math.abs(found.neighboursKeptWithoutComponents - kept(without))).toBeLessThan(0.005);
    const norms = rows.map((row) => Math.sqrt(dot(row, row)));
    const scores = others.map(meanOf);
    const [ofNorms, ofScores] = [norms.map((norm) => norm - meanOf(norms)), scores.map((score) => score - meanOf(scores))];
    const correlation = dot(ofNorms, ofScores) / Math.sqrt(dot(ofNorms, ofNorms) * dot(ofScores, ofScores));
    expect(found.normScoreCorrelation).toBeCloseTo(correlation, 9);
  });

  it('suggest a threshold that pairs within clusters reach, and pairs of different clusters do not', async () => {
    const rows = clustered(240, 64);
    const cosines = cosinesOf(rows);
    const { suggestedThreshold } = await health(rows);
    let [within, between] = [0, 0];
    for (let i = 0; i < rows.length; i++) {
      for (let j = 0; j < i; j++) if ((cosines[i]?.[j] as number) >= suggestedThreshold) i % 6 === j % 6 ? within++ : between++;
    }
    expect(within).toBeGreaterThan(100);
    expect(within).toBeGreaterThan(9 * between);
  });

  it('are the same for stored rows, for every backend and in every run', async () => {
    const file = await openRows(at('../examples/data/digits.npy'));
    try {
      const want = await health(await readNpy(at('../examples/data/digits.npy')));
      expect(await health(file)).toEqual(want);
      expect(await health(file, { memoryBudget: 8e6 })).toEqual(want);
    } finally {
      await file.close();
    }
    const rows = clustered(240, 12);
    const [first, ...more] = await Promise.all(WAYS.slice(1).map((api) => api.health(rows)));
    for (const other of more) expect(other).toEqual(first);
    expect(await WAYS[0]?.health(rows, { backend: 'wasm' })).toEqual(first);
  });
});

describe('health finds', () => {
  const plain = randomRows(1200, 48, 9);

  it('nothing in random rows', async () => {
    const found = await health(plain);
    expect(notable(found)).toEqual([]);
    expect(found.verdict).toBe('Nothing in these rows argues against using cosine similarity.');
    expect(found.suggestedThreshold).toBeNaN();
    expect(Math.abs(found.meanScore)).toBeLessThan(0.001);
    expect(found.effectiveRank).toBeGreaterThan(46);
    expect(Math.abs(found.hubnessSkew)).toBeLessThan(1);
  });

  it('a large common part, which centring removes', async () => {
    const data = plain.data.map((value, i) => value + 1 + (i % 48) / 48);
    const rows = { data, shape: plain.shape };
    const found = await health(rows);
    expect(notable(found)).toEqual(expect.arrayContaining(['meanScore', 'neighboursKeptCentred']));
    expect(found.verdict).toMatch(/^Look at .*meanScore.* before you rely on these cosines\.$/);
    expect(named(found, 'meanScore').meaning).toContain('large common component');
    expect(named(found, 'meanScore').advice).toContain('center: true');
    expect(found.meanScore).toBeCloseTo((await histogram(rows)).mean, 6);
    expect(notable(await health(rows, { center: true }))).toEqual([]);
  });

  it('a direction that holds most of the variance', async () => {
    const rows = listOf(plain).map((row, i) => row.map((value, k) => value + (k < 8 ? 4 * Math.sin(i * 12.9898) : 0)));
    const found = await health(rows);
    expect(notable(found)).toContain('varianceInFirst');
    expect(found.varianceInFirst).toBeGreaterThan(0.5);
    expect(found.effectiveRank).toBeLessThan(12);
    expect(found.neighboursKeptWithoutComponents).toBeLessThan(0.5);
    expect(notable(await health(rows, { removeComponents: 1 }))).toEqual([]);
  });

  it('hubs, by their numbers and ids', async () => {
    // Row 700 is close to the mean of all others.
    const data = plain.data.map((value, i) => (Math.floor(i / 48) === 700 ? 0.01 * value : value) + 0.4);
    const rows = listOf({ data, shape: plain.shape });
    const found = await health(rows);
    expect(notable(found)).toContain('hubnessSkew');
    expect(found.hubs[0]?.row).toBe(700);
    expect(named(found, 'hubnessSkew').meaning).toContain(`row 700 is in ${found.hubs[0]?.count} lists`);
    const byId = await health(new Map(rows.map((row, i) => [`id-${i}`, row])));
    expect(byId.hubs[0]).toEqual({ row: 700, id: 'id-700', count: found.hubs[0]?.count });
  });

  it('rows that are zero, not finite, or equal to others, and continues without the first two', async () => {
    const rows = listOf(plain);
    const clean = await health(rows);
    rows.splice(100, 0, new Array(48).fill(0), new Array(48).fill(-0));
    rows.splice(5, 0, [Number.NaN, ...new Array(47).fill(1)]);
    rows.push([Number.NEGATIVE_INFINITY, ...new Array(47).fill(1)]);
    const found = await health(rows);
    expect(found).toMatchObject({ rows: 1204, zeroRows: 2, nonFiniteRows: 2, duplicateRows: 0 });
    expect(notable(found)).toEqual(['zeroRows', 'nonFiniteRows']);
    for (const name of ['meanScore', 'effectiveRank', 'hubnessSkew', 'neighboursKeptCentred'] as const) {
      expect(found[name]).toBeCloseTo(clean[name], 9);
    }
    const moved = (row: number) => (row < 5 ? row : row < 100 ? row + 1 : row + 3);
    expect(found.hubs.map(({ row }) => row)).toEqual(clean.hubs.map(({ row }) => moved(row)));
    rows.push(rows[3] as number[], (rows[4] as number[]).slice(), rows[3] as number[]);
    // Not equal: opposite, twice as long, or with one different element.
    rows.push(
      (rows[8] as number[]).map((value) => -value),
      (rows[9] as number[]).map((value) => 2 * value),
    );
    rows.push((rows[10] as number[]).map((value, k) => (k === 47 ? -value : value)));
    expect((await health(rows)).duplicateRows).toBe(3);
  });

  it('that zeros of either sign are equal, and that swapped signs and elements are not', async () => {
    const rows = [
      [0, 1, 2, 3],
      [-0, 1, 2, 3],
      [0, -1, -2, 3],
      [0, 1, -2, -3],
      [1, 0, 2, 3],
      [2, 1, 0, 3],
      [3, 1, 2, 0],
    ];
    expect((await health(rows)).duplicateRows).toBe(1);
    expect((await health(rows.map((row) => Float32Array.from(row)))).duplicateRows).toBe(1);
  });

  it('that lengths are 1 or, if they vary, that cosine ignores them', async () => {
    const unit = listOf(plain).map((row) => {
      const norm = Math.hypot(...row);
      return Float32Array.from(row, (value) => value / norm);
    });
    const found = await health(unit);
    expect(found.unitNorm).toBe(true);
    expect(found.normScoreCorrelation).toBeNaN();
    const varied = await health(unit.map((row, i) => row.map((value) => value * (1 + (i % 5)))));
    expect(varied.unitNorm).toBe(false);
    expect(notable(varied)).toEqual(['unitNorm']);
    expect(named(varied, 'unitNorm').meaning).toBe('Lengths range from 1 to 5; cosine similarity ignores them.');
  });
});

describe('health takes', () => {
  it.each([
    ['no rows', [], 0],
    ['one row', [[1, 2]], 1],
    [
      'two rows',
      [
        [1, 2],
        [2, 1],
      ],
      2,
    ],
    [
      'three rows',
      [
        [1, 2],
        [2, 1],
        [1, 1],
      ],
      3,
    ],
    [
      'zero rows only',
      [
        [0, 0],
        [0, 0],
      ],
      2,
    ],
    ['rows without elements', [[], []], 2],
    ['equal rows', Array(20).fill([1, 2]), 20],
    ['rows of one element', [[1], [2], [-3], [4]], 4],
  ])('%s', async (_, rows, count) => {
    const found = await health(rows);
    expect(found.rows).toBe(count);
    expect(found.findings.length).toBeGreaterThanOrEqual(4);
    for (const { meaning, advice } of found.findings) expect(`${meaning} ${advice}`).not.toMatch(/NaN[^ ]|undefined|Infinity/);
    expect(JSON.parse(JSON.stringify(found)).rows).toBe(count);
  });

  it('rows of the largest and the smallest numbers', async () => {
    const rows = clustered(60, 6);
    const want = await health(rows, { dtype: 'float64' });
    for (const factor of [2 ** 1000, 2 ** -1000]) {
      const found = await health(rows.map((row) => Float64Array.from(row, (value) => value * factor)));
      expect(found.effectiveRank).toBeCloseTo(want.effectiveRank, 9);
      expect(found.meanScore).toBeCloseTo(want.meanScore, 9);
      expect(found.hubnessSkew).toBeCloseTo(want.hubnessSkew, 9);
      expect(found.neighboursKeptCentred).toBeCloseTo(want.neighboursKeptCentred, 9);
    }
  });

  it('few rows with many elements, with the same result as from the covariance of all elements', async () => {
    const rows = randomRows(40, 1100, 4);
    const list = listOf(rows);
    const mean = list[0]?.map((_, k) => meanOf(list.map((row) => row[k] as number))) as number[];
    const centred = list.map((row) => row.map((value, k) => value - (mean[k] as number)));
    const { values } = eigenOf(centred.map((a) => centred.map((b) => dot(a, b))));
    const whole = values.reduce((sum, value) => sum + value, 0);
    const entropy = values.reduce((sum, value) => sum - (value > 1e-9 ? (value / whole) * Math.log(value / whole) : 0), 0);
    expect((await health(rows)).effectiveRank).toBeCloseTo(Math.exp(entropy), 6);
  });

  it('many rows by sampling them, and reports the sample', async () => {
    const rows = randomRows(40_000, 8, 3);
    let total = 0;
    const found = await health(rows, {
      onProgress: (progress) => {
        total = progress.total;
      },
    });
    expect(found.sampled).toEqual({
      neighbourRows: 16_384,
      changedRows: 4_096,
      queryRows: 500,
      varianceRows: 4_096,
      scoreRows: 2_000,
    });
    // Fewer scores than a fifth of all pairs.
    expect(total).toBeLessThan(40_000 ** 2 / 10);
    expect(found.meanScore).toBeCloseTo((await histogram(rows)).mean, 6);
    expect(found.hubs.every(({ row }) => row < 40_000)).toBe(true);
  });

  it('no more scores than three calls of topK would', async () => {
    let ofTopK = 0;
    let ofHealth = 0;
    const x = { data: sentences.data, shape: sentences.shape };
    await topK(x, {
      k: 10,
      onProgress: ({ total }) => {
        ofTopK = total;
      },
    });
    await health(x, {
      onProgress: ({ done, total }) => {
        expect(done).toBeLessThanOrEqual(total);
        ofHealth = total;
      },
    });
    expect(ofHealth).toBeLessThan(3 * ofTopK);
  });
});

describe('health refuses', () => {
  it('what other calls refuse', async () => {
    await expect(health([[1, 2], [3]])).rejects.toThrow('rows of length 2');
    await expect(health(Float32Array.of(1, 2, 3))).rejects.toThrow('`x` is one vector');
    await expect(health([[1, 2]], { nonFinite: 'zero' } as never)).rejects.toThrow("Unknown option 'nonFinite'");
    await expect(health(sentences, { memoryBudget: 1e6 })).rejects.toMatchObject({ code: 'ERR_ALLPAIRS_MEMORY' });
    const reason = new Error('enough');
    await expect(health(sentences, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('budgets that any of its steps exceeds, as a whole, and names one that suffices', async () => {
    const file = await openRows(at('../examples/data/digits.npy'));
    let memoryBudget = 2 ** 18;
    let refusals = 0;
    try {
      for (;;) {
        const found = await health(file, { memoryBudget }).catch((error) => error);
        if (!(found instanceof MemoryError)) {
          expect(found.rows).toBe(1797);
          break;
        }
        expect(found.message).toContain('for the statistics of 1797 rows');
        expect(found.bytes).toBeGreaterThan(memoryBudget);
        memoryBudget = found.bytes;
        refusals++;
      }
    } finally {
      await file.close();
    }
    // First for what it holds, then for its calls.
    expect(refusals).toBe(2);
  });

  it('to continue after it is aborted', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    const found = health(sentences, { signal: abort.signal, onProgress: () => abort.abort(reason) });
    await expect(found).rejects.toBe(reason);
  });
});
