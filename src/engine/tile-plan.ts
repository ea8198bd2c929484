// Decides which part of the result is computed when. Pure functions: shapes and limits in, tiles out; passes.ts has the passes.
//
// A pass is a block of rows of x against a block of rows of y (or x), as many as fit in memory when packed; usually one pass covers the
// whole problem. A grid is a pass, or some of its rows, cut into tiles. A symmetric result consists only of tiles on and above the
// diagonal, which also stand for their transposes. No choice made here changes a score.

import { tilesBefore } from '../backends/grid.js';

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
