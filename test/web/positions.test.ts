import { readNpy, topK } from 'allpairs';
import { PCA } from 'ml-pca';
import { UMAP } from 'umap-js';
import { describe, expect, it } from 'vitest';
import { UMAP_NEIGHBOURS } from '../../web/src/compute/map-neighbours.js';
import { neighbourPositions, repeatableRandom } from '../../web/src/compute/neighbour-positions.js';
import { principalPositions } from '../../web/src/compute/principal-positions.js';

/** Rows at length 1. */
function unitRows({
  data,
  shape: [rows, depth],
}: {
  data: ArrayLike<number>;
  shape: readonly [number, number];
}): Float64Array[] {
  return Array.from({ length: rows }, (_, row) => {
    const elements = Float64Array.from({ length: depth }, (_, at) => data[row * depth + at] as number);
    const norm = Math.hypot(...elements);
    return elements.map((element) => element / (norm || 1));
  });
}

describe('principal components', () => {
  it('of digits, whose first columns never change, are those of their covariance', async () => {
    const units = unitRows(await readNpy('examples/data/digits.npy')).slice(0, 900);
    const shares: number[] = [];
    const got = await principalPositions(
      units.length,
      (row) => units[row] as Float64Array,
      async (done) => void shares.push(done),
    );
    expect(shares.length).toBeGreaterThan(1);
    const right = new PCA(
      units.map((row) => Array.from(row)),
      { method: 'covarianceMatrix' },
    )
      .predict(
        units.map((row) => Array.from(row)),
        { nComponents: 2 },
      )
      .to2DArray();
    for (const axis of [0, 1]) {
      const column = (row: number) => right[row]?.[axis] as number;
      // Which side is up is nobody's business.
      const sign = Math.sign((got[axis] as number) * column(0));
      const worst = Math.max(
        ...Array.from(units.keys(), (row) => Math.abs((got[2 * row + axis] as number) - sign * column(row))),
      );
      expect(worst).toBeLessThan(1e-3);
    }
  });

  it.each([
    [0, 4],
    [1, 4],
    [3, 0],
    [3, 1],
    [5, 3],
  ])('of %i equal rows of %i numbers are finite', async (rows, depth) => {
    const unit = new Float64Array(depth).fill(Math.sqrt(1 / Math.max(1, depth)));
    const got = await principalPositions(
      rows,
      () => unit,
      async () => {},
    );
    expect(got.length).toBe(2 * rows);
    expect(got.every(Number.isFinite)).toBe(true);
  });
});

describe('UMAP on exact neighbours', () => {
  it('is that of umap-js, to the last bit', async () => {
    const x = await readNpy('examples/data/digits.npy');
    const found = await topK(x, { k: UMAP_NEIGHBOURS - 1 });
    const got = await neighbourPositions(found, async () => {});
    const umap = new UMAP({ random: repeatableRandom() });
    const numbers = Array.from({ length: 1797 }, (_, row) => row);
    const width = UMAP_NEIGHBOURS - 1;
    umap.setPrecomputedKNN(
      numbers.map((row) => [row, ...found.indices.subarray(row * width, (row + 1) * width)]),
      numbers.map((row) => [
        0,
        ...Array.from({ length: width }, (_, rank) => 1 - (found.scores[row * width + rank] as number)),
      ]),
    );
    expect(got).toEqual(Float32Array.from(umap.fit(numbers.map((row) => [row])).flat()));
  });

  it('gives the same map each time, with digits of a kind together', async () => {
    const x = await readNpy('examples/data/digits.npy');
    const rows = Array.from({ length: 300 }, (_, row) => Float32Array.from(x.data.subarray(row * 64, (row + 1) * 64)));
    const found = await topK(rows, { k: UMAP_NEIGHBOURS - 1 });
    const shares: number[] = [];
    const first = await neighbourPositions(found, async (done) => void shares.push(done));
    expect(await neighbourPositions(found, async () => {})).toEqual(first);
    expect(first.length).toBe(600);
    expect(first.every(Number.isFinite)).toBe(true);
    expect(shares[0]).toBe(0);
    // On the map a row's neighbours are nearer than rows are as a rule.
    const distance = (i: number, j: number) =>
      Math.hypot(
        (first[2 * i] as number) - (first[2 * j] as number),
        (first[2 * i + 1] as number) - (first[2 * j + 1] as number),
      );
    const near = rows.map((_, row) => distance(row, found.indices[row * (UMAP_NEIGHBOURS - 1)] as number));
    const far = rows.map((_, row) => distance(row, (row + 137) % 300));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(near)).toBeLessThan(mean(far) / 5);
  });
});
