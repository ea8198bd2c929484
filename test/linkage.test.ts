// Hierarchical clustering compared with scipy's result and with the definition as loops.

import { fileURLToPath } from 'node:url';
import {
  cosineSimilaritySync,
  Dendrogram,
  type LinkageOptions,
  linkage,
  openRows,
  type Progress,
  plan,
  type Rows,
  readNpy,
} from 'allpairs';
import { describe, expect, it } from 'vitest';
import { BACKENDS, runner } from './conformance/node-runner.js';
import { fc } from './property.js';
import { randomRows } from './random.js';

const SENTENCES = fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url));
const sentences = await readNpy(SENTENCES);
const scipy = await readNpy(fileURLToPath(new URL('golden/sentences-linkage-average.npy', import.meta.url)));

type Method = NonNullable<LinkageOptions['method']>;
const METHODS: readonly Method[] = ['average', 'complete', 'single'];

interface Merge {
  readonly members: string;
  readonly height: number;
}

/** Repeatedly joins the two nearest clusters. */
function plainLinkage(x: Rows, method: Method): Merge[] {
  const matrix = cosineSimilaritySync(x, { dtype: 'float64' });
  let clusters = Array.from({ length: matrix.shape[0] }, (_, row) => [row]);
  const merges: Merge[] = [];
  while (clusters.length > 1) {
    let best: readonly [number, number, number] = [Number.POSITIVE_INFINITY, -1, -1];
    for (let i = 0; i < clusters.length; i++) {
      for (let j = i + 1; j < clusters.length; j++) {
        const distances = (clusters[i] as number[]).flatMap((a) =>
          (clusters[j] as number[]).map((b) => 1 - (matrix.at(a, b) as number)),
        );
        const mean = distances.reduce((sum, one) => sum + one, 0) / distances.length;
        const distance = { average: mean, complete: Math.max(...distances), single: Math.min(...distances) }[method];
        if (distance < best[0]) best = [distance, i, j];
      }
    }
    const [height, i, j] = best;
    const joined = [...(clusters[i] as number[]), ...(clusters[j] as number[])].sort((a, b) => a - b);
    clusters = [...clusters.filter((_, at) => at !== i && at !== j), joined];
    merges.push({ members: joined.join(' '), height });
  }
  return merges;
}

/** Returns the members of each merge, after checking that scipy could have written the table. */
function mergesOf(tree: Dendrogram): Merge[] {
  const { leaves } = tree;
  expect(tree.shape).toEqual([Math.max(0, leaves - 1), 4]);
  const members: number[][] = Array.from({ length: leaves }, (_, row) => [row]);
  const used = new Set<number>();
  return Array.from({ length: tree.shape[0] }, (_, merge) => {
    const [a, b, height, size] = tree.row(merge) as unknown as [number, number, number, number];
    expect(a).toBeLessThan(b);
    expect(b).toBeLessThan(leaves + merge);
    for (const cluster of [a, b]) {
      expect(used.has(cluster)).toBe(false);
      used.add(cluster);
    }
    if (merge > 0) expect(height).toBeGreaterThanOrEqual(tree.at(merge - 1, 2) as number);
    const joined = [...(members[a] as number[]), ...(members[b] as number[])].sort((one, other) => one - other);
    expect(size).toBe(joined.length);
    members.push(joined);
    return { members: joined.join(' '), height };
  });
}

function largestDifference(tree: Dendrogram, column: number): number {
  let largest = 0;
  for (let merge = 0; merge < tree.shape[0]; merge++) {
    largest = Math.max(largest, Math.abs((tree.at(merge, column) as number) - (scipy.data[4 * merge + column] as number)));
  }
  return largest;
}

describe('average linkage of sentences', () => {
  for (const { name, backend } of BACKENDS) {
    it.skipIf(!backend)(`matches SciPy's on ${name}, merge for merge`, async () => {
      for (const mode of name === 'reference' ? (['turns'] as const) : (['turns', '2 threads'] as const)) {
        for (const dtype of ['float32', 'float64'] as const) {
          const tree = await runner.linkage(backend as never, mode, sentences, { dtype });
          expect(largestDifference(tree, 2)).toBeLessThan(dtype === 'float32' ? 1e-6 : 1e-13);
          // Rounding to float32 may change the order of merges at nearly the same height, but not the clusters.
          const members = (of: Dendrogram) => mergesOf(of).map((merge) => merge.members);
          const [got, want] = [members(tree), members(new Dendrogram(scipy.data as Float64Array, 1500))];
          expect(dtype === 'float32' ? got.sort() : got).toEqual(dtype === 'float32' ? want.sort() : want);
          if (dtype === 'float64') expect([0, 1, 3].map((column) => largestDifference(tree, column))).toEqual([0, 0, 0]);
          if (name === 'reference') return;
        }
      }
    });
  }

  it('gives the same bits for an open file, and in little memory', async () => {
    const tree = await linkage(sentences);
    const file = await openRows(SENTENCES);
    try {
      const { memoryBytes } = plan.linkage(file, { memoryBudget: 24_000_000 });
      expect(memoryBytes).toBeLessThan(24_000_000);
      expect(await linkage(file, { memoryBudget: 24_000_000 })).toEqual(tree);
    } finally {
      await file.close();
    }
  });
});

describe('linkage', () => {
  it.each(METHODS)('joins the nearest clusters repeatedly with method %s', async (method) => {
    for (const rows of [2, 3, 5, 20, 45]) {
      const x = randomRows(rows, 7);
      const got = mergesOf(await linkage(x, { method, dtype: 'float64' }));
      const want = plainLinkage(x, method);
      expect(got.map(({ members }) => members)).toEqual(want.map(({ members }) => members));
      for (const [at, { height }] of got.entries()) expect(height).toBeCloseTo((want[at] as Merge).height, 12);
    }
  });

  it('makes a complete tree of equidistant rows', async () => {
    const anyRows = fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.constantFrom(...METHODS),
        fc.constantFrom('float32', 'float64'),
        async (x, method, dtype) => {
          const tree = await linkage(x, { method, dtype });
          const got = mergesOf(tree);
          if (x.length > 1) expect(got.at(-1)?.members).toBe(Array.from(x.keys()).join(' '));
          if (method !== 'single') return;
          const want = plainLinkage(x, method);
          for (const [at, { height }] of got.entries()) expect(height).toBeCloseTo((want[at] as Merge).height, 6);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has no merge for fewer than two rows', async () => {
    expect((await linkage([])).shape).toEqual([0, 4]);
    expect((await linkage([])).cut({ count: 3 })).toEqual([]);
    const one = await linkage([[1, 2]]);
    expect([one.shape, one.cut({ height: 0 })]).toEqual([[0, 4], [0]]);
  });

  it('keeps the ids of rows', async () => {
    const tree = await linkage(
      new Map([
        ['a', [1, 0]],
        ['b', [1, 1]],
      ]),
    );
    expect(tree).toBeInstanceOf(Dendrogram);
    expect(tree.leafIds).toEqual(['a', 'b']);
  });

  it('needs little more memory than half a matrix, and is refused before the work if that does not fit', async () => {
    const x = { data: new Float32Array(10_000 * 768).fill(1), shape: [10_000, 768] };
    const { memoryBytes } = plan.linkage(x);
    expect(memoryBytes).toBeLessThan(4 * 5e7 + 64 * 2 ** 20);
    let started = false;
    const onProgress = () => {
      started = true;
    };
    for (const memoryBudget of [150e6, 201e6]) {
      await expect(linkage(x, { memoryBudget, onProgress })).rejects.toThrow('memoryBudget');
      expect(() => plan.linkage(x, { memoryBudget })).toThrow('memoryBudget');
    }
    expect(started).toBe(false);
  });

  it('reports its progress to the end, and stops when it is aborted', async () => {
    const seen: Progress[] = [];
    await linkage(sentences, { onProgress: (progress) => void seen.push(progress) });
    const done = seen.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([done.at(-1)]));
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      // The call is in the middle of its merges.
      if (progress.done > 0.8 * progress.total) controller.abort(new Error('enough'));
    };
    await expect(linkage(sentences, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });

  it('refuses to exclude zero rows', async () => {
    await expect(
      linkage(
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
        { zeroRows: 'exclude' },
      ),
    ).rejects.toThrow("zeroRows: 'exclude'");
  });

  it('refuses unknown options and methods', async () => {
    await expect(linkage(sentences, { method: 'ward' as never })).rejects.toThrow("'average' or 'complete' or 'single'");
    await expect(linkage(sentences, { threshold: 0.5 } as never)).rejects.toThrow('threshold');
    await expect(linkage(sentences, sentences as never)).rejects.toThrow('options');
  });
});

describe('a tree that is cut', () => {
  it('has the clusters of the merges up to the height, largest first', async () => {
    const tree = await linkage(sentences);
    for (const height of [-1, 0, 0.3, 0.5, 0.7, 2]) {
      const merges = mergesOf(tree).filter((merge) => merge.height <= height);
      const labels = tree.cut({ height });
      expect(new Set(labels).size).toBe(1500 - merges.length);
      const members = new Map<number, number[]>();
      for (const [row, label] of labels.entries()) members.set(label, [...(members.get(label) ?? []), row]);
      const clusters = Array.from(members.keys())
        .sort((a, b) => a - b)
        .map((label) => members.get(label) as number[]);
      const inOrder = [...clusters].sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
      expect(clusters).toEqual(inOrder);
      const found = new Set(merges.map((merge) => merge.members));
      for (const cluster of clusters) if (cluster.length > 1) expect(found.has(cluster.join(' '))).toBe(true);
    }
  });

  it('has the requested number of clusters', async () => {
    const tree = await linkage(sentences);
    for (const count of [1, 2, 20, 1499, 1500]) expect(new Set(tree.cut({ count })).size).toBe(count);
    expect(new Set(tree.cut({ count: 9999 })).size).toBe(1500);
    for (const bad of [{}, { count: 0 }, { count: 1.5 }, { height: Number.NaN }, { height: 1, count: 2 }, undefined]) {
      expect(() => tree.cut(bad as never)).toThrow('needs { height }');
    }
  });
});
