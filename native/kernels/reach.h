// The quick look that lets almost every score of a tile go: one panel's width of sums against the limits of their row and
// their columns.
//
// Sums are compared before guards turn some of them into exact ones, and rounding may leave them below -1. So the limit is
// the lower of a bound and the row's guard, and lower than anything where the bound is -1: whatever does not reach its limit
// cannot reach the bound.

#pragma once

#include "score.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** The limit of a row or column with this bound and guard. */
template <class T>
ALLPAIRS_INLINE T limitOf(T bound, T guard) {
  if (bound <= T(-1)) return T(NO_SCORE);
  return bound < guard ? bound : guard;
}

/**
 * Which of a panel's width of sums may be scores that reach their row's or their column's bound: bit c for the c-th. Of what pads
 * the panel, or lies above the diagonal, the sums are arbitrary and so are the bits: who asks must leave those out.
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

/** Sets the limits of what pads the last panel of `count` rows, so that nothing reaches them. */
template <class T>
ALLPAIRS_INLINE void padLimits(T* limits, int count) {
  for (int i = count; i % PANEL_ROWS<T> != 0; i++) limits[i] = T(__builtin_inf());
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
