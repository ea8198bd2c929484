import { fileURLToPath } from 'node:url';
import { cosineSimilaritySync, type Group, Groups, groups, type Rows, readNpy } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { TrueCosines } from './conformance/exact.js';
import { BACKENDS, runner } from './conformance/node-runner.js';
import { fc } from './property.js';

const sentences = await readNpy(fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url)));

/** Rows whose scores are exact in float64, so that nothing depends on rounding: unit vectors along axes and sums of a few. */
const anyRows = fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 5, maxLength: 5 }), {
  minLength: 1,
  maxLength: 40,
});

/** Without scores, which group-details.test.ts compares. */
type PlainGroup = Pick<Group, 'rows' | 'size' | 'representative'>;

interface Matrix {
  readonly rows: number;
  at(i: number, j: number): number;
  reaches(i: number, j: number, threshold: number): boolean;
}

function matrixOf(x: Rows): Matrix {
  const matrix = cosineSimilaritySync(x, { dtype: 'float64' });
  const truth = new TrueCosines(x, undefined, 'float64');
  const at = (i: number, j: number) => matrix.at(i, j) as number;
  return { rows: matrix.shape[0], at, reaches: (i, j, threshold) => truth.reaches(i, j, at(i, j), threshold) };
}

/** Breadth-first search through the matrix, and means one by one. */
function plainComponents(x: Rows, threshold: number, minimumSize: number): PlainGroup[] {
  const { rows, at, reaches } = matrixOf(x);
  const seen = new Set<number>();
  const found: PlainGroup[] = [];
  for (let start = 0; start < rows; start++) {
    if (seen.has(start)) continue;
    seen.add(start);
    const members = [start];
    for (const member of members) {
      for (let other = 0; other < rows; other++) {
        if (seen.has(other) || other === member || !reaches(member, other, threshold)) continue;
        seen.add(other);
        members.push(other);
      }
    }
    members.sort((a, b) => a - b);
    if (members.length < minimumSize) continue;
    const means = members.map((row) => members.reduce((sum, other) => sum + (other === row ? 0 : at(row, other)), 0));
    const best = Math.max(...means);
    const representative = members[means.findIndex((mean) => mean > best - 1e-9)] as number;
    found.push({ rows: members, size: members.length, representative });
  }
  return found.sort((a, b) => b.size - a.size || (a.rows[0] as number) - (b.rows[0] as number));
}

/** The steps of sentence-transformers' community_detection, on the whole matrix. */
function plainCommunities(x: Rows, threshold: number, minimumCommunitySize: number): number[][] {
  const { rows, at, reaches } = matrixOf(x);
  const minimum = Math.min(minimumCommunitySize, rows);
  const extracted: number[][] = [];
  for (let i = 0; i < rows; i++) {
    const similar = Array.from({ length: rows }, (_, j) => j)
      .filter((j) => j === i || reaches(i, j, threshold))
      // The centre comes first; sentence-transformers leaves the order of equals to chance.
      .sort((a, b) => Number(b === i) - Number(a === i) || at(i, b) - at(i, a) || a - b);
    if (similar.length >= minimum) extracted.push(similar);
  }
  extracted.sort((a, b) => b.length - a.length);
  const unique: number[][] = [];
  const used = new Set<number>();
  for (const community of extracted) {
    const left = community.filter((row) => !used.has(row));
    if (left.length < minimum) continue;
    unique.push(left);
    for (const row of left) used.add(row);
  }
  return unique.sort((a, b) => b.length - a.length);
}

const plain = (all: readonly PlainGroup[]) => all.map(({ rows, size, representative }) => ({ rows, size, representative }));

for (const { name, backend } of BACKENDS) {
  describe.skipIf(!backend)(name, () => {
    it('components match a search through the matrix, in every mode', async () => {
      for (const mode of runner.modes) {
        for (const threshold of [0.8, 0.9]) {
          const got = await runner.groups(backend as never, mode, sentences, { threshold, dtype: 'float64' });
          expect(plain(got.groups)).toEqual(plain(plainComponents(sentences, threshold, 2)));
          if (name === 'reference') return;
        }
      }
    });

    it('communities match those of sentence-transformers', async () => {
      const options = { threshold: 0.7, method: 'community', minimumSize: 3, dtype: 'float64' } as const;
      const got = await runner.groups(backend as never, '2 threads', sentences, options);
      expect(got.groups.length).toBeGreaterThan(20);
      expect(got.groups.map(({ rows }) => Array.from(rows))).toEqual(plainCommunities(sentences, 0.7, 3));
    });
  });
}

describe('groups', () => {
  it('are right for any rows, at any threshold and size', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.constantFrom(-1, 0, 0.3, 0.69, 0.9, 1),
        fc.integer({ min: 1, max: 5 }),
        async (x, threshold, minimumSize) => {
          const options = { threshold, minimumSize, dtype: 'float64' } as const;
          expect(plain((await groups(x, options)).groups)).toEqual(plain(plainComponents(x, threshold, minimumSize)));
          const communities = await groups(x, { ...options, method: 'community' });
          expect(communities.groups.map(({ rows }) => Array.from(rows))).toEqual(plainCommunities(x, threshold, minimumSize));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('return the rows to keep, and the group of each row', async () => {
    const x = [
      [1, 0],
      [0, 1],
      [2, 0],
      [1, 1],
      [0, 3],
      [3, 0],
    ];
    const found = await groups(x, { threshold: 0.99 });
    expect(plain(found.groups)).toEqual([
      { rows: [0, 2, 5], size: 3, representative: 0 },
      { rows: [1, 4], size: 2, representative: 1 },
    ]);
    expect(found.labels()).toEqual([0, 1, 0, -1, 1, 0]);
    expect(found.keep()).toEqual([0, 1, 3]);
    expect(found.rows).toBe(6);
    expect(new Groups([], 2, 0.9).keep()).toEqual([0, 1]);
  });

  it("map row numbers to the caller's items, and keep filters these", async () => {
    const texts = ['a', 'b', 'a again'];
    for (const method of ['components', 'community'] as const) {
      const found = await groups(
        [
          [1, 0],
          [0, 1],
          [2, 0],
        ],
        { threshold: 0.99, method, minimumSize: 2 },
      );
      expect(found.groups[0]?.rows.map((row) => texts[row])).toEqual(['a', 'a again']);
      expect(found.keep().map((row) => texts[row])).toEqual(['a', 'b']);
      expect(found.labels().map((group) => ['first group'][group])).toEqual(['first group', undefined, 'first group']);
      expect(found.keep(texts)).toEqual(['a', 'b']);
      expect(() => found.keep(['a'])).toThrow('keep() needs one item for each of the 3 rows; there are 1');
    }
  });

  it('are empty for no rows, one row, and no similar rows', async () => {
    for (const x of [
      [],
      [[1, 2]],
      [
        [1, 0],
        [0, 1],
      ],
    ]) {
      for (const method of ['components', 'community'] as const) {
        expect((await groups(x, { threshold: 0.5, method, minimumSize: 2 })).groups.length).toBe(
          // sentence-transformers lowers the smallest size to the number of rows.
          method === 'community' && x.length === 1 ? 1 : 0,
        );
      }
    }
  });
});
