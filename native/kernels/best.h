// The top-k epilogue: finds the best scores of each row and of each column in a tile of sums, as far as they can still matter.
//
// Each row and each column has a bound, below which a score is useless to it, and a list of at most `capacity` scores, kept as
// a binary heap with the worst score at the root. A full list raises the bound to its worst score. Equal scores rank by lower
// index; columns and rows arrive in ascending order, so a full list never takes an equal score.

#pragma once

#include "counts.h"
#include "heap.h"
#include "reach.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Offers a score that reaches the bound to list `owner`. */
template <class T>
void offer(const Lists<T>& lists, int owner, size_t capacity, T guard, T score, uint32_t index) {
  T* scores = lists.scores + size_t(owner) * capacity;
  uint32_t* indices = lists.indices + size_t(owner) * capacity;
  const size_t count = lists.counts[owner];
  if (count < capacity) {
    lists.counts[owner] = uint32_t(count + 1);
    siftUp<T>(scores, indices, count, score, index);
    if (count + 1 < capacity) return;
  } else {
    if (score <= scores[0]) return;
    siftDown<T>(scores, indices, capacity, score, index);
  }
  lists.bounds[owner] = scores[0];
  lists.limits[owner] = limitOf<T>(scores[0], guard);
}

/** Empties `count` lists and sets their limits. */
template <class T>
void beginLists(const Lists<T>& lists, const T* guards, int count) {
  memset(lists.counts, 0, size_t(count) * sizeof(uint32_t));
  for (int owner = 0; owner < count; owner++) lists.limits[owner] = limitOf<T>(lists.bounds[owner], guards[owner]);
  padLimits<T>(lists.limits, count);
}

/**
 * Fills the lists of every row (with column indices) and every column (with row indices) of a tile with the scores that reach
 * their bounds and whose pairs count; in a triangle, only with scores below the diagonal.
 */
template <class T>
void findBest(const Sums<T>& sums, const Lists<T>& ofRows, const Lists<T>& ofCols, size_t capacity) {
  constexpr int NR = PANEL_ROWS<T>;
  beginLists<T>(ofRows, sums.rowGuards, sums.rows);
  beginLists<T>(ofCols, sums.colGuards, sums.cols);
  for (int row = 0; row < sums.rows; row++) {
    const T* at = sums.at + size_t(row) * sums.stride;
    const T inverse = sums.rowInverses[row], guard = sums.rowGuards[row];
    const Vector<T> inverses = splat<T>(inverse);
    Vector<T> limit = splat<T>(ofRows.limits[row]);
    const int colEnd = sums.triangle ? row : sums.cols;
    for (int col = 0; col < colEnd; col += NR) {
      uint64_t which = whichMayReach<T>(at + col, inverses, sums.colInverses + col, limit, ofCols.limits + col);
      if (__builtin_expect(which == 0, 1)) continue;
      for (; which != 0; which &= which - 1) {
        const int c = col + __builtin_ctzll(which);
        if (c >= colEnd) break;
        if (!countsAsPair(sums.groups, size_t(row), size_t(c))) continue;
        const T colGuard = sums.colGuards[c];
        const T score = scoreOne<T>(at[c], inverse, sums.colInverses[c], guard, colGuard);
        if (score >= ofRows.bounds[row]) offer<T>(ofRows, row, capacity, guard, score, uint32_t(c));
        if (score >= ofCols.bounds[c]) offer<T>(ofCols, c, capacity, colGuard, score, uint32_t(row));
      }
      limit = splat<T>(ofRows.limits[row]);
    }
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
