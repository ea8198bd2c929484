// The types of results state which arrays they hold: tsc checks the types, and running the tests checks that they are true.

import {
  bestPairs,
  cosineSimilarity,
  cosineSimilaritySync,
  type DType,
  groups,
  type Matrix,
  pairs,
  plan,
  type Rows,
  type ScoreArray,
  streamMatrix,
  streamPairs,
  topK,
} from 'allpairs';
import { describe, expect, expectTypeOf, it } from 'vitest';

const float32 = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
const float64 = [Float64Array.of(1, 2), Float64Array.of(3, 4)];
const numbers = [
  [1, 2],
  [3, 4],
];

describe('the type of scores', () => {
  it('follows the rows', () => {
    const of = cosineSimilaritySync;
    const narrow: Float32Array[] = [
      of(float32).data,
      of(numbers).data,
      of([Uint8Array.of(1, 2)]).data,
      of({ data: Float32Array.of(1, 2), shape: [1, 2] }).data,
      of({ data: [1, 2], shape: [1, 2] }).data,
      of(new Map([['a', [1, 2]]])).data,
      of({ a: [1, 2], b: [3, 4] }).data,
      of({ data: [{ embedding: [1, 2], index: 0 }] }).data,
      of([{ embedding: Float32Array.of(1, 2) }]).data,
      of(new Set(float32)).data,
      of([1, 2], Float32Array.of(1, 2)).data,
      of(of(float32)).data,
      of([]).data,
      of(float32, null).data,
    ];
    for (const scores of narrow) expect(scores).toBeInstanceOf(Float32Array);
    const wide: Float64Array[] = [
      of(float64).data,
      of({ data: Float64Array.of(1, 2), shape: [1, 2] }).data,
      of({ data: float64, rows: 2, columns: 2, to2DArray: () => numbers }).data,
      of({ a: Float64Array.of(1, 2) }).data,
      of(float32, float64).data,
      of(float64, numbers).data,
      of(of(float64)).data,
    ];
    for (const scores of wide) expect(scores).toBeInstanceOf(Float64Array);
  });

  it('follows dtype and `out` before the rows', () => {
    const of = cosineSimilaritySync;
    const narrow: Float32Array[] = [
      of(float64, { dtype: 'float32' }).data,
      of(float64, null, { out: new Float32Array(4) }).data,
    ];
    for (const scores of narrow) expect(scores).toBeInstanceOf(Float32Array);
    const wide: Float64Array[] = [
      of(float32, { dtype: 'float64' }).data,
      of(numbers, numbers, { dtype: 'float64' }).data,
      of(float32, { out: new Float64Array(4) }).data,
    ];
    for (const scores of wide) expect(scores).toBeInstanceOf(Float64Array);
  });

  it('is unspecific if nothing determines it', () => {
    const rows: Rows = float32;
    const mixed = [Float32Array.of(1, 2), Float64Array.of(3, 4)];
    const dtype = 'float64' as DType;
    const open = [
      cosineSimilaritySync(rows as Rows),
      cosineSimilaritySync(float32, rows as Rows),
      cosineSimilaritySync(mixed),
      cosineSimilaritySync(float32, { dtype }),
    ];
    for (const matrix of open) {
      expectTypeOf(matrix).toEqualTypeOf<Matrix<ScoreArray>>();
      expect([Float32Array, Float64Array]).toContain(matrix.data.constructor);
    }
  });

  it('is the same in every call', async () => {
    const matrix = await cosineSimilarity(float32);
    const { scores } = await topK(float64, float32, 1);
    const found = await pairs(numbers, { threshold: 0.5 });
    expectTypeOf(matrix.data).toEqualTypeOf<Float32Array>();
    expectTypeOf(scores).toEqualTypeOf<Float64Array>();
    expectTypeOf(found.scores).toEqualTypeOf<Float32Array>();
    expect([matrix.data, scores, found.scores].map((array) => array.constructor)).toEqual([
      Float32Array,
      Float64Array,
      Float32Array,
    ]);
    for await (const batch of streamPairs(float64, 0.5)) {
      expectTypeOf(batch.scores).toEqualTypeOf<Float64Array>();
      expect(batch.scores).toBeInstanceOf(Float64Array);
    }
    for await (const block of streamMatrix(float32, float32)) {
      expectTypeOf(block.matrix.data).toEqualTypeOf<Float32Array>();
      expect(block.matrix.data).toBeInstanceOf(Float32Array);
    }
  });

  it('is the same if the required option is passed as a number', async () => {
    const nearest = await topK(float32, 1, { dtype: 'float64' });
    expectTypeOf(nearest.scores).toEqualTypeOf<Float64Array>();
    const found = [
      await pairs(numbers, 0.5, { threads: 1 }),
      await bestPairs(numbers, 1, { dtype: 'float32' }),
      await topK(numbers, 1, undefined),
    ];
    for (const { scores } of found) expectTypeOf(scores).toEqualTypeOf<Float32Array>();
    for await (const batch of streamPairs(float64, 0.5, { dtype: 'float32' })) {
      expectTypeOf(batch.scores).toEqualTypeOf<Float32Array>();
      expect(batch.scores).toBeInstanceOf(Float32Array);
    }
    expect(nearest.scores).toBeInstanceOf(Float64Array);
    expect((await groups(numbers, 0.5, { minimumSize: 3 })).groups).toEqual([]);
    expect(plan.groups(numbers, 0.5, { threads: 1 }).passes).toBe(plan.topK(numbers, 1, { threads: 1 }).passes);
    // @ts-expect-error: the needed option twice
    await expect(topK(numbers, 1, { k: 2 })).rejects.toThrow('one k for topK');
    // @ts-expect-error: y comes before the number
    await expect(topK(numbers, 1, numbers)).rejects.toThrow('options');
  });

  it('makes tsc refuse misspelt options and texts', () => {
    // @ts-expect-error: unknown option
    expect(() => cosineSimilaritySync(float32, { dtyp: 'float64' })).toThrow("did you mean 'dtype'?");
    // @ts-expect-error: text
    expect(() => cosineSimilaritySync(['one', 'two'])).toThrow('expected an array of numbers as row 0');
    // @ts-expect-error: a path
    expect(() => cosineSimilaritySync('x.npy')).toThrow('openRows');
  });
});
