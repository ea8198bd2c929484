// The quick test that dismisses almost every score of a tile: it compares one panel's width of sums with the limits of their
// row and their columns.
//
// Sums are compared before guards make some of them exact, and rounding may leave them below -1. The limit is therefore the
// lower of a bound and the row's guard, and lower than anything if the bound is -1. A sum that does not reach its limit cannot
// reach the bound.

#pragma once

#include "score.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Returns the limit of a row or column with this bound and guard. */
template <class T>
ALLPAIRS_INLINE T limitOf(T bound, T guard) {
  if (bound <= T(-1)) return T(NO_SCORE);
  return bound < guard ? bound : guard;
}

/**
 * Returns which of a panel's width of sums may be scores that reach the bound of their row or column: bit c for the c-th. For
 * padding, and above the diagonal, the sums are arbitrary and so are the bits, which the caller must ignore.
 */
template <class T>
ALLPAIRS_INLINE uint64_t whichMayReach(const T* sums, Vector<T> rowInverse, const T* colInverses, Vector<T> rowLimit, const T* colLimits) {
  uint64_t which = 0;
  ALLPAIRS_UNROLL
  for (int v = 0; v < V; v++) {
    const int at = v * LANES<T>;
    const Vector<T> score = load<T>(sums + at) * (rowInverse * load<T>(colInverses + at));
    which |= uint64_t(movemaskGreaterEqual(score, rowLimit) | movemaskGreaterEqual(score, load<T>(colLimits + at))) << at;
  }
  return which;
}

/** Sets the limits of the padding in the last panel of `count` rows, so that nothing reaches them. */
template <class T>
ALLPAIRS_INLINE void padLimits(T* limits, int count) {
  for (int i = count; i % PANEL_ROWS<T> != 0; i++) limits[i] = T(__builtin_inf());
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
