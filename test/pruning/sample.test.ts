import { expect, it } from 'vitest';
import { sampleRows } from '#src/pruning/sample.js';
import { ContiguousRows } from '#src/rows/row-source.js';

it('a sample has rows of length 1, whatever their original length; zero rows and rows that are not finite are zeros', async () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity, MAX_VALUE: most, MIN_VALUE: least } = Number;
  const rows = [
    [3, -4],
    [3 * least, -4 * least],
    [3e-310, -4e-310],
    [most, -most],
    [0, 0],
    [nan, 1],
    [1, -infinity],
  ];
  const sample = await sampleRows(new ContiguousRows(Float64Array.from(rows.flat()), 0, rows.length, 2), rows.length);
  const [unit, half] = [[0.6, -0.8], Math.SQRT1_2];
  const want = [unit, unit, unit, [half, -half], [0, 0], [0, 0], [0, 0]].flat();
  for (const [at, value] of want.entries()) expect(sample[at]).toBeCloseTo(value, 7);
  const floats = new ContiguousRows(Float32Array.of(3e-45, 4e-45, 3e38, 0, 1, 2), 0, 3, 2);
  const lengths = [...(await sampleRows(floats, 2))].map((value) => value ** 2);
  expect(lengths).toHaveLength(4);
  expect((lengths[0] as number) + (lengths[1] as number)).toBeCloseTo(1, 6);
});
