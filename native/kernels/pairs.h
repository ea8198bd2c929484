// The threshold epilogue: finds the few scores of a tile of sums that reach a threshold.

#pragma once

#include "counts.h"
#include "reach.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/**
 * Writes row, column (counted from the tile's corner) and score of every score >= `threshold` whose pair counts, row by row; in
 * a triangle, only of those below the diagonal. Returns their number. `limits` is scratch memory for one value per column, up
 * to whole panels; there must be space for one hit more than the tile has scores.
 */
template <class T>
size_t findPairs(const Sums<T>& sums, T threshold, T* limits, uint32_t* hitRows, uint32_t* hitCols, T* hitScores) {
  constexpr int NR = PANEL_ROWS<T>;
  for (int col = 0; col < sums.cols; col++) limits[col] = limitOf<T>(threshold, sums.colGuards[col]);
  padLimits<T>(limits, sums.cols);
  size_t hits = 0;
  for (int row = 0; row < sums.rows; row++) {
    const T* at = sums.at + size_t(row) * sums.stride;
    const T inverse = sums.rowInverses[row], guard = sums.rowGuards[row];
    const Vector<T> inverses = splat<T>(inverse), limit = splat<T>(limitOf<T>(threshold, guard));
    const int colEnd = sums.triangle ? row : sums.cols;
    for (int col = 0; col < colEnd; col += NR) {
      uint64_t which = whichMayReach<T>(at + col, inverses, sums.colInverses + col, limit, limits + col);
      for (; __builtin_expect(which != 0, 0); which &= which - 1) {
        const int c = col + __builtin_ctzll(which);
        if (c >= colEnd) break;
        const T score = scoreOne<T>(at[c], inverse, sums.colInverses[c], guard, sums.colGuards[c]);
        hitRows[hits] = uint32_t(row);
        hitCols[hits] = uint32_t(c);
        hitScores[hits] = score;
        hits += score >= threshold && countsAsPair(sums.groups, size_t(row), size_t(c));
      }
    }
  }
  return hits;
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
