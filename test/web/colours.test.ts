import { converter, differenceEuclidean } from 'culori';
import { describe, expect, it } from 'vitest';
import { isSameRange, rangeOf, type ScoreRange, typicalRange } from '../../web/src/compute/score-range.js';
import { colourScale, FULL_RANGE, legendStops, PLACES, placeOf, STEPS, stopsOf } from '../../web/src/heatmap/colours.js';
import { bytesOfOklab, hexOf, oklabOfHue, rgbOfHex } from '../../web/src/state/oklab.js';

type Theme = Parameters<typeof colourScale>[0];

const toRgb = converter('rgb');
const toOklab = converter('oklab');
const difference = differenceEuclidean('oklab');

function colourAt(scale: Uint8Array, step: number) {
  const [r, g, b] = Array.from(scale.subarray(4 * step, 4 * step + 3), (part) => part / 255);
  return toRgb({ mode: 'rgb', r: r as number, g: g as number, b: b as number });
}

describe.each(['light', 'dark'] as Theme[])('the colours of scores, %s', (theme) => {
  const scale = colourScale(theme);

  it.each([0, 1, 2])('differ in proportion to the scores between two of the four colours: %i', (arm) => {
    const [start, end] = [PLACES[arm], PLACES[arm + 1]] as [number, number];
    const steps = Array.from({ length: 6 }, (_, part) => Math.round((STEPS - 1) * (start + ((end - start) * part) / 5)));
    const far = steps.slice(1).map((step, at) => difference(colourAt(scale, steps[at] as number), colourAt(scale, step)));
    const [least, most] = [Math.min(...far), Math.max(...far)];
    expect(least).toBeGreaterThan(0.05);
    expect(most / least).toBeLessThan(1.12);
  });

  it('become darker from the middle up, or lighter on dark pages, so that near-duplicates stand out', () => {
    const lightness = Array.from(
      { length: 11 },
      (_, at) => toOklab(colourAt(scale, Math.round((STEPS - 1) * (0.375 + 0.0625 * at)))).l,
    );
    const falling = theme === 'light' ? 1 : -1;
    for (let at = 1; at < lightness.length; at++) {
      expect(falling * ((lightness[at - 1] as number) - (lightness[at] as number))).toBeGreaterThan(0);
    }
  });

  it('are grey in the middle, blue below and red above', () => {
    const middle = colourAt(scale, Math.round(0.375 * (STEPS - 1)));
    expect(Math.max(Math.abs(middle.r - middle.g), Math.abs(middle.g - middle.b))).toBeLessThan(0.02);
    const [low, high] = [colourAt(scale, 0), colourAt(scale, Math.round(0.75 * (STEPS - 1)))];
    expect(low.b).toBeGreaterThan(low.r + 0.2);
    expect(high.r).toBeGreaterThan(high.b + 0.2);
  });
});

describe('the range of scores', () => {
  it('is linear along the scale between its four scores', () => {
    const right = [0, 0.1875, 0.375, 0.6875, 1, 1];
    for (const [at, score] of [-1, -0.5, 0, 0.5, 1, 7].entries()) {
      expect(placeOf(score, FULL_RANGE)).toBeCloseTo(right[at] as number, 12);
    }
    const range = { low: 0.2, middle: 0.4, high: 0.8, top: 1 };
    for (const [place, score] of stopsOf(range)) expect(placeOf(score, range)).toBeCloseTo(place, 12);
    expect(placeOf(0.9, range)).toBeCloseTo(0.875, 12);
  });

  it('has a legend without scores that no rows can have', () => {
    expect(legendStops(FULL_RANGE)).toEqual(stopsOf(FULL_RANGE));
    const wide = rangeOf(Float32Array.of(-1, -0.2, 0, 0, 0.1, 0.2, 1)) as ScoreRange;
    expect(legendStops(wide).map(([, score]) => score)).toEqual([-1, 0, 1]);
    const skewed = { low: -1.1, middle: 0, high: 0.9, top: 1 };
    const [first, ...others] = legendStops(skewed);
    expect(first?.[0]).toBeCloseTo(PLACES[1] * (1 - 1 / 1.1), 12);
    expect(first?.[1]).toBe(-1);
    expect(others).toEqual(stopsOf(skewed).slice(1));
    expect(legendStops({ ...skewed, low: -3 }).map(([, score]) => score)).toEqual([0, 0.9, 1]);
  });

  it('of typical scores excludes the diagonal and half a percent at either end', () => {
    const rows = 200;
    const scores = new Float32Array(rows * rows).fill(1);
    let at = 0;
    const pairs = (rows * (rows - 1)) / 2;
    for (let i = 0; i < rows; i++) for (let j = i + 1; j < rows; j++) scores[i * rows + j] = at++ / pairs;
    const { low, middle, high, top } = typicalRange(scores, rows) as ScoreRange;
    expect([low, middle, high].map((score) => Number(score.toFixed(3)))).toEqual([0.005, 0.5, 0.995]);
    expect(top).toBe(1);
  });

  it('reaches at least as far below the median as above it, and no farther above it than the scores', () => {
    const scores = Float32Array.of(1, 0.1, 0.2, 0, 1, 0.9, 0, 0, 1);
    const { low, high } = typicalRange(scores, 3) as ScoreRange;
    expect(low).toBeCloseTo(0.2 - 0.7, 6);
    expect(high).toBeCloseTo(0.9, 6);
    const lower = typicalRange(Float32Array.of(1, 0.1, 0.8, 0, 1, 0.9, 0, 0, 1), 3) as ScoreRange;
    expect(lower.low).toBeCloseTo(0.1, 6);
    expect(lower.high).toBeCloseTo(0.9, 6);
  });

  it('is unchanged if all four scores are equal', () => {
    const range = { low: 0, middle: 0.2, high: 0.5, top: 1 };
    expect(isSameRange(range, { ...range })).toBe(true);
    expect(isSameRange(null, null)).toBe(true);
    for (const key of ['low', 'middle', 'high', 'top']) expect(isSameRange(range, { ...range, [key]: 0.1 })).toBe(false);
    expect(isSameRange(range, null)).toBe(false);
  });

  it('has a top above scores that are all nearly 1', () => {
    const { high, top } = rangeOf(Float32Array.of(0.9, 1, 1, 1)) as ScoreRange;
    expect(top).toBeGreaterThan(high);
  });

  it('is undefined if all scores are equal, or there are none', () => {
    for (const rows of [0, 1, 3]) expect(typicalRange(new Float32Array(rows * rows).fill(1), rows)).toBeNull();
  });
});

describe('OKLab', () => {
  const byte = (part: number) => Math.round(255 * Math.min(1, Math.max(0, part)));

  it('becomes the bytes that culori computes, also outside what screens show', () => {
    for (const l of [0, 0.2, 0.55, 0.97, 1]) {
      for (const [a, b] of [
        [0, 0],
        [0.17, 0.09],
        [-0.06, -0.1],
        [0.1, -0.3],
      ] as const) {
        const right = toRgb({ mode: 'oklab', l, a, b });
        const parts = [right.r, right.g, right.b].map(byte);
        for (const [at, part] of bytesOfOklab([l, a, b]).entries()) {
          expect(Math.abs(part - (parts[at] as number)), `${l} ${a} ${b}`).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it('takes hues as culori does', () => {
    for (let hue = 0; hue < 400; hue += 20) {
      const { a, b } = toOklab({ mode: 'oklch', l: 0.7, c: 0.15, h: hue });
      const [lightness, ...rest] = oklabOfHue(0.7, 0.15, hue);
      expect(lightness).toBe(0.7);
      for (const [at, want] of [a, b].entries()) expect(rest[at]).toBeCloseTo(want, 9);
    }
  });

  it('has hexadecimal digits for the style sheet, there and back', () => {
    expect(hexOf([0, 10, 255])).toBe('#000aff');
    expect(rgbOfHex('#003Fff')).toEqual([0, 63 / 255, 1]);
    expect(() => rgbOfHex('red')).toThrow('expected a colour as #rrggbb, got red');
  });
});
