// The colours of scores: blue below, red above, and the page's own background in the middle, so that no similarity has no colour. Beyond
// red, where near-duplicates are, the scale continues to almost black, or to almost white on dark pages. Steps between these colours are
// even in OKLab.

import type { ScoreRange } from '../compute/score-range.js';
import { bytesOfOklab, type Oklab } from '../state/oklab.js';
import type { Theme } from '../state/theme.js';

/** Number of colours in the scale. */
export const STEPS = 511;

/** The positions of its colours on the scale, from 0 to 1. */
export const PLACES = [0, 0.375, 0.75, 1] as const;

const COLOURS: Record<Theme, readonly [low: Oklab, middle: Oklab, high: Oklab, top: Oklab]> = {
  light: [
    [0.42, -0.02, -0.13],
    [0.97, 0, 0],
    [0.58, 0.17, 0.09],
    [0.22, 0.06, -0.03],
  ],
  dark: [
    [0.8, -0.06, -0.1],
    [0.22, 0, 0],
    [0.62, 0.15, 0.09],
    [0.96, -0.01, 0.09],
  ],
};

function colourAt(theme: Theme, place: number): Oklab {
  const arm = place < PLACES[1] ? 0 : place < PLACES[2] ? 1 : 2;
  const [from, to] = [COLOURS[theme][arm], COLOURS[theme][arm + 1]] as [Oklab, Oklab];
  const [start, end] = [PLACES[arm], PLACES[arm + 1]] as [number, number];
  const mix = (a: number, b: number) => a + ((b - a) * (place - start)) / (end - start);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

/** Returns STEPS colours from the lowest to the highest score, four bytes each. */
export function colourScale(theme: Theme): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(STEPS * 4);
  for (let step = 0; step < STEPS; step++) {
    bytes.set([...bytesOfOklab(colourAt(theme, step / (STEPS - 1))), 255], 4 * step);
  }
  return bytes;
}

/** Returns the scale as a CSS gradient from left to right. */
export function colourGradient(theme: Theme): string {
  const stops = Array.from({ length: 17 }, (_, stop) => `rgb(${bytesOfOklab(colourAt(theme, stop / 16))})`);
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** Linear from 0 to 1. */
export const FULL_RANGE: ScoreRange = { low: -1, middle: 0, high: (PLACES[2] - PLACES[1]) / (1 - PLACES[1]), top: 1 };

type Stop = readonly [place: number, score: number];

/** Returns the scores of the four colours with their positions on the scale. */
export function stopsOf({ low, middle, high, top }: ScoreRange): readonly Stop[] {
  return [
    [PLACES[0], low],
    [PLACES[1], middle],
    [PLACES[2], high],
    [PLACES[3], top],
  ];
}

/** Returns the position of a score on the scale, from 0 to 1. */
export function placeOf(score: number, range: ScoreRange): number {
  const stops = stopsOf(range);
  const arm = score < range.middle ? 0 : score < range.high ? 1 : 2;
  const [[start, from], [end, to]] = [stops[arm], stops[arm + 1]] as [Stop, Stop];
  return Math.min(1, Math.max(0, start + ((end - start) * (score - from)) / (to - from)));
}

/**
 * Returns scores with their positions on the scale, for a legend. A range can end below -1 or above 1, where no scores are: a legend starts at -1,
 * unless the label would touch that of the middle, and leaves out what is above `high`.
 */
export function legendStops(range: ScoreRange): readonly Stop[] {
  const [low, middle, high, top] = stopsOf(range) as [Stop, Stop, Stop, Stop];
  const first: Stop = range.low < -1 ? [placeOf(-1, range), -1] : low;
  return [...(first[0] > PLACES[1] / 3 ? [] : [first]), middle, high, ...(range.top > 1 ? [] : [top])];
}
