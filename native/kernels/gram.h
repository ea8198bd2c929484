// Computes the sums of one Gram tile. The micro-kernel holds a block of MR x NR sums in registers over one depth block; the
// macro-kernel applies it to the whole tile.
//
// A and B are panels in the same layout (depth-major, NR rows side by side), so a self-comparison needs one packed copy: a
// micro-panel of A is MR neighbouring columns of a panel. Products are added in order of depth, one sum per pair, whatever the
// tile, so a sum depends only on its two rows. (The loop nest follows Goto and van de Geijn: Anatomy of High-Performance Matrix
// Multiplication, ACM TOMS 2008, with a depth block of A in the second-level cache.)

#pragma once

#include "vector.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** sums[M][W vectors] (+)= A[depth][M] B[depth][W vectors of NR]; rows of sums are `stride` elements apart. */
template <class T, int W, int M = MR>
ALLPAIRS_INLINE void microKernel(const T* a, const T* b, T* sums, size_t stride, int depth, bool add) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  Vector<T> c[M][W] = {};
  for (int m = 0; m < M; m++) __builtin_prefetch(sums + size_t(m) * stride, 1);
  // Unrolled, so that the end of such a short loop is predicted.
  _Pragma("GCC unroll 4")
  for (int k = 0; k < depth; k++, a += NR, b += NR) {
    Vector<T> bv[W];
    ALLPAIRS_UNROLL
    for (int v = 0; v < W; v++) bv[v] = load<T>(b + v * L);
    ALLPAIRS_UNROLL
    for (int m = 0; m < M; m++) {
      const Vector<T> av = splat<T>(a[m]);
      ALLPAIRS_UNROLL
      for (int v = 0; v < W; v++) c[m][v] = multiplyAdd(av, bv[v], c[m][v]);
    }
  }
  ALLPAIRS_UNROLL
  for (int m = 0; m < M; m++) {
    ALLPAIRS_UNROLL
    for (int v = 0; v < W; v++) {
      T* to = sums + size_t(m) * stride + v * L;
      store<T>(to, add ? load<T>(to) + c[m][v] : c[m][v]);
    }
  }
}

/** Calls the micro-kernel for the smallest number of vectors that covers `cols` columns. */
template <class T, int W = V>
ALLPAIRS_INLINE void microKernelFor(int cols, const T* a, const T* b, T* sums, size_t stride, int depth, bool add) {
  if constexpr (W > 1) {
    if (cols <= (W - 1) * LANES<T>) {
      microKernelFor<T, W - 1>(cols, a, b, sums, stride, depth, add);
      return;
    }
  }
  microKernel<T, W>(a, b, sums, stride, depth, add);
}

/** Memory that will be read soon, prefetched in small parts with each micro-kernel. */
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

/**
 * Multiplies the first `cols` columns of a micro-panel of B, which stays in the first-level cache, with `rows` rows of A, for
 * one depth block. In a `triangle`, A begins with the same rows, and only columns up to each row's own are needed.
 */
template <class T>
void gramColumn(const T* a, const T* b, T* sums, size_t stride, int rows, int cols, size_t panelSize, int depth, bool triangle, bool add,
                Ahead nextA, Ahead nextB) {
  constexpr int NR = PANEL_ROWS<T>;
  int row = 0;
  if constexpr (2 * MR <= LANES<T>) {
    // At the tip of a triangle, two blocks of one vector take as long as one, because a single block waits for its own sums.
    if (triangle && rows > MR) {
      microKernel<T, 1, 2 * MR>(a, b, sums, stride, depth, add);
      row = 2 * MR;
      sums += row * stride;
    }
  }
  for (; row < rows; row += MR, sums += MR * stride) {
    nextA.fetch();
    nextB.fetch();
    const int wanted = triangle && row + MR < cols ? row + MR : cols;
    microKernelFor<T>(wanted, a + row % NR, b, sums, stride, depth, add);
    if ((row + MR) % NR == 0) a += panelSize;
  }
}

/**
 * Computes sums[rows][cols] = A Bᵀ for the first `depth` elements of the rows in panels A and B, which are `panelSize` elements
 * apart. Rows of sums are `stride` elements apart, a whole number of panels. In a triangle (B is A), only the vectors on and
 * below the diagonal are guaranteed to be written. Vectors that contain only padding are not written; padding rows are, up to
 * the next MR.
 */
template <class T>
void gramTile(const T* a, const T* b, size_t panelSize, T* sums, size_t stride, int rows, int cols, int depth, bool triangle) {
  constexpr int NR = PANEL_ROWS<T>;
  int k = 0;
  // At least once, so that depth 0 gives zeros.
  do {
    const int block = depth - k < DEPTH_BLOCK ? depth - k : DEPTH_BLOCK;
    const T *from = a + size_t(k) * NR, *across = b + size_t(k) * NR;
    for (int col = 0; col < cols; col += NR, across += panelSize) {
      const int first = triangle ? col : 0, width = cols - col < NR ? cols - col : NR;
      // What comes next: the neighbouring panel of B and, in the next depth block, one of the panels of A.
      const size_t blockSize = size_t(block) * NR;
      const int calls = (rows - first + MR - 1) / MR;
      const Ahead nextA = fetchAhead<T>(from + size_t(col % rows / NR) * panelSize + blockSize, blockSize, calls);
      const Ahead nextB = fetchAhead<T>(col + NR < cols ? across + panelSize : b + size_t(k + block) * NR, blockSize, calls);
      gramColumn<T>(from + size_t(first / NR) * panelSize, across, sums + size_t(first) * stride + col, stride, rows - first, width,
                    panelSize, block, triangle, k > 0, nextA, nextB);
    }
    k += DEPTH_BLOCK;
  } while (k < depth);
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
