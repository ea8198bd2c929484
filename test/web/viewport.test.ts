import { describe, expect, it } from 'vitest';
import {
  fitScale,
  levelFor,
  panBy,
  placeAt,
  resized,
  reveal,
  seenRange,
  wholeMatrix,
  zoomAt,
} from '../../web/src/heatmap/viewport.js';

const whole = wholeMatrix(1000, 800, 500);

describe('the visible part of the matrix', () => {
  it('is the whole matrix at first', () => {
    expect(seenRange(whole)).toEqual({ rowStart: 0, rowEnd: 1000, colStart: 0, colEnd: 1000 });
    expect(whole.scale).toBe(0.5);
  });

  it('keeps what is under the pointer when it zooms', () => {
    const near = zoomAt(whole, 8, 300, 200);
    expect(near.scale).toBe(4);
    const [before, after] = [placeAt(whole, 300, 200), placeAt(near, 300, 200)];
    expect(after.row).toBeCloseTo(before.row, 9);
    expect(after.col).toBeCloseTo(before.col, 9);
  });

  it('never leaves the matrix by more than half, and limits zooming in both directions', () => {
    expect(zoomAt(whole, 0.1)).toEqual(whole);
    expect(zoomAt(whole, 1e9).scale).toBe(48);
    const corner = panBy(zoomAt(whole, 10), 1e6, -1e6);
    expect(seenRange(corner)).toEqual({ rowStart: 950, rowEnd: 1000, colStart: 0, colEnd: 80 });
  });

  it('follows a cell', () => {
    const near = zoomAt(whole, 10);
    for (const [row, col] of [
      [0, 0],
      [999, 0],
      [500, 999],
    ] as const) {
      const { rowStart, rowEnd, colStart, colEnd } = seenRange(reveal(near, row, col));
      expect(rowStart <= row && row < rowEnd && colStart <= col && col < colEnd).toBe(true);
    }
    expect(reveal(near, 500, 500)).toEqual(near);
  });

  it('stays the same in a window of another size', () => {
    const near = zoomAt(whole, 10);
    const other = resized(near, 400, 250);
    expect(other.scale / fitScale(other)).toBeCloseTo(10, 9);
    expect(other.x).toBe(near.x);
  });

  it('is drawn from the finest level whose cells are at least as large as pixels', () => {
    expect([4, 1, 0.6, 0.5, 0.26, 0.01].map((scale) => levelFor(scale, 1, 5))).toEqual([0, 0, 1, 1, 2, 5]);
    expect(levelFor(0.5, 2, 5)).toBe(0);
  });
});
