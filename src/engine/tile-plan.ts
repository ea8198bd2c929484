// Which part of the result is computed when. Pure: shapes and limits in, passes and tiles out.
//
// A pass is a block of rows of x against a block of rows of y (or of x), as many as fit in memory when packed; usually one
// pass is the whole problem. A grid is a pass, or some rows of one, cut into tiles. Of a symmetric result only tiles on and
// above the diagonal are computed, each also standing for its transpose. No choice made here changes a score.

import { tilesBefore } from '../backends/grid.js';
import type { Pass } from '../backends/work.js';

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
