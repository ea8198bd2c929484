import type { FinishedTile, Tile } from '../backends/backend.js';
import type { Pass } from '../engine/tile-plan.js';
import type { ScoreArray } from '../matrix/dtype.js';

/** Copies a finished tile, and its transpose where it has one, to their places in a result of `cols` columns. */
export function writeTile(result: ScoreArray, cols: number, pass: Pass, tile: Tile, finished: FinishedTile): void {
  const row = pass.rowFrom + tile.rowFrom;
  const col = pass.colFrom + tile.colFrom;
  const height = tile.rowTo - tile.rowFrom;
  const width = tile.colTo - tile.colFrom;
  writeBlock(result, cols, row, col, finished.scores, finished.direct, height, width);
  if (finished.mirrored >= 0) writeBlock(result, cols, col, row, finished.scores, finished.mirrored, width, height);
}

function writeBlock(
  result: ScoreArray,
  cols: number,
  row: number,
  col: number,
  scores: ScoreArray,
  from: number,
  height: number,
  width: number,
): void {
  let to = row * cols + col;
  if (width === cols) {
    result.set(scores.subarray(from, from + height * width), to);
    return;
  }
  for (let i = 0; i < height; i++, from += width, to += cols) result.set(scores.subarray(from, from + width), to);
}
