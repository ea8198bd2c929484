// The product of two contiguous rows, with its terms in whatever order is fastest.

#pragma once

#include "vector.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Number of vectors of sums of a quick product, and of each product if several share a row. */
constexpr size_t QUICK_SUMS = 4, SHARED_SUMS = 2;
/** Number of rows whose products with one row are summed together. */
constexpr size_t SHARING = 4;
/** Number of cache lines of a row that are prefetched. */
constexpr size_t PREFETCHED_LINES = 8;

/** Returns the sum of a vector's elements by repeated halving, so that fewer additions wait for each other. */
template <class T>
ALLPAIRS_INLINE T sumOf(Vector<T> vector) {
  T lanes[LANES<T>];
  storeUnaligned<T>(lanes, vector);
  ALLPAIRS_UNROLL
  for (int half = LANES<T> / 2; half > 0; half /= 2) {
    ALLPAIRS_UNROLL
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

/** Returns the largest error of a quick product of rows of length 1. */
template <class T>
double quickError(size_t depth) {
  const double roundings = double(depth) / (SHARED_SUMS * LANES<T>) + 3 * LANES<T> + 8;
  return 1.01 * roundings * (sizeof(T) == 8 ? 0x1p-53 : 0x1p-24);
}

/** Returns the product of two rows, in any order. */
template <class T>
ALLPAIRS_INLINE T quickProduct(const T* a, const T* b, size_t depth) {
  constexpr size_t L = size_t(LANES<T>), SUMS = QUICK_SUMS;
  Vector<T> sums[SUMS] = {};
  size_t k = 0;
  for (; k + SUMS * L <= depth; k += SUMS * L) {
    ALLPAIRS_UNROLL
    for (size_t i = 0; i < SUMS; i++) sums[i] = multiplyAdd(loadUnaligned<T>(a + k + i * L), loadUnaligned<T>(b + k + i * L), sums[i]);
  }
  for (; k + L <= depth; k += L) sums[0] = multiplyAdd(loadUnaligned<T>(a + k), loadUnaligned<T>(b + k), sums[0]);
  T product = sumOf<T>((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; k < depth; k++) product += a[k] * b[k];
  return product;
}

/**
 * Computes the products of one row with SHARING others, which is faster than one by one because its elements are loaded once.
 */
template <class T>
ALLPAIRS_INLINE void quickProducts(const T* a, const T* const* b, size_t depth, T* products) {
  constexpr size_t L = size_t(LANES<T>), SUMS = SHARED_SUMS;
  Vector<T> sums[SHARING][SUMS] = {};
  size_t k = 0;
  for (; k + SUMS * L <= depth; k += SUMS * L) {
    ALLPAIRS_UNROLL
    for (size_t i = 0; i < SUMS; i++) {
      const Vector<T> shared = loadUnaligned<T>(a + k + i * L);
      ALLPAIRS_UNROLL
      for (size_t j = 0; j < SHARING; j++) sums[j][i] = multiplyAdd(shared, loadUnaligned<T>(b[j] + k + i * L), sums[j][i]);
    }
  }
  ALLPAIRS_UNROLL
  for (size_t j = 0; j < SHARING; j++) {
    T product = sumOf<T>(sums[j][0] + sums[j][1]);
    for (size_t at = k; at < depth; at++) product += a[at] * b[j][at];
    products[j] = product;
  }
}

/**
 * Computes the products of `count` pairs of rows, ordered by row, and calls `take(row, col, product)` for each. Rows are
 * contiguous at `a`, columns at `b`.
 */
template <class T, class Take>
ALLPAIRS_INLINE void eachQuickProduct(const T* a, const T* b, size_t depth, size_t count, const uint32_t* rows, const uint32_t* cols, Take take) {
  const auto prefetch = [&](size_t at) {
    if (at >= count) return;
    for (size_t line = 0; line < PREFETCHED_LINES; line++) __builtin_prefetch(b + cols[at] * depth + line * (64 / sizeof(T)));
  };
  for (size_t at = 0; at < count;) {
    const uint32_t row = rows[at];
    if (at + SHARING > count || rows[at + SHARING - 1] != row) {
      prefetch(at + 1);
      const uint32_t col = cols[at++];
      take(row, col, quickProduct<T>(a + row * depth, b + col * depth, depth));
      continue;
    }
    uint32_t shared[SHARING];
    const T* others[SHARING];
    for (size_t i = 0; i < SHARING; i++) {
      prefetch(at + SHARING + i);
      shared[i] = cols[at + i];
      others[i] = b + shared[i] * depth;
    }
    T products[SHARING];
    quickProducts<T>(a + row * depth, others, depth, products);
    for (size_t i = 0; i < SHARING; i++) take(row, shared[i], products[i]);
    at += SHARING;
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
