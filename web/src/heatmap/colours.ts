// Colours of scores: blue below, red above, and the page's own background in the middle, so that no similarity is no ink. Even steps in
// OKLab, both arms equally long, and a range that is a straight line: equal differences of scores look equal.

import { converter, formatRgb, modeOklab, modeRgb, type Oklab, parseHex, useMode } from 'culori/fn';
import type { ScoreRange } from '../compute/score-range.js';
import type { Theme } from '../state/theme.js';

useMode(modeOklab);
useMode(modeRgb);

/** Colours of the scale. */
export const STEPS = 511;

const ENDS: Record<Theme, readonly [low: Oklab, middle: Oklab, high: Oklab]> = {
  light: [oklab(0.42, -0.02, -0.13), oklab(0.97, 0, 0), oklab(0.42, 0.115, 0.06)],
  dark: [oklab(0.8, -0.06, -0.1), oklab(0.22, 0, 0), oklab(0.8, 0.09, 0.075)],
};

function oklab(l: number, a: number, b: number): Oklab {
  return { mode: 'oklab', l, a, b };
}

const toRgb = converter('rgb');

function colourAt(theme: Theme, place: number): Oklab {
  const [low, middle, high] = ENDS[theme];
  const [from, to, share] = place < 0.5 ? [low, middle, 2 * place] : [middle, high, 2 * place - 1];
  const mix = (a: number, b: number) => a + (b - a) * share;
  return oklab(mix(from.l, to.l), mix(from.a, to.a), mix(from.b, to.b));
}

/** STEPS colours from the lowest to the highest score, four bytes each. */
export function colourScale(theme: Theme): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(STEPS * 4);
  for (let step = 0; step < STEPS; step++) {
    const { r, g, b } = toRgb(colourAt(theme, step / (STEPS - 1)));
    bytes.set(
      [r, g, b].map((part) => Math.round(255 * Math.min(1, Math.max(0, part)))),
      4 * step,
    );
    bytes[4 * step + 3] = 255;
  }
  return bytes;
}

/** Parts of a colour, 0 to 1 each. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** A colour of the style sheet, as #rrggbb. */
export function rgbOf(hex: string): Rgb {
  const colour = parseHex(hex);
  if (!colour) throw new Error(`expected a colour as #rrggbb, got ${hex}`);
  return colour;
}

/** The scale as a CSS gradient from left to right. */
export function colourGradient(theme: Theme): string {
  const stops = Array.from({ length: 17 }, (_, stop) => formatRgb(colourAt(theme, stop / 16)));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

export const FULL_RANGE: ScoreRange = { low: -1, high: 1 };

/** Where a score lies on the scale, 0 to 1. */
export function placeOf(score: number, { low, high }: ScoreRange): number {
  return Math.min(1, Math.max(0, (score - low) / (high - low)));
}
