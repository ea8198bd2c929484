// Excludes pairs of sparse rows without computing their sums (docs/how-it-works.md). Rows have length 1, with the rarest column
// first. A row's head consists of the elements without which the row is shorter than a limit. What two heads have in common is
// complete, so two rows that reach the limit share a column in their heads. What follows the last common column is at most the
// length of one row's rest after it, times the length of the other row without its head.
//
// Products are summed in float and bounds are rounded; the given limits allow for that.

#pragma once

#include "score.h"
#include "sparse.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Returns where the head of a row ends. */
ALLPAIRS_INLINE uint32_t headEnd(const FilterRows& rows, size_t row, float limit) {
  uint32_t at = rows.starts[row];
  const uint32_t end = rows.starts[row + 1];
  while (at < end && rows.rests[at++] >= limit) {}
  return at;
}

/** Indexes the heads of `count` rows; returns the number of the last entry. Slots may contain anything. */
inline uint32_t indexHeads(const FilterRows& rows, int count, float limit, const HeadIndex& index) {
  IndexEntry* entries = index.entries;
  entries[0] = {NO_COLUMN, 0};
  uint32_t last = 0;
  for (int row = 0; row < count; row++) {
    const uint32_t end = headEnd(rows, size_t(row), limit);
    for (uint32_t at = rows.starts[row]; at < end; at++) last = countColumn(rows.columns[at], index.slots, entries, last);
  }
  toStarts(entries, last);
  for (int row = 0; row < count; row++) {
    const uint32_t end = headEnd(rows, size_t(row), limit);
    for (uint32_t at = rows.starts[row]; at < end; at++) {
      index.postings[entries[index.slots[rows.columns[at]]].end++] = {uint32_t(row), rows.values[at], rows.rests[at], rows.rests[end - 1]};
    }
  }
  return last;
}

/**
 * Writes to `found`, in any order, the indexed rows from `first` on whose product with a row may reach `lowest`. `limit` is
 * that of heads. Adds the cost to `work`.
 */
inline size_t filterHeads(const FilterRows& rows, size_t row, float limit, float lowest, const HeadIndex& index, uint32_t last, uint32_t first,
                          uint32_t* found, FilterWork& work) {
  PairBound* bounds = index.bounds;
  uint32_t* touched = index.touched;
  const uint32_t begin = rows.starts[row], inHead = headEnd(rows, row, limit);
  if (inHead == begin) return 0;
  const float headRest = rows.rests[inHead - 1];
  size_t count = 0;
  for (uint32_t at = begin; at < inHead; at++) {
    const uint32_t column = rows.columns[at], slot = index.slots[column];
    if (slot > last || index.entries[slot].column != column) continue;
    const HeadPosting *posting = index.postings + index.entries[slot - 1].end, *end = index.postings + index.entries[slot].end;
    if (first > 0) posting = firstFrom(posting, end, first);
    work.products += uint64_t(end - posting);
    const float value = rows.values[at], rest = rows.rests[at];
    for (; posting < end; posting++) {
      PairBound& bound = bounds[posting->row];
      const float left = headRest * posting->rest, other = rest * posting->headRest;
      touched[count] = posting->row;
      count += bound.rest == 0;
      bound = {bound.sum + value * posting->value, left > other ? left : other};
    }
  }
  size_t left = 0;
  for (size_t i = 0; i < count; i++) {
    PairBound& bound = bounds[touched[i]];
    found[left] = touched[i];
    left += bound.sum + bound.rest >= lowest;
    bound = {0, 0};
  }
  work.touched += count;
  return left;
}

/** Returns the sum of one row, whose elements `spread` contains by column, with another, as in sumSparse. */
template <class T>
ALLPAIRS_INLINE T spreadSum(const T* spread, const SparseRows<T>& rows, size_t row) {
  double sum = 0, lost = 0;
  for (uint32_t at = rows.starts[row]; at < rows.starts[row + 1]; at++) {
    const double product = double(spread[rows.columns[at]]) * double(rows.values[at]), next = sum + product;
    if constexpr (sizeof(T) == 8) {
      const double back = next - sum;
      lost += (sum - (next - back)) + (product - back);
    }
    sum = next;
  }
  return T(sizeof(T) == 8 ? sum + lost : sum);
}

/** Computes the scores of row `row` of x with `count` rows of y. `spread` contains 0 for each column, before and after. */
template <class T>
void scoreSurvivors(const SparseRows<T>& x, size_t row, const SparseRows<T>& y, const Sums<T>& facts, size_t count, const uint32_t* cols, T* spread,
                    T* scores) {
  for (uint32_t at = x.starts[row]; at < x.starts[row + 1]; at++) spread[x.columns[at]] = x.values[at];
  for (size_t i = 0; i < count; i++) {
    const uint32_t col = cols[i];
    scores[i] = scoreOne<T>(spreadSum<T>(spread, y, col), facts.rowInverses[row], facts.colInverses[col], facts.rowGuards[row], facts.colGuards[col]);
  }
  for (uint32_t at = x.starts[row]; at < x.starts[row + 1]; at++) spread[x.columns[at]] = 0;
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
