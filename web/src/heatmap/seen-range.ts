// The range of the visible scores, so that colours distinguish them.

import { CHANNELS, decodeScore, type PyramidShape, TILE, type Tile, type TilePlace } from '../compute/pyramid.js';
import { rangeOf, type ScoreRange } from '../compute/score-range.js';
import { levelFor, seenRange, type Viewport } from './viewport.js';

/** Number of cells that are sampled along each side. */
const SAMPLED = 64;

/** The available tiles. */
interface Tiles {
  readonly shape: PyramidShape;
  get(place: TilePlace): Tile | undefined;
}

/** Returns null if there is nothing to distinguish, or if tiles are missing. Ignores cells on the diagonal. */
export function rangeSeen(store: Tiles, view: Viewport, pixelRatio: number, channel: 0 | 1): ScoreRange | null {
  const level = levelFor(view.scale, pixelRatio, store.shape.top);
  const side = 2 ** level;
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  const scores: number[] = [];
  for (const row of cellsBetween(rowStart, rowEnd, side)) {
    for (const col of cellsBetween(colStart, colEnd, side)) {
      const { symmetric } = store.shape;
      if (symmetric && row === col) continue;
      const [first, second] = row < col || !symmetric ? [row, col] : [col, row];
      const tile = store.get({ level, row: Math.floor(first / TILE), col: Math.floor(second / TILE) });
      const at = ((first % TILE) * TILE + (second % TILE)) * CHANNELS + channel;
      if (tile) scores.push(decodeScore(tile.cells[at] as number));
    }
  }
  return scores.length > 1 ? rangeOf(Float32Array.from(scores)) : null;
}

/** Up to SAMPLED cells, evenly spaced. */
function cellsBetween(start: number, end: number, side: number): number[] {
  const [first, last] = [Math.floor(start / side), Math.ceil(end / side)];
  const step = Math.max(1, (last - first) / SAMPLED);
  return Array.from({ length: Math.floor((last - first) / step) }, (_, at) => Math.floor(first + at * step));
}
