import { describe, expect, it } from 'vitest';
import { CHANNELS, emptyCells, encodeScore, keyOf, shapeOf, TILE, type TilePlace } from '../../web/src/compute/pyramid.js';
import { rangeSeen } from '../../web/src/heatmap/seen-range.js';
import { wholeMatrix, zoomAt } from '../../web/src/heatmap/viewport.js';

/** A store of 200 rows whose scores are (i + j) / 400, and 1 on the diagonal. The highest score of each cell is 0.1 more. */
function storeOf() {
  const cells = emptyCells();
  for (let i = 0; i < 200; i++) {
    for (let j = 0; j < 200; j++) {
      const score = i === j ? 1 : (i + j) / 400;
      cells[(i * TILE + j) * CHANNELS] = encodeScore(score);
      cells[(i * TILE + j) * CHANNELS + 1] = encodeScore(score + 0.1);
    }
  }
  const tile = { level: 0, row: 0, col: 0, cells };
  const get = (place: TilePlace) => (keyOf(place) === '0/0/0' ? tile : undefined);
  return { shape: shapeOf(200), get };
}

describe('the range of the visible scores', () => {
  it('is that of the cells on the screen, without the diagonal', () => {
    const view = zoomAt({ ...wholeMatrix(200, 400, 400), x: 50, y: 150 }, 4);
    // Rows 125 to 175, columns 25 to 75.
    const range = rangeSeen(storeOf(), view, 1, 0);
    expect(range?.middle).toBeCloseTo(0.5, 2);
    expect(range?.high).toBeGreaterThan(0.55);
    expect(range?.high).toBeLessThan(0.63);
    expect(rangeSeen(storeOf(), view, 1, 1)?.middle).toBeCloseTo(0.6, 2);
    const diagonal = zoomAt({ ...wholeMatrix(200, 400, 400), x: 10, y: 10 }, 10);
    expect(rangeSeen(storeOf(), diagonal, 1, 0)?.high).toBeLessThan(0.2);
  });

  it('is unknown while the tiles are missing', () => {
    const store = { shape: shapeOf(200), get: () => undefined };
    expect(rangeSeen(store, wholeMatrix(200, 400, 400), 1, 0)).toBeNull();
  });
});
