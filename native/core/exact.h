// Decides without rounding whether the cosine of two rows reaches a threshold, for the few pairs that the kernels leave
// undecided (settle.h). src/rows/exact-cosine.ts does the same in TypeScript.

#pragma once

#include <stddef.h>

namespace allpairs {

/** A packed row: `depth` elements, `stride` apart. */
template <class T>
struct PackedRow {
  const T* at;
  size_t stride, depth;
};

/** Packed rows side by side in panels of `panelRows`; if this is 1, one after another. */
template <class T>
struct PackedRows {
  const T* begin;
  size_t panelRows, depth;

  PackedRow<T> at(size_t row) const { return {begin + row / panelRows * panelRows * depth + row % panelRows, panelRows, depth}; }
};

/** Returns true if the cosine of a and b, rounded to the nearest float64, is at or above the threshold. */
template <class T>
bool reachesExactly(const PackedRow<T>& a, const PackedRow<T>& b, double threshold);

}  // namespace allpairs
