// The histogram epilogue: counts, extremes and the sum of the scores of one tile.
//
// A score's bin is estimated arithmetically and corrected by comparing with the edges, so the counts are exact. Sums add scores
// rounded to a multiple of 2^-33. They are exact, and therefore the same in any order, for up to the 2^19 scores of the largest
// tile.

import { loadPair } from './lane-moves';

/** Adding and subtracting this rounds to a multiple of 2^-33. */
export const SUM_ROUNDER: f64 = 786432; // 1.5 * 2^19

/**
 * Counts the scores of a tile (row-major, no gaps; in a triangle, those below the diagonal) in u32 bins: bin b counts edges[b]
 * <= score < edges[b + 1]. `edges` has bins + 2 ascending f64 values, evenly spaced from -1 to 1 except for the last, which is
 * Infinity: an additional bin counts scores of exactly 1. Odd scores of a row are counted in a second table `tableBytes`
 * further (0: in the same one), which is added to the first at the end. Writes minimum, maximum and sum as f64 to `totals`.
 */
export function countScores<T>(
  scores: usize, rows: i32, cols: i32, triangle: bool, edges: usize, bins: i32, table: usize, tableBytes: usize, totals: usize,
): void {
  const odd = table + tableBytes;
  memory.fill(table, 0, ((bins as usize) + 1) * 4 + tableBytes);
  const one = f64x2.splat(1), half = f64x2.splat((bins as f64) / 2), rounder = f64x2.splat(SUM_ROUNDER);
  let lowest = f64x2.splat(Infinity), highest = f64x2.splat(-Infinity), sum = f64x2.splat(0);
  for (let row = 0; row < rows; row++, scores += (cols as usize) * sizeof<T>()) {
    const colEnd = triangle ? row : cols;
    let at = scores;
    let col = 0;
    for (; col + 2 <= colEnd; col += 2, at += 2 * sizeof<T>()) {
      const pair = loadPair<T>(at);
      const guess = i32x4.trunc_sat_f64x2_s_zero(f64x2.mul(f64x2.add(pair, one), half));
      count(table, edges, i32x4.extract_lane(guess, 0), f64x2.extract_lane(pair, 0));
      count(odd, edges, i32x4.extract_lane(guess, 1), f64x2.extract_lane(pair, 1));
      lowest = f64x2.pmin(lowest, pair);
      highest = f64x2.pmax(highest, pair);
      sum = f64x2.add(sum, f64x2.sub(f64x2.add(pair, rounder), rounder));
    }
    if (col < colEnd) {
      const score = load<T>(at) as f64;
      count(table, edges, ((score + 1) * ((bins as f64) / 2)) as i32, score);
      lowest = f64x2.pmin(lowest, f64x2.splat(score));
      highest = f64x2.pmax(highest, f64x2.splat(score));
      sum = f64x2.add(sum, f64x2.replace_lane(f64x2.splat(0), 0, (score + SUM_ROUNDER) - SUM_ROUNDER));
    }
  }
  if (tableBytes) for (let bin: usize = 0; bin <= (bins as usize); bin++) {
    store<u32>(table + bin * 4, load<u32>(table + bin * 4) + load<u32>(odd + bin * 4));
  }
  store<f64>(totals, min(f64x2.extract_lane(lowest, 0), f64x2.extract_lane(lowest, 1)));
  store<f64>(totals, max(f64x2.extract_lane(highest, 0), f64x2.extract_lane(highest, 1)), 8);
  store<f64>(totals, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1), 16);
}

// @ts-ignore: decorator
@inline function count(table: usize, edges: usize, guess: i32, score: f64): void {
  const edge = edges + ((guess as usize) << 3);
  const bin = guess + ((score >= load<f64>(edge, 8)) as i32) - ((score < load<f64>(edge)) as i32);
  const cell = table + ((bin as usize) << 2);
  store<u32>(cell, load<u32>(cell) + 1);
}
