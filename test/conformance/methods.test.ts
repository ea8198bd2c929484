import { cosineSimilaritySync } from 'allpairs';
import { describe, expect, it } from 'vitest';
import { matrixFormula, normaliseThenMultiply, perPairLoop } from '../../bench/methods.js';
import { randomRows } from '../random.js';
import { truth } from './node-runner.js';
import { largestError } from './runner.js';

const METHODS = [perPairLoop, matrixFormula, normaliseThenMultiply];

describe('the published methods', () => {
  it.each(METHODS)('%o agrees with the reference on ordinary data', (method) => {
    for (const [rows, depth] of [
      [50, 64],
      [30, 384],
    ] as const) {
      const x = randomRows(rows, depth, rows);
      expect(largestError(method(x), truth(x))).toBeLessThan(1e-6);
      const x64 = { data: Float64Array.from(x.data), shape: x.shape };
      expect(largestError(method(x64), truth(x64))).toBeLessThan(1e-14);
    }
  });

  it.each([
    ['huge', 1e25],
    ['tiny', 1e-25],
  ])('the literal formula fails on %s rows, and allpairs does not', (_, size) => {
    const { data, shape } = randomRows(20, 16, 40);
    const x = { data: data.map((value) => value * size), shape };
    const want = truth(x);
    // Squares overflow or underflow, and the NaN of the quotient then becomes 0.
    const literal = matrixFormula(x);
    expect(literal[0]).toBe(0);
    expect(largestError(literal, want)).toBe(1);
    expect(largestError(cosineSimilaritySync(x).data, want)).toBeLessThan(1e-6);
  });
});
