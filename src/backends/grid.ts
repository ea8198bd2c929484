// Numbers the tiles of a grid, so that any thread can find a tile by its number. native/core/grid.h does the same.

import type { Pass, Tile, TileGrid } from './work.js';

/** Returns the grid of a pass, or of its rows [rowStart, rowEnd), where rowStart is a multiple of the backend's tile step. */
export function planTiles(
  pass: Pass,
  tileRows: number,
  symmetric: boolean,
  rowStart = 0,
  rowEnd: number = pass.rowEnd - pass.rowStart,
): TileGrid {
  const grid = { pass, rowStart, rowEnd, tileRows, symmetric, count: 0 };
  return { ...grid, count: tilesBefore(tilesDown(grid), tilesAcross(grid), pass.diagonal) };
}

/** Returns tile number `index` of a grid, row by row; its rows and columns count from the start of the pass. */
export function tileAt(grid: TileGrid, index: number): Tile {
  const { pass, tileRows, symmetric } = grid;
  const across = tilesAcross(grid);
  const i = pass.diagonal ? trapezoidRow(index, across) : Math.floor(index / across);
  const j = index - tilesBefore(i, across, pass.diagonal) + (pass.diagonal ? i : 0);
  const diagonal = pass.diagonal && i === j;
  const rowStart = grid.rowStart + i * tileRows;
  const colStart = firstCol(grid) + j * tileRows;
  return {
    rowStart,
    rowEnd: Math.min(rowStart + tileRows, grid.rowEnd),
    colStart,
    colEnd: Math.min(colStart + tileRows, diagonal ? grid.rowEnd : pass.colEnd - pass.colStart),
    colOperand: pass.diagonal ? 'x' : 'y',
    diagonal,
    mirrored: symmetric && !diagonal,
  };
}

/** Returns how many scores a grid stands for, including the transposes of its tiles. */
export function scoresOf({ pass, rowStart, rowEnd, symmetric }: TileGrid): number {
  const rows = rowEnd - rowStart;
  const cols = pass.colEnd - pass.colStart;
  if (pass.diagonal) return rows * (2 * (cols - rowStart) - rows);
  return (symmetric ? 2 : 1) * rows * cols;
}

function tilesDown({ rowStart, rowEnd, tileRows }: TileGrid): number {
  return Math.ceil((rowEnd - rowStart) / tileRows);
}

function tilesAcross(grid: TileGrid): number {
  return Math.ceil((grid.pass.colEnd - grid.pass.colStart - firstCol(grid)) / grid.tileRows);
}

/** Columns before the first row of a diagonal pass's grid are transposes of another grid. */
function firstCol({ pass, rowStart }: TileGrid): number {
  return pass.diagonal ? rowStart : 0;
}

/** Returns the number of tiles in the first `down` rows: `across` in each row or, in a trapezoid, one fewer in each further row. */
export function tilesBefore(down: number, across: number, trapezoid: boolean): number {
  return down * across - (trapezoid ? (down * (down - 1)) / 2 : 0);
}

/** Returns the row of tile `index` in a trapezoid. */
function trapezoidRow(index: number, across: number): number {
  const row = Math.floor(across + 0.5 - Math.sqrt((across + 0.5) ** 2 - 2 * index));
  // The square root may round across an edge.
  if (tilesBefore(row, across, true) > index) return row - 1;
  return tilesBefore(row + 1, across, true) <= index ? row + 1 : row;
}
