// Which part of the result is computed when. Pure: shapes and limits in, passes and tiles out.
//
// A pass is a block of rows of x against a block of rows of y (or of x), as many as fit in memory when packed; usually one
// pass is the whole problem. A pass is cut into tiles. Of a symmetric result only tiles on and below the diagonal are
// computed, each also giving its transpose. No choice made here changes a score.

import type { Tile } from '../backends/backend.js';

/** Rows [rowFrom, rowTo) of x against rows [colFrom, colTo) of y, or of x in a symmetric plan. */
export interface Pass {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly colFrom: number;
  readonly colTo: number;
  /** Rows and columns are the same rows of x. */
  readonly diagonal: boolean;
}

/** The passes over an (xRows, yRows) result; `blockRows` bounds the rows of either side. */
export function planPasses(xRows: number, yRows: number, symmetric: boolean, blockRows: number): Pass[] {
  const passes: Pass[] = [];
  for (let rowFrom = 0; rowFrom < xRows; rowFrom += blockRows) {
    const rowTo = Math.min(rowFrom + blockRows, xRows);
    const lastCol = symmetric ? rowTo : yRows;
    for (let colFrom = 0; colFrom < lastCol; colFrom += blockRows) {
      const colTo = Math.min(colFrom + blockRows, lastCol);
      passes.push({ rowFrom, rowTo, colFrom, colTo, diagonal: symmetric && colFrom === rowFrom });
    }
  }
  return passes;
}

/** The tiles of one pass, numbered so that any thread can find the tile of a number. Structured-cloneable. */
export interface TileGrid {
  readonly pass: Pass;
  readonly tileRows: number;
  readonly symmetric: boolean;
  readonly count: number;
}

export function planTiles(pass: Pass, tileRows: number, symmetric: boolean): TileGrid {
  const down = Math.ceil((pass.rowTo - pass.rowFrom) / tileRows);
  const across = Math.ceil((pass.colTo - pass.colFrom) / tileRows);
  return { pass, tileRows, symmetric, count: pass.diagonal ? (down * (down + 1)) / 2 : down * across };
}

/** Tile number `index` of a grid; rows and columns count from the start of the pass. */
export function tileAt(grid: TileGrid, index: number): Tile {
  const { pass, tileRows, symmetric } = grid;
  const rows = pass.rowTo - pass.rowFrom;
  const cols = pass.colTo - pass.colFrom;
  let i: number;
  let j: number;
  if (pass.diagonal) {
    i = triangleRow(index);
    j = index - (i * (i + 1)) / 2;
  } else {
    const across = Math.ceil(cols / tileRows);
    i = Math.floor(index / across);
    j = index - i * across;
  }
  const diagonal = pass.diagonal && i === j;
  return {
    rowFrom: i * tileRows,
    rowTo: Math.min((i + 1) * tileRows, rows),
    colFrom: j * tileRows,
    colTo: Math.min((j + 1) * tileRows, cols),
    colOperand: pass.diagonal ? 'x' : 'y',
    diagonal,
    mirrored: symmetric && !diagonal,
  };
}

/** The row of element `index` when a lower triangle is numbered row by row. */
function triangleRow(index: number): number {
  const row = Math.floor((Math.sqrt(8 * index + 1) - 1) / 2);
  // The square root may round across an edge.
  if ((row * (row + 1)) / 2 > index) return row - 1;
  return ((row + 1) * (row + 2)) / 2 <= index ? row + 1 : row;
}

/** The largest tile up to `mostRows`, in steps of `step`, of which `threads` threads get enough to finish together. */
export function chooseTileRows(rows: number, mostRows: number, step: number, threads: number): number {
  if (threads === 1) return mostRows;
  const wanted = Math.ceil(rows / Math.max(1, Math.ceil(Math.sqrt(TILES_PER_THREAD * threads))));
  return Math.min(mostRows, Math.max(step, Math.ceil(wanted / step) * step));
}

/** With about this many tiles to a thread, the last one to finish is late by a few per cent at most. */
const TILES_PER_THREAD = 16;
