// Tiles of every level, compared with the matrix itself.

import { cosineSimilarity, type Matrix, type ShapedRows, streamMatrix } from 'allpairs';
import { describe, expect, it } from 'vitest';
import {
  CHANNELS,
  cellsAt,
  decodeScore,
  encodeScore,
  MAX_COMPARED,
  PyramidBuilder,
  type PyramidShape,
  reduceScores,
  shapeOf,
  TILE,
  type Tile,
  tilesAt,
} from '../../web/src/compute/pyramid.js';
import { randomRows } from '../random.js';

/** Returns all tiles of a matrix, as the page computes them. */
async function buildTiles(rows: ShapedRows, shape: PyramidShape): Promise<Tile[]> {
  const span = TILE * 2 ** shape.base;
  const builder = new PyramidBuilder(shape);
  const tiles: Tile[] = [];
  for await (const { row, col, matrix } of streamMatrix(rows, { blockRows: span })) {
    const [height, width] = matrix.shape;
    const cells = reduceScores({ data: matrix.data, offset: 0, stride: width, rows: height, cols: width }, shape.base);
    tiles.push(...builder.add({ level: shape.base, row: row / span, col: col / span, cells }));
  }
  return tiles;
}

/** Returns the mean and the highest of the scores that a cell represents. */
function cellOf(matrix: Matrix, level: number, row: number, col: number): readonly [mean: number, highest: number] {
  const side = 2 ** level;
  const [rows] = matrix.shape;
  let [sum, count, highest] = [0, 0, -1];
  for (let i = row * side; i < Math.min(rows, (row + 1) * side); i++) {
    for (let j = col * side; j < Math.min(rows, (col + 1) * side); j++) {
      const score = matrix.at(i, j) as number;
      sum += score;
      count++;
      highest = Math.max(highest, score);
    }
  }
  return [sum / count, highest];
}

describe('the tiles of a matrix', () => {
  it.each([
    [1, 0],
    [256, 0],
    [257, 0],
    [700, 0],
    [1100, 1],
    [1300, 2],
  ])('of %i rows from level %i on have the mean and the highest score of every cell', async (count, base) => {
    const rows = randomRows(count, 12);
    const shape = { ...shapeOf(count), base, top: Math.max(base, shapeOf(count).top) };
    const matrix = await cosineSimilarity(rows);
    const tiles = await buildTiles(rows, shape);
    const expected = Array.from({ length: shape.top - base + 1 }, (_, up) => tilesAt(count, base + up));
    expect(tiles.length).toBe(expected.reduce((sum, side) => sum + (side * (side + 1)) / 2, 0));
    let worst = 0;
    for (const { level, row, col, cells } of tiles) {
      const side = cellsAt(count, level);
      for (let r = 0; r < TILE && row * TILE + r < side; r += 7) {
        for (let c = 0; c < TILE && col * TILE + c < side; c++) {
          const right = cellOf(matrix, level, row * TILE + r, col * TILE + c);
          for (const channel of [0, 1] as const) {
            const got = decodeScore(cells[(r * TILE + c) * CHANNELS + channel] as number);
            worst = Math.max(worst, Math.abs(got - right[channel]));
          }
        }
      }
    }
    // Half a step of the 16 bits for each level.
    expect(worst).toBeLessThan((shape.top - base + 1) * 1.6e-5);
  });

  it('are few enough to be kept, whatever the number of rows', () => {
    for (const rows of [0, 1, 5120, 5121, 20_000, 20_481, 40_960, 40_961, 100_000, 1_000_000]) {
      const { base, top, sampling } = shapeOf(rows);
      expect(cellsAt(rows, sampling)).toBeLessThanOrEqual(MAX_COMPARED);
      // Each cell of a sample summarises at least 4 x 4 scores.
      expect(sampling > 0).toBe(rows > MAX_COMPARED);
      if (sampling > 0) expect(base - sampling).toBeGreaterThanOrEqual(2);
      expect(tilesAt(rows, base)).toBeLessThanOrEqual(20);
      expect(tilesAt(rows, top)).toBeLessThanOrEqual(1);
    }
    expect(shapeOf(5120).base).toBe(0);
    expect(shapeOf(5121).base).toBe(1);
  });
});

describe('encoded scores', () => {
  it('represent 0, 1 and -1 exactly, and other scores to 16 bits', () => {
    for (const score of [-1, 0, 1]) expect(decodeScore(encodeScore(score))).toBe(score);
    for (const score of [0.123456, -0.98765, 1e-9])
      expect(Math.abs(decodeScore(encodeScore(score)) - score)).toBeLessThan(1.6e-5);
  });
});
