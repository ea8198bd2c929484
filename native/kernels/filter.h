// Finds the pairs of a tile that their bounds do not exclude. If a few percent of them remain, branches would be unpredictable.
// Hits are therefore written eight at a time, and the count advances by the number of real ones.

#pragma once

#include "reach.h"
#include "table.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** For each byte: the positions of its set bits, lowest first. */
struct BitPlaces {
  uint8_t of[256][8];

  constexpr BitPlaces() : of() {
    for (int byte = 0; byte < 256; byte++) {
      int count = 0;
      for (int bit = 0; bit < 8; bit++) {
        if (byte >> bit & 1) of[byte][count++] = uint8_t(bit);
      }
    }
  }
};

constexpr BitPlaces BIT_PLACES;

/**
 * Leaves the pairs of a tile as hits, row by row, for which `reaches(row, col, bounds)` sets a bit, given the bounds of a row
 * from a column on; in a triangle, only pairs below the diagonal. Returns their number. There must be space for as many hits as
 * the tile has pairs, plus FILTER_SPARE.
 */
template <class T, class Reaches>
ALLPAIRS_INLINE size_t filter(const Sums<T>& bounds, uint32_t* hitRows, uint32_t* hitCols, Reaches reaches) {
  constexpr int NR = PANEL_ROWS<T>;
  size_t hits = 0;
  for (int row = 0; row < bounds.rows; row++) {
    const T* at = bounds.at + size_t(row) * bounds.stride;
    const int colEnd = bounds.triangle ? row : bounds.cols;
    for (int col = 0; col < colEnd; col += NR) {
      uint64_t which = 0;
      ALLPAIRS_UNROLL
      for (int v = 0; v < NR; v += LANES<T>) which |= uint64_t(reaches(row, col + v, load<T>(at + col + v))) << v;
      if (colEnd - col < NR) which &= (uint64_t(1) << (colEnd - col)) - 1;
      if (which == 0) continue;
      ALLPAIRS_UNROLL
      for (int byte = 0; byte < NR; byte += 8) {
        const uint32_t bits = uint32_t(which >> byte) & 255;
        const uint8_t* places = BIT_PLACES.of[bits];
        for (size_t i = 0; i < 8; i++) {
          hitRows[hits + i] = uint32_t(row);
          hitCols[hits + i] = uint32_t(col + byte) + places[i];
        }
        hits += size_t(__builtin_popcount(bits));
      }
    }
  }
  return hits;
}

/** Finds the pairs whose bound is >= `lowest`. */
template <class T>
size_t filterPairs(const Sums<T>& bounds, T lowest, uint32_t* hitRows, uint32_t* hitCols) {
  const Vector<T> limit = splat<T>(lowest);
  return filter<T>(bounds, hitRows, hitCols, [&](int, int, Vector<T> some) { return movemaskGreaterEqual(some, limit); });
}

/**
 * Finds the pairs whose bound, within `slack`, reaches the list of their row or of their column. Afterwards the limits of the
 * lists apply to bounds.
 */
template <class T>
size_t filterCandidates(const Sums<T>& bounds, T slack, const Lists<T>& ofRows, const Lists<T>& ofCols, uint32_t* hitRows, uint32_t* hitCols) {
  const auto limitOfBound = [&](T bound) { return bound <= T(-1) ? T(NO_SCORE) : bound - slack; };
  for (int row = 0; row < bounds.rows; row++) ofRows.limits[row] = limitOfBound(ofRows.bounds[row]);
  for (int col = 0; col < bounds.cols; col++) ofCols.limits[col] = limitOfBound(ofCols.bounds[col]);
  padLimits<T>(ofCols.limits, bounds.cols);
  return filter<T>(bounds, hitRows, hitCols, [&](int row, int col, Vector<T> some) {
    return movemaskGreaterEqual(some, splat<T>(ofRows.limits[row])) | movemaskGreaterEqual(some, load<T>(ofCols.limits + col));
  });
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
