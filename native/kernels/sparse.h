// The sums of sparse rows: an index of the columns of a tile by the elements of their rows, and for each row the lists of its
// own elements.
//
// Sums are added in float64 in the order of the elements. Products of floats are exact; for doubles, the rounding error of each
// addition is accumulated separately. A sum depends only on its two rows and is the same on every backend (wasm/sparse.ts).

#pragma once

#include "vector.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Counts a posting of a column, which may be new to an index with `last` entries; returns the new number of entries. */
ALLPAIRS_INLINE uint32_t countColumn(uint32_t column, uint32_t* slots, IndexEntry* entries, uint32_t last) {
  const uint32_t known = slots[column];
  if (known <= last && entries[known].column == column) {
    entries[known].end++;
    return last;
  }
  slots[column] = ++last;
  entries[last] = {column, 1};
  return last;
}

/** Turns the number of postings in each list into its start; filling moves the start to the end. */
ALLPAIRS_INLINE void toStarts(IndexEntry* entries, uint32_t last) {
  uint32_t total = 0;
  for (uint32_t entry = 1; entry <= last; entry++) {
    const uint32_t length = entries[entry].end;
    entries[entry].end = total;
    total += length;
  }
}

/** Indexes `count` rows; returns the number of the last entry. Slots may contain anything. */
template <class T>
uint32_t indexRows(const SparseRows<T>& rows, int count, const SparseIndex<T>& index) {
  IndexEntry* entries = index.entries;
  entries[0] = {NO_COLUMN, 0};
  uint32_t last = 0;
  for (uint32_t at = rows.starts[0]; at < rows.starts[count]; at++) last = countColumn(rows.columns[at], index.slots, entries, last);
  toStarts(entries, last);
  for (int row = 0; row < count; row++) {
    for (uint32_t at = rows.starts[row]; at < rows.starts[row + 1]; at++) {
      index.postings[entries[index.slots[rows.columns[at]]].end++] = {uint32_t(row), rows.values[at]};
    }
  }
  return last;
}

/** Returns the first posting of a row from `row` on. */
template <class P>
ALLPAIRS_INLINE const P* firstFrom(const P* from, const P* end, uint32_t row) {
  while (from < end) {
    const P* middle = from + (end - from) / 2;
    if (middle->row < row) {
      from = middle + 1;
    } else {
      end = middle;
    }
  }
  return from;
}

/** Adds a row's products with one list. */
template <class T>
ALLPAIRS_INLINE void addPostings(const Posting<T>* posting, const Posting<T>* end, double value, double* __restrict sums, double* __restrict lost) {
  _Pragma("GCC unroll 4")
  for (; posting < end; posting++) {
    const uint32_t row = posting->row;
    const double product = value * double(posting->value), sum = sums[row], next = sum + product;
    if constexpr (sizeof(T) == 8) {
      const double back = next - sum;
      lost[row] += (sum - (next - back)) + (product - back);
    }
    sums[row] = next;
  }
}

/** Moves the sums of a row to their place in the tile, and clears the accumulators. */
template <class T>
ALLPAIRS_INLINE void moveSums(double* sums, double* lost, T* to, size_t count) {
  constexpr int L = LANES<double>;
  for (size_t i = 0; i < count; i += LANES<T>) {
    if constexpr (sizeof(T) == 8) {
      store<double>(to + i, load<double>(sums + i) + load<double>(lost + i));
      store<double>(lost + i, Vector<double>{});
    } else {
      typedef float halfVector __attribute__((vector_size(VECTOR_BYTES / 2)));
      const halfVector low = __builtin_convertvector(load<double>(sums + i), halfVector);
      const halfVector high = __builtin_convertvector(load<double>(sums + i + L), halfVector);
      memcpy(to + i, &low, sizeof low);
      memcpy(to + i + L, &high, sizeof high);
      store<double>(sums + i + L, Vector<double>{});
    }
    store<double>(sums + i, Vector<double>{});
  }
}

/**
 * Computes sums[rows][cols] of `count` rows with the rows [first, first + cols) of an index. Rows of sums are `stride` elements
 * apart, a whole number of panels, which are written whole.
 */
template <class T>
void sumSparse(const SparseRows<T>& rows, int count, const SparseIndex<T>& index, uint32_t last, int first, int cols, T* sums,
               size_t stride) {
  const IndexEntry* entries = index.entries;
  double *own = index.sums, *lost = index.sums + stride;
  memset(own, 0, stride * sizeof(double) * (sizeof(T) / 4));
  const uint32_t begin = uint32_t(first), beyond = uint32_t(first + cols);
  const bool isPart = first > 0 || uint32_t(cols) < index.count;
  for (int row = 0; row < count; row++, sums += stride) {
    for (uint32_t at = rows.starts[row]; at < rows.starts[row + 1]; at++) {
      const uint32_t column = rows.columns[at], slot = index.slots[column];
      if (slot > last || entries[slot].column != column) continue;
      const Posting<T>*posting = index.postings + entries[slot - 1].end, *end = index.postings + entries[slot].end;
      if (isPart) {
        posting = firstFrom(posting, end, begin);
        end = firstFrom(posting, end, beyond);
      }
      addPostings<T>(posting, end, double(rows.values[at]), own - first, lost - first);
    }
    moveSums<T>(own, lost, sums, stride);
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
