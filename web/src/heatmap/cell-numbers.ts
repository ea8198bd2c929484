// Writes the scores as numbers in their cells, if these are large enough.

import { CHANNELS, decodeScore, type PyramidShape, TILE, type Tile, type TilePlace } from '../compute/pyramid.js';
import type { ScoreRange } from '../compute/score-range.js';
import { formatScore } from '../format.js';
import { placeOf, STEPS } from './colours.js';
import { pixelOf, seenRange, type Viewport } from './viewport.js';

/** Pixels that a number needs. */
const NUMBER = 28;

/** The available tiles. */
interface Tiles {
  readonly shape: Pick<PyramidShape, 'symmetric'>;
  get(place: TilePlace): Tile | undefined;
}

/** Returns the score of a single cell from its tile; undefined while the tile is missing. */
export function scoreAt(tiles: Tiles, row: number, col: number): number | undefined {
  const [first, second] = row < col || !tiles.shape.symmetric ? [row, col] : [col, row];
  const tile = tiles.get({ level: 0, row: Math.floor(first / TILE), col: Math.floor(second / TILE) });
  const at = ((first % TILE) * TILE + (second % TILE)) * CHANNELS;
  return tile && decodeScore(tile.cells[at] as number);
}

/** Returns whether white is easier to read than black on this colour of the scale. */
export function isDark(colours: Uint8Array, step: number): boolean {
  const [r = 0, g = 0, b = 0] = colours.subarray(4 * step, 4 * step + 3);
  // Relative luminance, approximately linear; white and black have equal contrast at 0.18.
  return 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2 < 0.18;
}

/** Writes the visible scores. `colours` is the scale in which the cells are drawn. */
export function drawNumbers(
  context: CanvasRenderingContext2D,
  view: Viewport,
  tiles: Tiles,
  range: ScoreRange,
  colours: Uint8Array,
): void {
  if (view.scale < NUMBER) return;
  const { rowStart, rowEnd, colStart, colEnd } = seenRange(view);
  context.save();
  context.beginPath();
  context.rect(0, 0, view.width, view.height);
  context.clip();
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let row = rowStart; row < rowEnd; row++) {
    for (let col = colStart; col < colEnd; col++) {
      const score = scoreAt(tiles, row, col);
      if (score === undefined) continue;
      const { px, py } = pixelOf(view, row + 0.5, col + 0.5);
      context.fillStyle = isDark(colours, Math.round(placeOf(score, range) * (STEPS - 1))) ? '#fff' : '#000';
      // Two decimals, as 16 bits and the space allow.
      context.fillText(formatScore(Math.round(score * 100) / 100, 2), px, py);
    }
  }
  context.restore();
}
