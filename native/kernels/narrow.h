// Selects, among the pairs that short sketches leave, those that long sketches leave too. Long sketches are stored one after
// another, so that single pairs can be looked up.

#pragma once

#include "quick.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/**
 * Keeps those of `count` pairs, ordered by row, whose long sketches at `a` and `b` have a product >= `boundOf(row, col)`;
 * returns their number.
 */
template <class T, class BoundOf>
ALLPAIRS_INLINE size_t narrow(const T* a, const T* b, size_t depth, size_t count, uint32_t* hitRows, uint32_t* hitCols, BoundOf boundOf) {
  size_t kept = 0;
  eachQuickProduct<T>(a, b, depth, count, hitRows, hitCols, [&](uint32_t row, uint32_t col, T product) {
    hitRows[kept] = row;
    hitCols[kept] = col;
    kept += !(product < boundOf(row, col));
  });
  return kept;
}

template <class T>
size_t narrowPairs(const T* a, const T* b, size_t depth, T lowest, size_t count, uint32_t* hitRows, uint32_t* hitCols) {
  return narrow<T>(a, b, depth, count, hitRows, hitCols, [&](uint32_t, uint32_t) { return lowest; });
}

/** The same for lists, with the limits that filterCandidates leaves. */
template <class T>
size_t narrowCandidates(const T* a, const T* b, size_t depth, const T* rowLimits, const T* colLimits, size_t count, uint32_t* hitRows,
                        uint32_t* hitCols) {
  return narrow<T>(a, b, depth, count, hitRows, hitCols,
                   [&](uint32_t row, uint32_t col) { return rowLimits[row] < colLimits[col] ? rowLimits[row] : colLimits[col]; });
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
