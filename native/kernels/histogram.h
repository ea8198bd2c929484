// The histogram epilogue: counts, extremes and the sum of the scores of one tile.
//
// A score's bin is estimated arithmetically and corrected by comparing with the edges, so the counts are exact. Sums add scores
// rounded to a multiple of 1 / SUM_UNITS and are therefore the same in any order.

#pragma once

#include "score.h"
#include "table.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Adding and subtracting this rounds to a multiple of 1 / SUM_UNITS. */
constexpr double ROUNDER = 1.5 * 4503599627370496.0 / SUM_UNITS;

/**
 * Turns the sums of a tile into scores and adds them (in a triangle, those below the diagonal) to `counts`: bin b counts
 * edges[b] <= score < edges[b + 1]. `edges` has bins + 2 ascending values, evenly spaced from -1 to 1 except for the last,
 * which is infinite: an additional bin counts scores of exactly 1. Odd scores of a row are counted `oddTable` cells further (0:
 * in the same cells), so that neighbouring scores need not wait for each other.
 */
template <class T>
Totals countScores(const Sums<T>& sums, const double* edges, size_t bins, uint64_t* counts, size_t oddTable) {
  const double half = double(bins) / 2;
  double lowest = __builtin_inf(), highest = -__builtin_inf();
  int64_t sum = 0;
  for (int row = 0; row < sums.rows; row++) {
    T* at = sums.at + size_t(row) * sums.stride;
    const int colEnd = sums.triangle ? row : sums.cols;
    scoreRow<T>(at, sums.rowInverses[row], sums.rowGuards[row], sums.colInverses, sums.colGuards, colEnd);
    double rowSum = 0;
    for (int col = 0; col < colEnd; col++) {
      const double score = at[col];
      size_t bin = size_t((score + 1) * half);
      bin += size_t(score >= edges[bin + 1]) - size_t(score < edges[bin]);
      counts[bin + (col & 1 ? oddTable : 0)]++;
      lowest = score < lowest ? score : lowest;
      highest = score > highest ? score : highest;
      rowSum += (score + ROUNDER) - ROUNDER;
    }
    // Exact, because a row of a tile has fewer than 2^19 scores.
    sum += int64_t(rowSum * SUM_UNITS);
  }
  return {lowest, highest, sum};
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
