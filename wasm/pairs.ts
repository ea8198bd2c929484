// The threshold epilogue: finds the few scores of a tile of sums that reach a threshold.

import { counts } from './counts';
import { limitOf, mayReach, padLimits, whichReach } from './reach';
import { scoreOne } from './score';
import { panelRows } from './vector';

/**
 * Writes row, column (both u32, counted from the tile's corner) and score of every score >= `threshold` whose pair counts, row
 * by row; in a triangle, only of those below the diagonal. Returns their number. `limits` is scratch memory for one value of T
 * per column, up to whole panels; there must be space for one hit more than the tile has scores.
 */
export function findPairs<T>(
  sums: usize, sumStride: usize, rowInverses: usize, colInverses: usize, rowGuards: usize, colGuards: usize,
  rows: i32, cols: i32, triangle: bool, rowGroups: usize, colGroups: usize, within: bool,
  threshold: T, limits: usize, hitRows: usize, hitCols: usize, hitScores: usize,
): i32 {
  const size = sizeof<T>();
  const width = panelRows<T>();
  for (let col = 0; col < cols; col++) {
    const at = (col as usize) * size;
    store<T>(limits + at, limitOf<T>(threshold, load<T>(colGuards + at)));
  }
  padLimits<T>(limits, cols);
  let hits: usize = 0;
  for (let row = 0; row < rows; row++, sums += sumStride, rowInverses += size, rowGuards += size) {
    const inverse = load<T>(rowInverses), guard = load<T>(rowGuards);
    const inverses = v128.splat<T>(inverse), limit = v128.splat<T>(limitOf<T>(threshold, guard));
    const colEnd = triangle ? row : cols;
    for (let col = 0; col < colEnd; col += width) {
      const at = (col as usize) * size;
      if (!mayReach<T>(sums + at, inverses, colInverses + at, limit, limits + at)) continue;
      let which = whichReach<T>(sums + at, inverses, colInverses + at, limit, limits + at);
      for (; which != 0; which &= which - 1) {
        const c = col + ctz(which);
        if (c >= colEnd) break;
        const shift = (c as usize) * size;
        const score = scoreOne<T>(load<T>(sums + shift), inverse, load<T>(colInverses + shift), guard, load<T>(colGuards + shift));
        store<i32>(hitRows + hits * 4, row);
        store<i32>(hitCols + hits * 4, c);
        store<T>(hitScores + hits * size, score);
        hits += (score >= threshold && counts(rowGroups, colGroups, within, row, c)) as usize;
      }
    }
  }
  return hits as i32;
}
