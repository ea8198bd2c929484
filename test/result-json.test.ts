import { cosineSimilarity, groups, histogram, pairs, streamMatrix, streamPairs, topK } from 'allpairs';
import { describe, expect, it } from 'vitest';

const x = [
  [1, 2],
  [3, 4],
  [1, 2],
];
const parsed = (result: unknown) => JSON.parse(JSON.stringify(result));

describe('results as JSON', () => {
  it('of a matrix consist of numbers and a shape, which every call accepts as rows', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const matrix = await cosineSimilarity(x, { dtype });
      const json = parsed(matrix);
      expect(json).toEqual({ shape: [3, 3], data: Array.from(matrix.data) });
      expect((await cosineSimilarity(json, { dtype })).data).toEqual((await cosineSimilarity(matrix)).data);
    }
  });

  it('have plain arrays instead of typed arrays', async () => {
    const { indices, scores } = await topK(x, 1);
    expect(parsed(await topK(x, 1))).toEqual({ indices: Array.from(indices), scores: Array.from(scores), shape: [3, 1] });
    expect(parsed(await pairs(x, 0.999))).toMatchObject({ rows: [0], cols: [2], scores: [1], length: 1 });
    for await (const batch of streamPairs(x, 0.999)) expect(parsed(batch)).toMatchObject({ rows: [0], cols: [2], rowEnd: 3 });
    for await (const block of streamMatrix(x)) expect(parsed(block).matrix.shape).toEqual([3, 3]);
    expect(parsed(await histogram(x, { bins: 2 }))).toMatchObject({ edges: [-1, 0, 1], counts: [0, 3], total: 3 });
    expect(parsed(await groups(x, 0.999))).toEqual({
      groups: [{ rows: [0, 2], size: 2, representative: 0, scores: [1, 1] }],
      rows: 3,
      threshold: 0.999,
    });
  });

  it('have the ids of rows', async () => {
    const byId = { a: [1, 2], b: [3, 4] };
    const ids = { rowIds: ['a', 'b'], colIds: ['a', 'b'] };
    for (const result of [await cosineSimilarity(byId), await topK(byId, 1), await pairs(byId, 0)]) {
      expect(parsed(result)).toMatchObject(ids);
    }
    expect(parsed(await groups(byId, 0))).toMatchObject({ rowIds: ['a', 'b'] });
  });

  it('do not prevent posting results to other threads', async () => {
    const result = await topK(x, 1);
    expect(structuredClone(result)).toEqual(result);
  });
});
