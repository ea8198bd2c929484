// Turns a sum into a score.
//
// A score is the sum times the product of the two inverse norms, which does not depend on which row comes first. A score that
// reaches the guard of either row becomes exactly 1 (or -1). By the Cauchy-Schwarz inequality, only rows that are parallel up
// to rounding reach it; equal rows always do, and the same comparison catches everything that rounding pushed past 1.

#pragma once

#include "table.h"
#include "vector.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

ALLPAIRS_INLINE float absolute(float value) { return __builtin_fabsf(value); }
ALLPAIRS_INLINE double absolute(double value) { return __builtin_fabs(value); }

/** Returns the score of one row and one column. */
template <class T>
ALLPAIRS_INLINE T scoreOne(T sum, T rowInverse, T colInverse, T rowGuard, T colGuard) {
  const T score = sum * (rowInverse * colInverse);
  if (absolute(score) < rowGuard && absolute(score) < colGuard) return score;
  return score < 0 ? T(-1) : T(1);
}

/** Replaces the sums of one row up to `cols`, rounded up to whole vectors, by scores. */
template <class T>
ALLPAIRS_INLINE void scoreRow(T* sums, T inverse, T guard, const T* colInverses, const T* colGuards, int cols) {
  const Vector<T> inverses = splat<T>(inverse), guards = splat<T>(guard);
  for (int col = 0; col < cols; col += LANES<T>) {
    const Vector<T> score = load<T>(sums + col) * (inverses * load<T>(colInverses + col));
    store<T>(sums + col, score);
    const Vector<T> size = absolute<T>(score);
    uint32_t ones = movemaskGreaterEqual(size, guards) | movemaskGreaterEqual(size, load<T>(colGuards + col));
    for (; __builtin_expect(ones != 0, 0); ones &= ones - 1) {
      T* one = sums + col + __builtin_ctz(ones);
      *one = *one < 0 ? T(-1) : T(1);
    }
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
