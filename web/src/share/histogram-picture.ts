// Draws the histogram of all scores, with the threshold.

import { formatCount, formatScore, formatThreshold } from '../format.js';
import { barsOf, digitsOfTicks, heightOf, powersUpTo, ticksBetween } from '../panels/score-bars.js';
import { histogram, shown, usedThreshold } from '../state/answers.js';
import { styleColour } from '../state/theme.js';
import { escaped, svgOf } from './svg.js';

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 80;
const RIGHT = 20;
const BOTTOM = 30;

export function histogramPicture(): string {
  const found = histogram.peek();
  if (!found) throw new Error('the scores are still being counted; save the histogram when it is ready');
  const { low, high, bars, most } = barsOf(found);
  const across = (score: number) => LEFT + (WIDTH * (score - low)) / (high - low || 1);
  const upTo = (count: number) => HEIGHT * (1 - heightOf(count, most));
  const [ink, quiet, accent, faint] = ['--ink', '--quiet', '--accent', '--faint'].map(styleColour);
  const limit = usedThreshold.peek();
  const path = bars
    .map(
      ({ from, to, count }) =>
        `M${across(from).toFixed(1)} ${HEIGHT}V${upTo(count).toFixed(1)}H${(across(to) - 1).toFixed(1)}V${HEIGHT}Z`,
    )
    .join('');
  const scores = ticksBetween(low, high, 6);
  const digits = digitsOfTicks(scores);
  const ticks = scores.map(
    (score) =>
      `<text x="${across(score)}" y="${HEIGHT + 18}" text-anchor="middle" fill="${quiet}">${escaped(formatScore(score, digits))}</text>`,
  );
  const counts = powersUpTo(most, 4).map(
    (count) => `<text x="${LEFT - 6}" y="${upTo(count) + 4}" text-anchor="end" fill="${quiet}">${formatCount(count)}</text>`,
  );
  const kept =
    limit === null
      ? []
      : [
          `<clipPath id="kept"><rect x="${across(limit)}" width="${WIDTH + LEFT + RIGHT}" height="${HEIGHT}"/></clipPath>`,
          `<path d="${path}" fill="${accent}" clip-path="url(#kept)"/>`,
          `<path d="M${across(limit)} 0V${HEIGHT}" stroke="${ink}"/>`,
        ];
  const { name = '' } = shown.peek() ?? {};
  const threshold = limit === null ? '' : `, threshold ${formatThreshold(limit)}`;
  return svgOf({
    width: LEFT + WIDTH + RIGHT,
    height: HEIGHT + BOTTOM,
    title: `${name}: ${formatCount(found.total)} scores${threshold}`,
    background: styleColour('--panel'),
    ink: ink as string,
    body: [`<path d="${path}" fill="${faint}"/>`, ...kept, ...ticks, ...counts].join('\n'),
  });
}
