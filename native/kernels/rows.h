// Packed rows stored one after another instead of side by side, for code that reads a few whole rows.

#pragma once

#include "transpose.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Writes the rows of one panel, `depth` elements each, one after another. */
template <class T>
void unpackPanel(const T* panel, size_t depth, T* rows) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  size_t k = 0;
  for (; k + L <= depth; k += L, panel += L * NR) {
    for (int v = 0; v < V; v++) {
      Vector<T> block[L];
      ALLPAIRS_UNROLL
      for (int i = 0; i < L; i++) block[i] = load<T>(panel + i * NR + v * L);
      transpose<T>(block);
      ALLPAIRS_UNROLL
      for (int i = 0; i < L; i++) storeUnaligned<T>(rows + size_t(v * L + i) * depth + k, block[i]);
    }
  }
  for (; k < depth; k++, panel += NR) {
    for (int r = 0; r < NR; r++) rows[size_t(r) * depth + k] = panel[r];
  }
}

/** Writes whole panels of `count` contiguous rows, up to the end of their last panel. */
template <class T>
void layPanels(const T* rows, int count, size_t depth, T* panels) {
  constexpr int L = LANES<T>, NR = PANEL_ROWS<T>;
  for (int first = 0; first < count; first += NR, rows += size_t(NR) * depth, panels += size_t(NR) * depth) {
    size_t k = 0;
    for (T* to = panels; k + L <= depth; k += L, to += L * NR) {
      for (int v = 0; v < V; v++) {
        Vector<T> block[L];
        ALLPAIRS_UNROLL
        for (int i = 0; i < L; i++) block[i] = loadUnaligned<T>(rows + size_t(v * L + i) * depth + k);
        transpose<T>(block);
        ALLPAIRS_UNROLL
        for (int i = 0; i < L; i++) store<T>(to + i * NR + v * L, block[i]);
      }
    }
    for (; k < depth; k++) {
      for (int r = 0; r < NR; r++) panels[k * NR + size_t(r)] = rows[size_t(r) * depth + k];
    }
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
