// Which part of the result is computed when. Pure: shapes and limits in, passes and tiles out.
//
// A pass is a block of rows of x against a block of rows of y (or of x), as many as fit in memory when packed; usually one
// pass is the whole problem. A grid is a pass, or some rows of one, cut into tiles. Of a symmetric result only tiles on and
// above the diagonal are computed, each also standing for its transpose. No choice made here changes a score.

import type { Tile } from '../backends/backend.js';
import type { Pass, TileGrid } from '../backends/work.js';

/** Which part of a result: rows [rowStart, rowEnd), and columns [colStart, cols), of a symmetric one from the diagonal on. */
export interface Region {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly cols: number;
  readonly symmetric: boolean;
}

/** The passes over a region, all of one block of rows together; `blockRows` bounds the rows of either side. */
export function planPasses(region: Region, blockRows: number): Pass[] {
  const { cols, symmetric } = region;
  const passes: Pass[] = [];
  for (let rowStart = region.rowStart; rowStart < region.rowEnd; rowStart += blockRows) {
    const rowEnd = Math.min(rowStart + blockRows, region.rowEnd);
    for (let colStart = symmetric ? Math.max(rowStart, region.colStart) : region.colStart; colStart < cols; ) {
      const diagonal = symmetric && colStart === rowStart;
      const colEnd = diagonal ? rowEnd : Math.min(colStart + blockRows, cols);
      passes.push({ rowStart, rowEnd, colStart, colEnd, diagonal });
      colStart = colEnd;
    }
  }
  return passes;
}

/** The grid of a pass, or of rows [rowStart, rowEnd) of it, where rowStart is a multiple of the backend's tile step. */
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

/** Tile number `index` of a grid, row by row; its rows and columns count from the start of the pass. */
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

/** How many scores a grid stands for, the transposes of its tiles included. */
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

/** Columns before the first row of a diagonal pass's grid are another grid's transposes. */
function firstCol({ pass, rowStart }: TileGrid): number {
  return pass.diagonal ? rowStart : 0;
}

/** Tiles in the first `down` rows: `across` in each, or one less in each further row of a trapezoid. */
function tilesBefore(down: number, across: number, trapezoid: boolean): number {
  return down * across - (trapezoid ? (down * (down - 1)) / 2 : 0);
}

/** The row of tile `index` of a trapezoid. */
function trapezoidRow(index: number, across: number): number {
  const row = Math.floor(across + 0.5 - Math.sqrt((across + 0.5) ** 2 - 2 * index));
  // The square root may round across an edge.
  if (tilesBefore(row, across, true) > index) return row - 1;
  return tilesBefore(row + 1, across, true) <= index ? row + 1 : row;
}

/** How many tiles of `tileRows` rows a whole result has; at least 1. */
export function mostTiles(rows: number, cols: number, tileRows: number, symmetric: boolean): number {
  const across = Math.ceil(cols / tileRows);
  return Math.max(1, tilesBefore(symmetric ? across : Math.ceil(rows / tileRows), across, symmetric));
}

/** The largest tile up to `mostRows`, in steps of `step`, of which `threads` threads get enough to finish together. */
export function chooseTileRows(rows: number, mostRows: number, step: number, threads: number): number {
  if (threads === 1) return mostRows;
  const wanted = Math.ceil(rows / Math.max(1, Math.ceil(Math.sqrt(TILES_PER_THREAD * threads))));
  return Math.min(mostRows, Math.max(step, Math.ceil(wanted / step) * step));
}

/** With about this many tiles to a thread, the last one to finish is late by a few per cent at most. */
const TILES_PER_THREAD = 16;
