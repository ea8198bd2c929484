// Draws the visible part of the matrix, with its scale.

import { digitsToTell, formatCount, formatScore } from '../format.js';
import { colourScale, legendStops, STEPS } from '../heatmap/colours.js';
import { usedRange } from '../heatmap/use-heatmap.js';
import { matrixSize, shown } from '../state/answers.js';
import { seen } from '../state/choices.js';
import { styleColour, theme } from '../state/theme.js';
import { escaped, svgOf } from './svg.js';

/** Height below the matrix. */
const LEGEND = 44;
const MARGIN = 10;

export function matrixPicture(): string {
  const canvas = document.querySelector<HTMLCanvasElement>('.heatmap-keys canvas');
  if (!canvas) throw new Error('the matrix is not on this part of the page; go to “Overview” and save it there');
  const { clientWidth: width, clientHeight: height } = canvas;
  const { name = '' } = shown.peek() ?? {};
  const { rows, cols } = matrixSize.peek();
  const ink = styleColour('--ink');
  const body = [
    `<image x="${MARGIN}" width="${width}" height="${height}" href="${canvas.toDataURL('image/png')}" preserveAspectRatio="none"/>`,
    legend(width, height, ink),
  ].join('\n');
  return svgOf({
    width: width + 2 * MARGIN,
    height: height + LEGEND,
    title: `${name}: cosine similarity of ${seen.peek() ? 'a part of ' : ''}${formatCount(rows)} x ${formatCount(cols)} rows`,
    background: styleColour('--panel'),
    ink,
    body,
  });
}

function legend(width: number, top: number, ink: string): string {
  const bytes = colourScale(theme.peek());
  const colourAt = (place: number) => {
    const step = Math.round(place * (STEPS - 1));
    return `rgb(${bytes.subarray(4 * step, 4 * step + 3).join(' ')})`;
  };
  const places = Array.from({ length: 33 }, (_, at) => at / 32);
  const stops = places.map((place) => `<stop offset="${place}" stop-color="${colourAt(place)}"/>`).join('');
  const range = usedRange();
  const digits = digitsToTell(range.top - range.low);
  const scores = legendStops(range).map(([place, score]) => {
    const anchor = place === 0 ? 'start' : place === 1 ? 'end' : 'middle';
    return `<text x="${MARGIN + place * width}" y="${top + 36}" text-anchor="${anchor}" fill="${ink}">${escaped(formatScore(score, digits))}</text>`;
  });
  return [
    `<linearGradient id="scale">${stops}</linearGradient>`,
    `<rect x="${MARGIN}" y="${top + 10}" width="${width}" height="10" fill="url(#scale)"/>`,
    ...scores,
  ].join('\n');
}
