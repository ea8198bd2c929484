// Draws the visible part of the map, with its classes.

import { formatCount } from '../format.js';
import { rowClasses } from '../panels/map-colours.js';
import { frameOf, pixelOnMap, placeInSquare, squareAround, WHOLE_MAP } from '../panels/map-view.js';
import { positions, shown } from '../state/answers.js';
import { seenOfMap } from '../state/choices.js';
import { styleColour } from '../state/theme.js';
import { escaped, svgOf } from './svg.js';

const WIDTH = 720;
const HEIGHT = 600;
const LEGEND = 220;
/** Maximum number of characters in the name of a class. */
const MAX_NAME = 26;

export function mapPicture(): string {
  const found = positions.peek();
  if (!found) throw new Error('the map is still being drawn; save it when it is ready');
  const { places, method } = found;
  const square = squareAround(places);
  const frame = frameOf(square, WIDTH, HEIGHT);
  const view = seenOfMap.peek() ?? WHOLE_MAP;
  const radius = places.length > 10_000 ? 1.5 : 2.5;
  const classes = rowClasses.peek();
  const ink = styleColour('--ink');
  const points = classes.map(({ colour, rows }) => {
    const circles = rows.flatMap((row) => {
      const { x, y } = placeInSquare(square, places[2 * row] as number, places[2 * row + 1] as number);
      const { px, py } = pixelOnMap(view, frame, x, y);
      const isSeen = px >= 0 && py >= 0 && px <= WIDTH && py <= HEIGHT;
      return isSeen ? [`<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="${radius}"/>`] : [];
    });
    return `<g fill="${colour}">${circles.join('')}</g>`;
  });
  const names = classes.map(({ name, colour }, at) => {
    const y = 16 + 20 * at;
    const short = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name;
    return `<circle cx="${WIDTH + 14}" cy="${y - 4}" r="5" fill="${colour}"/><text x="${WIDTH + 26}" y="${y}" fill="${ink}">${escaped(short)}</text>`;
  });
  const { name = '', rows = 0 } = shown.peek() ?? {};
  return svgOf({
    width: WIDTH + LEGEND,
    height: HEIGHT,
    title: `${name}: ${formatCount(rows)} rows by ${method === 'umap' ? 'UMAP' : 'PCA'}`,
    background: styleColour('--panel'),
    ink,
    body: [...points, ...names].join('\n'),
  });
}
