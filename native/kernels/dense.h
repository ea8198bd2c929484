// The dense epilogue: the sums of a tile become scores, which are written to their place in the result and, if the result is
// symmetric, to the transposed place. Both are written row by row in whole cache lines, with streaming stores if the result is
// too large to stay in the cache; ordinary stores would read each line from memory before writing it.

#pragma once

#include "score.h"
#include "transpose.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

template <class T>
ALLPAIRS_INLINE void copyPast(T* to, const T* from, size_t count) {
  constexpr size_t L = LANES<T>;
  // First up to the next cache line of the target.
  size_t at = (64 - (reinterpret_cast<uintptr_t>(to) & 63)) % 64 / sizeof(T);
  if (at > count) at = count;
  for (size_t i = 0; i < at; i++) to[i] = from[i];
  for (; at + L <= count; at += L) storeStreaming(to + at, loadUnaligned<T>(from + at));
  for (; at < count; at++) to[at] = from[at];
}

template <class T>
ALLPAIRS_INLINE void copyRow(T* to, const T* from, size_t count, bool streaming) {
  if (streaming) {
    copyPast<T>(to, from, count);
    return;
  }
  constexpr size_t L = LANES<T>;
  size_t at = 0;
  for (; at + L <= count; at += L) storeUnaligned<T>(to + at, loadUnaligned<T>(from + at));
  if (at < count && count >= L) {
    // The last whole vector overlaps the previous one.
    storeUnaligned<T>(to + count - L, loadUnaligned<T>(from + count - L));
    return;
  }
  for (; at < count; at++) to[at] = from[at];
}

/**
 * Writes scores[rows][cols] to `out`, and scoresᵀ[cols][rows] to `mirrored` unless that is null; in a triangle, `mirrored` is
 * `out`. Rows of the result are `outStride` elements apart. Sums are overwritten. `strip` is scratch memory for a panel's width
 * of rows, each with `rows` elements up to the next panel.
 */
template <class T>
void writeScores(const Sums<T>& sums, T* out, T* mirrored, size_t outStride, T* strip, bool streaming) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  const auto& [at, stride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle, groups] = sums;
  for (int row = 0; row < rows; row++) {
    const int colEnd = triangle ? row + 1 : cols;
    T* scores = at + size_t(row) * stride;
    scoreRow<T>(scores, rowInverses[row], rowGuards[row], colInverses, colGuards, colEnd);
    copyRow<T>(out + size_t(row) * outStride, scores, size_t(colEnd), streaming);
  }
  if (mirrored) {
    const size_t stripStride = size_t(rows + NR - 1) / NR * NR;
    for (int col = 0; col < cols; col += NR) {
      for (int row = triangle ? col : 0; row < rows; row += L) {
        for (int c = 0; c < NR; c += L) {
          Vector<T> block[L];
          ALLPAIRS_UNROLL
          for (int i = 0; i < L; i++) block[i] = load<T>(at + size_t(row + i) * stride + col + c);
          transpose<T>(block);
          ALLPAIRS_UNROLL
          for (int i = 0; i < L; i++) store<T>(strip + size_t(c + i) * stripStride + row, block[i]);
        }
      }
      const int width = cols - col < NR ? cols - col : NR;
      for (int c = 0; c < width; c++) {
        // In a triangle, values above the diagonal come from below it, where the direct rows are.
        const int first = triangle ? col + c + 1 : 0;
        copyRow<T>(mirrored + size_t(col + c) * outStride + first, strip + size_t(c) * stripStride + first, size_t(rows - first), streaming);
      }
    }
  }
  if (streaming) fenceStores();
}

/** Copies a block of scores whose rows are `fromStride` elements apart to its place in a result. */
template <class T>
void copyBlock(T* to, size_t toStride, const T* from, size_t fromStride, int rows, int cols, bool streaming) {
  for (int row = 0; row < rows; row++) {
    copyRow<T>(to + size_t(row) * toStride, from + size_t(row) * fromStride, size_t(cols), streaming);
  }
  if (streaming) fenceStores();
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
