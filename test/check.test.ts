import { ArgumentError, cosineSimilarity, cosineSimilaritySync, MemoryError, pairs, topK, UnsupportedError } from 'allpairs';
import { describe, expect, it } from 'vitest';

const rows = [Float32Array.of(1, 2), Float32Array.of(3, 4)];

/** Returns the error of a call that must fail, which is the same from both calls. */
async function errorOf(...args: unknown[]): Promise<Error & { argument?: string; code?: string }> {
  const call = args as Parameters<typeof cosineSimilarity>;
  const error = await cosineSimilarity(...call).catch((reason: unknown) => reason);
  expect(() => cosineSimilaritySync(...(call as Parameters<typeof cosineSimilaritySync>))).toThrowError(
    (error as Error).message,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe('bad input', () => {
  it.each([
    ['x', 'undefined', [undefined]],
    ['x', '7', [7]],
    ['x', '"rows"', ['rows']],
    ['x', 'Object', [{ rows }]],
    ['x', '5', [{ data: new Float32Array(5), shape: [2, 2] }]],
    ['x', '[]', [{ data: new Float32Array(1), shape: [] }]],
    ['x', '[2, 1.5]', [{ data: new Float32Array(3), dims: [2, 1.5] }]],
    ['x', '[-2, -2]', [{ data: new Float32Array(4), shape: [-2, -2] }]],
    ['x', 'undefined', [{ data: new Float32Array(4) }]],
    ['x', 'DataView', [{ data: new DataView(new ArrayBuffer(4)), shape: [2, 2] }]],
    ['x', 'elements 0 to 4', [{ data: new Float32Array(4), shape: [2, 2], stride: [3, 1] }]],
    ['x', 'elements -1 to 2', [{ data: new Float32Array(4), shape: [2, 2], offset: -1 }]],
    ['x', 'length 3 in row 1', [[Float32Array.of(1, 2), Float32Array.of(1, 2, 3)]]],
    ['x', 'length 1 in row 2', [[[1, 2], [3, 4], [5]]]],
    [
      'x',
      'null in row 1, column 0',
      [
        [
          [1, 2],
          [null, 4],
        ],
      ],
    ],
    ['x', '"2" in row 0, column 1', [[[1, '2']]]],
    ['x', '7', [[[1, 2], 7]]],
    [
      'x',
      'NaN in row 1, column 0',
      [
        [
          [1, 2],
          [Number.NaN, 4],
          [Number.NaN, 1],
        ],
      ],
    ],
    ['x', '-Infinity in row 0, column 1', [[Float64Array.of(1, Number.NEGATIVE_INFINITY)]]],
    ['y', 'Infinity in row 1, column 1', [rows, [Float32Array.of(1, 2), Float32Array.of(1, Number.POSITIVE_INFINITY)]]],
    ['y', 'rows of length 3', [rows, [Float32Array.of(1, 2, 3)]]],
    ['options', '3', [rows, undefined, 3]],
    ['dtype', '"float16"', [rows, { dtype: 'float16' }]],
    ['backend', '"cuda"', [rows, { backend: 'cuda' }]],
    ['nonFinite', '"skip"', [rows, { nonFinite: 'skip' }]],
    ['threads', '0', [rows, { threads: 0 }]],
    ['threads', '1.5', [rows, { threads: 1.5 }]],
    ['memoryBudget', '-1', [rows, { memoryBudget: -1 }]],
    ['signal', 'Object', [rows, { signal: {} }]],
    ['onProgress', 'true', [rows, { onProgress: true }]],
    ['out', '3', [rows, { out: new Float32Array(3) }]],
    ['out', 'Uint8Array', [rows, { out: new Uint8Array(4) }]],
    ['out', 'Float64Array', [rows, { dtype: 'float32', out: new Float64Array(4) }]],
  ])('%s: got %s', async (argument, got, args) => {
    const error = await errorOf(...(args as unknown[]));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.argument).toBe(argument);
    expect(error.code).toBe('ERR_ALLPAIRS_ARGUMENT');
    expect(error.message).toMatch(/^expected .+ (for|in) `.+`, got /);
    expect(error.message).toContain(got);
  });

  it('is refused if the output overlaps the input', async () => {
    const memory = new Float32Array(8);
    expect((await errorOf({ data: memory.subarray(0, 4), shape: [2, 2] }, { out: memory.subarray(2, 6) })).message).toContain(
      'overlaps `x`',
    );
    const apart = await cosineSimilarity({ data: memory.subarray(0, 4), shape: [2, 2] }, { out: memory.subarray(4) });
    expect(apart.data.buffer).toBe(memory.buffer);
  });

  it('counts as zero vectors on request if rows are not finite', () => {
    const { data } = cosineSimilaritySync(
      [
        [1, 0],
        [Number.NaN, 1],
        [1, 1],
      ],
      { nonFinite: 'zero' },
    );
    expect(Array.from(data)).toEqual([1, 0, Math.fround(Math.SQRT1_2), 0, 0, 0, Math.fround(Math.SQRT1_2), 0, 1]);
  });

  it('is refused with its size before the work if the result cannot fit', async () => {
    const wide = { data: new Float32Array(3_000_000), shape: [3_000_000, 1] };
    const asynchronous: unknown = await cosineSimilarity(wide).catch((reason: unknown) => reason);
    const synchronous: unknown = await (async () => cosineSimilaritySync(wide))().catch((reason: unknown) => reason);
    for (const error of [asynchronous, synchronous]) {
      expect(error).toBeInstanceOf(MemoryError);
      expect((error as MemoryError).bytes).toBeGreaterThan(3.6e13);
      expect((error as MemoryError).message).toContain('36000000000000 for 3000000 x 3000000 float32 scores');
    }
    expect((await errorOf(rows, { memoryBudget: 10 })).message).toContain('and memoryBudget allows 10 bytes for it. topK,');
  });

  it('is refused with the reason if the named backend cannot run', async () => {
    const absent = process.arch === 'arm64' ? 'native-avx2' : 'native-neon';
    const error = await errorOf(rows, { backend: absent });
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(new RegExp(`^backend '${absent}' cannot run here: .`));
  });
});

describe('input kinds', () => {
  it('determine the dtype, unless `out` or the option does', async () => {
    expect((await cosineSimilarity(rows)).data).toBeInstanceOf(Float32Array);
    expect((await cosineSimilarity([[1, 2]])).data).toBeInstanceOf(Float32Array);
    expect((await cosineSimilarity([[1, 2]], { dtype: 'float64' })).data).toBeInstanceOf(Float64Array);
    expect((await cosineSimilarity([Float64Array.of(1, 2)])).data).toBeInstanceOf(Float64Array);
    expect((await cosineSimilarity(rows, [Float64Array.of(1, 2)])).data).toBeInstanceOf(Float64Array);
    const out = new Float64Array(4);
    expect((await cosineSimilarity(rows, { out })).data).toBe(out);
  });

  it('include matrices, tensors with dims and ndarrays with stride', async () => {
    const first = await cosineSimilarity(rows);
    expect((await cosineSimilarity(first)).shape).toEqual([2, 2]);
    const flat = Float32Array.of(1, 2, 3, 4);
    const want = Array.from(first.data);
    for (const x of [
      { data: flat, dims: [2, 2] },
      { data: flat, shape: [2, 2], stride: [2, 1], offset: 0 },
      { data: Float32Array.of(0, 1, 3, 2, 4), shape: [2, 2], stride: [1, 2], offset: 1 },
    ]) {
      expect(Array.from((await cosineSimilarity(x)).data)).toEqual(want);
    }
  });

  it.each([
    [[], [0, 0]],
    [[[]], [1, 1]],
    [{ data: new Float32Array(0), shape: [0, 5] }, [0, 0]],
    [{ data: new Float32Array(0), shape: [3, 0] }, [3, 3]],
  ])('include empty rows: %j gives shape %j and zeros', async (x, shape) => {
    const matrix = await cosineSimilarity(x);
    expect(matrix.shape).toEqual(shape);
    expect(matrix.data.every((score) => score === 0)).toBe(true);
  });
});

describe('a list instead of one number', () => {
  it.each<[() => Promise<unknown>, string]>([
    [
      () => pairs(rows, [0.5, 0.6] as never),
      'expected one number for `threshold`, got a list of 2; pass a threshold for each row',
    ],
    [() => pairs(rows, Float64Array.of(0.5) as never), 'expected one number for `threshold`, got a list of 1'],
    [() => topK(rows, [3] as never), 'expected one number for `k`, got a list of 1'],
  ])('is refused as a list: %s', async (call, message) => {
    await expect(call()).rejects.toThrow(message);
  });
});

describe('Matrix', () => {
  it('provides elements and rows', () => {
    const matrix = cosineSimilaritySync(rows, [
      [1, 0],
      [0, 1],
      [1, 2],
    ]);
    expect(matrix.shape).toEqual([2, 3]);
    expect(matrix.at(0, 2)).toBe(1);
    expect(matrix.at(0, 3)).toBeUndefined();
    expect(Array.from(matrix.row(1))).toEqual([matrix.at(1, 0), matrix.at(1, 1), matrix.at(1, 2)]);
    expect(matrix.row(1).buffer).toBe(matrix.data.buffer);
    expect(() => matrix.row(2)).toThrow(RangeError);
  });
});
