import { describe, expect, it } from 'vitest';
import { digitsToTell, formatScore, formatThreshold } from '../../web/src/format.js';

describe('numbers on the page', () => {
  it('have a true minus sign, and no minus before zero', () => {
    expect([-0.25, -0.0001, 0.5].map((score) => formatScore(score))).toEqual(['−0.250', '0.000', '0.500']);
  });

  it('are not rounded up to 1 if they are less', () => {
    expect([1, 0.9999999, 0.9998, 0.99996, 0.9994].map((score) => formatScore(score))).toEqual([
      '1.000',
      '1.000',
      '0.9998',
      '0.99996',
      '0.999',
    ]);
  });

  it('of a threshold have all its decimals, and at least three', () => {
    expect([0.8, 0.72551, 0.7160000000000002, -1, 1].map(formatThreshold)).toEqual([
      '0.800',
      '0.72551',
      '0.716',
      '-1.000',
      '1.000',
    ]);
  });

  it('have more decimals the closer they are to each other', () => {
    expect([2, 0.9, 0.05, 1e-4].map(digitsToTell)).toEqual([2, 2, 3, 5]);
  });
});
