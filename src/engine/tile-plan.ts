// Decides which part of the result is computed when. Pure functions: shapes and limits in, passes and tiles out.
//
// A pass is a block of rows of x against a block of rows of y (or x), as many as fit in memory when packed; usually one pass covers the
// whole problem. A grid is a pass, or some of its rows, cut into tiles. A symmetric result consists only of tiles on and above the
// diagonal, which also stand for their transposes. No choice made here changes a score.

import { tilesBefore } from '../backends/grid.js';
import type { Pass } from '../backends/work.js';

/** A part of the result: rows [rowStart, rowEnd) and columns [colStart, cols), in a symmetric result only on and above the diagonal. */
export interface Region {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly cols: number;
  readonly symmetric: boolean;
}

/** Yields the passes over a region, block of rows by block of rows. `blockRows` limits the rows of either side. */
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

/** Returns the number of tiles of `tileRows` rows in a whole result; at least 1. */
export function mostTiles(rows: number, cols: number, tileRows: number, symmetric: boolean): number {
  const across = Math.ceil(cols / tileRows);
  return Math.max(1, tilesBefore(symmetric ? across : Math.ceil(rows / tileRows), across, symmetric));
}

/**
 * Returns the largest tile size up to `mostRows`, in steps of `step`, that gives each of `threads` threads enough tiles to finish
 * together.
 */
export function chooseTileRows(rows: number, mostRows: number, step: number, threads: number): number {
  if (threads === 1) return mostRows;
  const wanted = Math.ceil(rows / Math.max(1, Math.ceil(Math.sqrt(TILES_PER_THREAD * threads))));
  return Math.min(mostRows, Math.max(step, Math.ceil(wanted / step) * step));
}

/** With about this many tiles per thread, the last thread finishes at most a few percent late. */
const TILES_PER_THREAD = 16;
