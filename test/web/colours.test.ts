import { converter, differenceEuclidean } from 'culori';
import { describe, expect, it } from 'vitest';
import { typicalRange } from '../../web/src/compute/score-range.js';
import { colourScale, FULL_RANGE, placeOf, STEPS } from '../../web/src/heatmap/colours.js';

type Theme = Parameters<typeof colourScale>[0];

const toRgb = converter('rgb');
const difference = differenceEuclidean('oklab');

function colourAt(scale: Uint8Array, step: number) {
  const [r, g, b] = Array.from(scale.subarray(4 * step, 4 * step + 3), (part) => part / 255);
  return toRgb({ mode: 'rgb', r: r as number, g: g as number, b: b as number });
}

describe.each(['light', 'dark'] as Theme[])('the colours of scores, %s', (theme) => {
  const scale = colourScale(theme);

  it('differ as much as their scores do, on both sides of the middle', () => {
    const steps = Array.from({ length: 10 }, (_, tenth) => Math.round((tenth * (STEPS - 1)) / 10));
    const far = steps.map((step) => difference(colourAt(scale, step), colourAt(scale, step + (STEPS - 1) / 10)));
    const [least, most] = [Math.min(...far), Math.max(...far)];
    expect(least).toBeGreaterThan(0.05);
    expect(most / least).toBeLessThan(1.06);
  });

  it('are grey in the middle, blue below and red above', () => {
    const middle = colourAt(scale, (STEPS - 1) / 2);
    expect(Math.max(Math.abs(middle.r - middle.g), Math.abs(middle.g - middle.b))).toBeLessThan(0.02);
    const [low, high] = [colourAt(scale, 0), colourAt(scale, STEPS - 1)];
    expect(low.b).toBeGreaterThan(low.r + 0.2);
    expect(high.r).toBeGreaterThan(high.b + 0.2);
  });
});

describe('the range of scores', () => {
  it('has its middle in the middle of the scale', () => {
    expect([-1, -0.5, 0, 0.5, 1, 7].map((score) => placeOf(score, FULL_RANGE))).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
    expect(placeOf(0.7, { low: 0.4, high: 0.8 })).toBeCloseTo(0.75, 12);
  });

  it('of typical scores leaves the diagonal and half a percent at either end out', () => {
    const rows = 200;
    const scores = new Float32Array(rows * rows).fill(1);
    let at = 0;
    const pairs = (rows * (rows - 1)) / 2;
    for (let i = 0; i < rows; i++) for (let j = i + 1; j < rows; j++) scores[i * rows + j] = at++ / pairs;
    const { low, high } = typicalRange(scores, rows) ?? { low: 0, high: 0 };
    expect(low).toBeCloseTo(0.005, 3);
    expect(high).toBeCloseTo(0.995, 3);
  });

  it('reaches as far below the median as above it', () => {
    const scores = Float32Array.of(1, 0.1, 0.2, 0, 1, 0.9, 0, 0, 1);
    const { low, high } = typicalRange(scores, 3) ?? { low: 0, high: 0 };
    expect(low).toBeCloseTo(0.2 - 0.7, 6);
    expect(high).toBeCloseTo(0.9, 6);
  });

  it('is none where all scores are the same, or there are none', () => {
    for (const rows of [0, 1, 3]) expect(typicalRange(new Float32Array(rows * rows).fill(1), rows)).toBeNull();
  });
});
