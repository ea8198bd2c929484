// Packing: raw rows are arranged in panels (depth-major, NR rows side by side), and each row gets its inverse norm and its
// guard.
//
// Packed rows are the input times a power of two that brings their norm into [1, 2): no digit changes, and no product or sum
// can overflow, or underflow with any effect. Norms are float64 sums whatever the input. A row is zero only if every element is
// zero; its inverse norm is 0. Rows that pad the last panel are zero.
//
// The guard of a row is its score with itself as the kernels compute it, at most 1. A score that reaches the guard of either
// row becomes 1 (score.h). Zero rows have guard 2, which no score reaches.

#pragma once

#include "transpose.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

ALLPAIRS_INLINE int exponentOf(double normal) {
  uint64_t bits;
  memcpy(&bits, &normal, sizeof bits);
  return int(bits >> 52) - 1023;
}

ALLPAIRS_INLINE double powerOfTwo(int exponent) {
  const uint64_t bits = uint64_t(exponent + 1023) << 52;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/** Sums the squares of a row in blocks; the order depends only on `depth`. */
template <class S>
ALLPAIRS_INLINE double sumOfSquares(const S* row, size_t depth) {
  constexpr size_t L = LANES<double>;
  double total = 0;
  for (size_t k = 0; k < depth;) {
    const size_t blockEnd = depth - k < 256 ? depth : k + 256;
    Vector<double> part[4] = {};
    for (; k + 4 * L <= blockEnd; k += 4 * L) {
      ALLPAIRS_UNROLL
      for (size_t i = 0; i < 4; i++) {
        const Vector<double> values = loadDoubles<S>(row + k + i * L);
        part[i] = multiplyAdd(values, values, part[i]);
      }
    }
    const Vector<double> parts = (part[0] + part[1]) + (part[2] + part[3]);
    double sum = 0;
    for (size_t i = 0; i < L; i++) sum += parts[i];
    for (; k < blockEnd; k++) sum += double(row[k]) * double(row[k]);
    total += sum;
  }
  return total;
}

/** Writes a row to `to`, multiplied by the power of two that brings `size`, its norm or largest element, near 1. */
template <class S>
void scaleRow(const S* row, size_t depth, double size, S* to) {
  double lift = 1;
  if (size < 0x1p-1022) {
    lift = 0x1p54;  // First out of float64's subnormal range.
    size *= lift;
  }
  const int exponent = exponentOf(size);
  const int half = -exponent >> 1;  // In two steps, because a single factor can lie outside float64.
  const double first = lift * powerOfTwo(half), second = powerOfTwo(-exponent - half);
  for (size_t k = 0; k < depth; k++) to[k] = S(double(row[k]) * first * second);
}

/** Norms of rows of S between this and its reciprocal come from sums of squares that neither overflow nor lose digits. */
template <class S>
constexpr double SAFE_NORM = sizeof(S) == 4 ? 0x1p120 : 0x1p400;

/**
 * Returns the norm of a row whose sum of squares is outside the safe range; -1 if an element is not finite. A row so large or
 * small that its norm, or the factor to undo it, lies outside S is first scaled into `spare`, which changes no digit, and `row`
 * then points there.
 */
template <class S>
double normOfUnusual(const S*& row, size_t depth, S* spare) {
  double largest = 0;
  for (size_t k = 0; k < depth; k++) {
    const double size = __builtin_fabs(double(row[k]));
    if (!(size <= __DBL_MAX__)) return -1;
    largest = size > largest ? size : largest;
  }
  if (largest == 0) return 0;
  scaleRow<S>(row, depth, largest, spare);
  row = spare;
  return __builtin_sqrt(sumOfSquares<S>(row, depth));
}

/** Returns a vector of elements of S, scaled, as T. */
template <class S, class T>
ALLPAIRS_INLINE Vector<T> loadScaled(const S* from, S factor) {
  if constexpr (sizeof(S) == sizeof(T)) {
    return loadUnaligned<T>(from) * splat<T>(factor);
  } else if constexpr (sizeof(T) == 8) {
    return loadDoubles<S>(from) * splat<double>(factor);
  } else {
    constexpr int L = LANES<double>;
    typedef float halfVector __attribute__((vector_size(VECTOR_BYTES / 2)));
    const halfVector low = __builtin_convertvector(loadDoubles<S>(from) * splat<double>(factor), halfVector);
    const halfVector high = __builtin_convertvector(loadDoubles<S>(from + L) * splat<double>(factor), halfVector);
    Vector<T> both;
    memcpy(&both, &low, sizeof low);
    memcpy(reinterpret_cast<char*>(&both) + sizeof low, &high, sizeof high);
    return both;
  }
}

/**
 * A row's score with itself is 1 up to rounding, unless another thread wrote to the row (in a SharedArrayBuffer) after its norm
 * was computed. Below this limit sums stay finite, so scores are numbers from -1 to 1, which a histogram needs to find their
 * bins.
 */
constexpr int MAX_OWN_SCORE = 4;

/**
 * Writes the scores of a panel's rows with themselves, added in the micro-kernel's order. Returns -1, or the first row that
 * changed while it was packed.
 */
template <class T>
int writeGuards(const T* panel, size_t depth, const T* inverses, T* guards) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  Vector<T> totals[V] = {};
  for (size_t k = 0; k < depth; k += DEPTH_BLOCK) {
    const T* end = panel + (depth - k < DEPTH_BLOCK ? depth - k : size_t(DEPTH_BLOCK)) * NR;
    Vector<T> sums[V] = {};
    for (; panel != end; panel += NR) {
      ALLPAIRS_UNROLL
      for (int v = 0; v < V; v++) {
        const Vector<T> values = load<T>(panel + v * L);
        sums[v] = multiplyAdd(values, values, sums[v]);
      }
    }
    for (int v = 0; v < V; v++) totals[v] += sums[v];
  }
  int changed = -1;
  for (int i = 0; i < NR; i++) {
    const T own = totals[i / L][i % L] * (inverses[i] * inverses[i]);
    guards[i] = inverses[i] == 0 ? T(2) : own < 1 ? own : T(1);
    if (!(own < MAX_OWN_SCORE) && changed < 0) changed = i;
  }
  return changed;
}

/** Packs row `r` of a panel as a zero row. */
template <class T>
void clearRow(T* panel, size_t depth, int r, T* inverses, T* guards) {
  constexpr int NR = PANEL_ROWS<T>;
  for (size_t k = 0; k < depth; k++) panel[k * NR + size_t(r)] = 0;
  inverses[r] = 0;
  guards[r] = 2;
}

/**
 * Packs one panel from `count` contiguous rows of S (at most NR) at `rows`, which are not changed; writes an inverse norm and a
 * guard for every row of the panel. `spare` is scratch memory for NR rows of S. Returns -1, or the first row that contains a
 * NaN or an infinity, or that changed meanwhile; with `zeroNonFinite`, such rows are zero rows.
 */
template <class S, class T>
int packPanel(const S* rows, int count, size_t depth, T* panel, T* inverses, T* guards, S* spare, bool zeroNonFinite) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  const S* from[NR];
  double norms[NR];
  S factors[NR];
  for (int r = 0; r < count; r++) {
    from[r] = rows + size_t(r) * depth;
    norms[r] = sumOfSquares<S>(from[r], depth);
  }
  for (int r = 0; r < count; r++) norms[r] = __builtin_sqrt(norms[r]);
  const S* zeros = nullptr;
  for (int r = 0; r < NR; r++) {
    S* own = spare + size_t(r) * depth;
    if (r >= count) {
      norms[r] = 0;
    } else if (!(norms[r] < SAFE_NORM<S> && norms[r] > 1 / SAFE_NORM<S>)) {
      norms[r] = normOfUnusual<S>(from[r], depth, own);
      if (!(norms[r] >= 0) && !zeroNonFinite) return r;
    }
    if (norms[r] > 0) continue;
    // Missing rows, and rows that count as zero, are read as zeros from one place.
    if (!zeros) {
      memset(own, 0, depth * sizeof(S));
      zeros = own;
    }
    from[r] = zeros;
    norms[r] = 0;
  }
  for (int r = 0; r < NR; r++) {
    const int exponent = exponentOf(norms[r]);
    factors[r] = norms[r] == 0 ? S(1) : S(powerOfTwo(-exponent));
    inverses[r] = norms[r] == 0 ? T(0) : T(powerOfTwo(exponent) / norms[r]);
  }
  size_t k = 0;
  for (T* to = panel; k + L <= depth; k += L, to += L * NR) {
    for (int v = 0; v < V; v++) {
      Vector<T> block[L] = {};
      if (v * L < count) {
        ALLPAIRS_UNROLL
        for (int i = 0; i < L; i++) block[i] = loadScaled<S, T>(from[v * L + i] + k, factors[v * L + i]);
        transpose<T>(block);
      }
      ALLPAIRS_UNROLL
      for (int i = 0; i < L; i++) store<T>(to + i * NR + v * L, block[i]);
    }
  }
  for (; k < depth; k++) {
    for (int r = 0; r < NR; r++) panel[k * NR + size_t(r)] = T(from[r][k] * factors[r]);
  }
  for (;;) {
    const int changed = writeGuards<T>(panel, depth, inverses, guards);
    if (changed < 0 || !zeroNonFinite) return changed;
    clearRow<T>(panel, depth, changed, inverses, guards);
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
