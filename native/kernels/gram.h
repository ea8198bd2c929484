// The sums of one Gram tile: the micro-kernel holds a block of MR x NR sums in registers over one depth block, the
// macro-kernel walks it over the tile.
//
// A and B are panels in the same layout (depth-major, NR rows side by side), so x against itself needs one packed copy: a
// micro-panel of A is MR neighbouring columns of a panel. Products are added in order of depth, one sum to a pair, whatever
// the tile: a sum depends on the two rows alone. (The loop nest is that of Goto and van de Geijn: Anatomy of
// High-Performance Matrix Multiplication, ACM TOMS 2008, with the second-level cache holding a depth block of A.)

#pragma once

#include "vector.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** sums[MR][NR] (+)= A[depth][MR] B[depth][NR]; rows of sums are `stride` elements apart. */
template <class T>
ALLPAIRS_INLINE void microKernel(const T* a, const T* b, T* sums, size_t stride, int depth, bool add) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  Vector<T> c[MR][V] = {};
  for (int m = 0; m < MR; m++) __builtin_prefetch(sums + size_t(m) * stride, 1);
  // Unrolled: the end of a loop of so few steps is then foreseen.
  _Pragma("GCC unroll 4")
  for (int k = 0; k < depth; k++, a += NR, b += NR) {
    Vector<T> bv[V];
    ALLPAIRS_UNROLL
    for (int v = 0; v < V; v++) bv[v] = load<T>(b + v * L);
    ALLPAIRS_UNROLL
    for (int m = 0; m < MR; m++) {
      const Vector<T> av = splat<T>(a[m]);
      ALLPAIRS_UNROLL
      for (int v = 0; v < V; v++) c[m][v] = multiplyAdd(av, bv[v], c[m][v]);
    }
  }
  ALLPAIRS_UNROLL
  for (int m = 0; m < MR; m++) {
    ALLPAIRS_UNROLL
    for (int v = 0; v < V; v++) {
      T* to = sums + size_t(m) * stride + v * L;
      store<T>(to, add ? load<T>(to) + c[m][v] : c[m][v]);
    }
  }
}

/** Memory that will be read soon, fetched a little with each micro-kernel. */
struct Ahead {
  const char* at;
  size_t step;

  ALLPAIRS_INLINE void fetch() {
    for (const char* end = at + step; at < end; at += 64) __builtin_prefetch(at, 0, 2);
  }
};

template <class T>
ALLPAIRS_INLINE Ahead fetchAhead(const T* from, size_t count, int steps) {
  return {reinterpret_cast<const char*>(from), (count * sizeof(T) / size_t(steps) + 63) / 64 * 64};
}

/** One micro-panel of B, which stays in the first-level cache, against `rows` rows of A, for one depth block. */
template <class T>
void gramColumn(const T* a, const T* b, T* sums, size_t stride, int rows, size_t panelSize, int depth, bool add, Ahead nextA, Ahead nextB) {
  constexpr int NR = PANEL_ROWS<T>;
  for (int row = 0; row < rows; row += NR, a += panelSize) {
    const int left = rows - row < NR ? rows - row : NR;
    for (int i = 0; i < left; i += MR, sums += MR * stride) {
      nextA.fetch();
      nextB.fetch();
      microKernel<T>(a + i, b, sums, stride, depth, add);
    }
  }
}

/**
 * sums[rows][cols] = A Bᵀ for panels A and B of `depth`. Rows of sums are `stride` elements apart, a whole number of
 * panels. In a triangle (B is A) only the panels on and below the diagonal are written. Padding columns are written, padding
 * rows up to the next MR.
 */
template <class T>
void gramTile(const T* a, const T* b, T* sums, size_t stride, int rows, int cols, int depth, bool triangle) {
  constexpr int NR = PANEL_ROWS<T>;
  const size_t panelSize = size_t(depth) * NR;
  int k = 0;
  // At least once, so that depth 0 leaves zeros.
  do {
    const int block = depth - k < DEPTH_BLOCK ? depth - k : DEPTH_BLOCK;
    const T *from = a + size_t(k) * NR, *across = b + size_t(k) * NR;
    for (int col = 0; col < cols; col += NR, across += panelSize) {
      const int first = triangle ? col : 0;
      const int calls = (rows - first + MR - 1) / MR;
      const T* nb = col + NR < cols ? across + panelSize : b + size_t(k + block) * NR;
      const T* na = from + size_t(col % rows / NR) * panelSize + size_t(block) * NR;
      gramColumn<T>(from + size_t(first / NR) * panelSize, across, sums + size_t(first) * stride + col, stride, rows - first,
                    panelSize, block, k > 0, fetchAhead<T>(na, size_t(block) * NR, calls), fetchAhead<T>(nb, size_t(block) * NR, calls));
    }
    k += DEPTH_BLOCK;
  } while (k < depth);
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
