// Matrices created by callers. Their parts are checked, because at() and row() would silently read past them.

import { ArgumentError, cosineSimilaritySync, Matrix } from 'allpairs';
import { describe, expect, it } from 'vitest';

const make = (data: unknown, shape?: unknown) => new Matrix(data as Float32Array, shape as [number, number]);

describe('new Matrix', () => {
  it('accepts float32 and float64 numbers that match its shape, without copying them', () => {
    const data = Float64Array.of(1, 2, 3, 4, 5, 6);
    expect(make(data, [2, 3]).data).toBe(data);
    expect(make(data, [3, 2]).row(2)).toEqual(Float64Array.of(5, 6));
    expect(make(new Float32Array(0), [0, 5]).shape).toEqual([0, 5]);
    expect(cosineSimilaritySync(make(Float32Array.of(1, 0, 1, 1), [2, 2])).shape).toEqual([2, 2]);
  });

  it.each<[what: string, data: unknown, shape: unknown, argument: string, message: string]>([
    ['no data', undefined, [2, 2], 'data', 'expected a Float32Array or a Float64Array for `data`, got undefined'],
    ['an array of numbers', [1, 2], [1, 2], 'data', 'expected a Float32Array or a Float64Array for `data`, got Array'],
    ['integers', Int32Array.of(1), [1, 1], 'data', 'expected a Float32Array or a Float64Array for `data`, got Int32Array'],
    [
      'no shape',
      Float32Array.of(1),
      undefined,
      'shape',
      'expected [rows, cols], two whole numbers, for `shape`, got undefined',
    ],
    ['one dimension', Float32Array.of(1), [1], 'shape', 'expected [rows, cols], two whole numbers, for `shape`, got [1]'],
    [
      'a fraction',
      Float32Array.of(1),
      [0.5, 2],
      'shape',
      'expected [rows, cols], two whole numbers, for `shape`, got [0.5, 2]',
    ],
    [
      'a negative size',
      Float32Array.of(1),
      [-1, -1],
      'shape',
      'expected [rows, cols], two whole numbers, for `shape`, got [-1, -1]',
    ],
    ['too few numbers', Float32Array.of(1), [2, 2], 'data', 'expected rows x cols = 4 elements for `data`, got 1'],
    ['too many numbers', Float32Array.of(1, 2), [1, 1], 'data', 'expected rows x cols = 1 elements for `data`, got 2'],
  ])('refuses %s', (_, data, shape, argument, message) => {
    expect(() => make(data, shape)).toThrow(ArgumentError);
    expect(() => make(data, shape)).toThrow(expect.objectContaining({ argument, message }));
  });
});
