import { describe, expect, it } from 'vitest';
import { planTiles, scoresOf, tileAt } from '#src/backends/grid.js';
import { Passes, type Region } from '#src/engine/passes.js';
import { chooseTileRows } from '#src/engine/tile-plan.js';
import { fc } from '../property.js';

function whole(rows: number, cols: number, symmetric: boolean): Region {
  return { rowStart: 0, rowEnd: rows, colStart: 0, cols, symmetric };
}

describe('passes and tiles', () => {
  it('cover exactly the requested part', () => {
    const row = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(row, row, row, row, fc.boolean(), fc.integer({ min: 1, max: 50 }), (a, b, c, d, symmetric, blockRows) => {
        const [rowStart, rowEnd, later, cols] = [a, b, c, d].sort((one, other) => one - other) as [
          number,
          number,
          number,
          number,
        ];
        for (const colStart of symmetric ? [0, rowStart, rowEnd, later] : [0, later]) {
          const covered = new Set<string>();
          for (const pass of new Passes({ rowStart, rowEnd, colStart, cols, symmetric }, blockRows)) {
            const grid = planTiles(pass, 7, symmetric);
            for (let index = 0; index < grid.count; index++) {
              const tile = tileAt(grid, index);
              for (let i = pass.rowStart + tile.rowStart; i < pass.rowStart + tile.rowEnd; i++) {
                for (let j = pass.colStart + tile.colStart; j < pass.colStart + tile.colEnd; j++) {
                  expect(covered.has(`${i} ${j}`)).toBe(false);
                  if (!symmetric || i <= j) covered.add(`${i} ${j}`);
                }
              }
            }
          }
          let expected = 0;
          for (let i = rowStart; i < rowEnd; i++) expected += Math.max(0, cols - Math.max(colStart, symmetric ? i : 0));
          expect(covered.size).toBe(expected);
        }
      }),
    );
  });

  it('cover every score of the result exactly once', () => {
    const size = fc.integer({ min: 0, max: 60 });
    const step = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        step,
        (rows, other, symmetric, tilesPerBlock, tileRows) => {
          const cols = symmetric ? rows : other;
          const covered = new Uint8Array(rows * cols);
          for (const pass of new Passes(whole(rows, cols, symmetric), tilesPerBlock * tileRows)) {
            const grid = planTiles(pass, tileRows, symmetric);
            for (let index = 0; index < grid.count; index++) {
              const tile = tileAt(grid, index);
              expect(tile.colOperand).toBe(pass.diagonal ? 'x' : 'y');
              for (let i = pass.rowStart + tile.rowStart; i < pass.rowStart + tile.rowEnd; i++) {
                for (let j = pass.colStart + tile.colStart; j < pass.colStart + tile.colEnd; j++) {
                  covered[i * cols + j] = (covered[i * cols + j] as number) + 1;
                  if (tile.mirrored) covered[j * cols + i] = (covered[j * cols + i] as number) + 1;
                }
              }
            }
          }
          expect(covered.every((count) => count === 1)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('cover the same scores in windows as in the whole grid', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, fc.boolean(), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), (...numbers) => {
        const [rows, other, symmetric, tileRows, height] = numbers;
        const cols = symmetric ? rows : other;
        const covered = new Uint8Array(rows * cols);
        let scores = 0;
        for (const pass of new Passes(whole(rows, cols, symmetric), Number.POSITIVE_INFINITY)) {
          for (let row = 0; row < rows; ) {
            // As in windows: whole tiles, or less than one.
            const to = Math.min(rows, row + (height > tileRows ? Math.floor(height / tileRows) * tileRows : height));
            const grid = planTiles(pass, Math.min(tileRows, height), symmetric, row, to);
            scores += scoresOf(grid);
            for (let index = 0; index < grid.count; index++) {
              const { rowStart, rowEnd, colStart, colEnd, mirrored } = tileAt(grid, index);
              for (let i = rowStart; i < rowEnd; i++) {
                for (let j = colStart; j < colEnd; j++) {
                  covered[i * cols + j] = (covered[i * cols + j] as number) + 1;
                  if (mirrored) covered[j * cols + i] = (covered[j * cols + i] as number) + 1;
                }
              }
            }
            row = to;
          }
        }
        expect(covered.every((count) => count === 1)).toBe(true);
        expect(scores).toBe(rows * cols);
      }),
      { numRuns: 500 },
    );
  });

  it('number the tiles of a large triangle correctly', () => {
    const grid = planTiles({ rowStart: 0, rowEnd: 3e6, colStart: 0, colEnd: 3e6, diagonal: true }, 12, true);
    const side = 3e6 / 12;
    for (const row of [0, 1, 2, 77_777, side - 2, side - 1]) {
      const first = row * side - (row * (row - 1)) / 2;
      expect(tileAt(grid, first)).toMatchObject({ rowStart: row * 12, colStart: row * 12, diagonal: true });
      expect(tileAt(grid, first + side - 1 - row)).toMatchObject({ rowStart: row * 12, colEnd: 3e6 });
    }
    expect(grid.count).toBe((side * (side + 1)) / 2);
  });

  it('give every thread enough tiles, in multiples of the step', () => {
    expect(chooseTileRows(100_000, 576, 144, 1)).toBe(576);
    expect(chooseTileRows(100_000, 576, 144, 8)).toBe(576);
    expect(chooseTileRows(1000, 576, 144, 2)).toBe(288);
    expect(chooseTileRows(10, 576, 144, 2)).toBe(144);
  });
});
