import { cosineSimilarity, fitTransform, readNpy, topK } from 'allpairs';
import { UMAP } from 'umap-js';
import { describe, expect, it } from 'vitest';
import { UMAP_NEIGHBOURS } from '../../web/src/compute/map-neighbours.js';
import { neighbourPositions, repeatableRandom } from '../../web/src/compute/neighbour-positions.js';
import { principalPositions } from '../../web/src/compute/principal-positions.js';

/** Returns the rows scaled to length 1. */
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
  it('place rows by the two directions in which they vary most', async () => {
    const units = unitRows(await readNpy('examples/data/digits.npy')).slice(0, 900);
    const got = await principalPositions(
      units.length,
      (row) => units[row] as Float64Array,
      (data, depth) => fitTransform({ data, shape: [data.length / depth, depth] }, { removeComponents: 2 }),
      async (axes) => (await cosineSimilarity(units, axes)).data,
    );
    const column = (axis: number) => Float64Array.from(units, (_, row) => got[2 * row + axis] as number);
    const [first, second] = [column(0), column(1)];
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
      let sum = 0;
      for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
      return sum;
    };
    // The covariance of the rows maps an axis to the same axis, scaled by its variance.
    expect(Math.abs(dot(first, second))).toBeLessThan(1e-3 * dot(second, second));
    const mean = Float64Array.from({ length: 64 }, (_, at) => units.reduce((sum, unit) => sum + (unit[at] as number), 0) / 900);
    for (const places of [first, second]) {
      const axis = Float64Array.from({ length: 64 }, (_, at) =>
        units.reduce((sum, unit, row) => sum + ((unit[at] as number) - (mean[at] as number)) * (places[row] as number), 0),
      );
      const length = Math.sqrt(dot(axis, axis));
      for (const row of [0, 17, 899]) {
        const unit = units[row] as Float64Array;
        const right =
          dot(
            axis,
            unit.map((element, at) => element - (mean[at] as number)),
          ) / length;
        expect(places[row]).toBeCloseTo(right, 4);
      }
    }
    expect(dot(first, first)).toBeGreaterThan(dot(second, second));
  });

  it.each([
    [0, 4],
    [1, 4],
    [3, 1],
  ])('place %i rows of %i numbers in one point if there is no axis', async (rows, depth) => {
    const unit = new Float64Array(depth).fill(Math.sqrt(1 / Math.max(1, depth)));
    const got = await principalPositions(
      rows,
      () => unit,
      async () => ({ mean: [], components: [] }),
      async () => [],
    );
    expect(got).toEqual(new Float32Array(2 * rows));
  });
});

describe('UMAP on exact neighbours', () => {
  it('equals that of umap-js to the last bit', async () => {
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

  it('gives the same map each time, with equal digits together', async () => {
    const x = await readNpy('examples/data/digits.npy');
    const rows = Array.from({ length: 300 }, (_, row) => Float32Array.from(x.data.subarray(row * 64, (row + 1) * 64)));
    const found = await topK(rows, { k: UMAP_NEIGHBOURS - 1 });
    const shares: number[] = [];
    const first = await neighbourPositions(found, async (done) => void shares.push(done));
    expect(await neighbourPositions(found, async () => {})).toEqual(first);
    expect(first.length).toBe(600);
    expect(first.every(Number.isFinite)).toBe(true);
    expect(shares[0]).toBe(0);
    // On the map, the neighbours of a row are nearer than other rows on average.
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
