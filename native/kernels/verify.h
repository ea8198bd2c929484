// The scores of single pairs, with the bits that a whole tile would give them: each sum takes its products in the micro-kernel's
// order. A quick product in any order first lets go of what stays below; sums in order wait for each other, so several run side by
// side.

#pragma once

#include "best.h"
#include "score.h"
#include "settle.h"
#include "transpose.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/** Lines of a row that are asked for before its turn comes. */
constexpr size_t PREFETCHED_LINES = 8;
/** Vectors of sums of a quick product. */
constexpr size_t QUICK_SUMS = 4;

/** The largest error of a quick product of rows of length 1. */
template <class T>
double quickError(size_t depth) {
  const double roundings = double(depth) / (QUICK_SUMS * LANES<T>) + 3 * LANES<T> + 8;
  return 1.01 * roundings * (sizeof(T) == 8 ? 0x1p-53 : 0x1p-24);
}

/** The product of two rows, in any order. */
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
  const Vector<T> all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  T product = 0;
  for (size_t i = 0; i < L; i++) product += all[i];
  for (; k < depth; k++) product += a[k] * b[k];
  return product;
}

/** The sums of one pair of rows in each lane, in the micro-kernel's order. */
template <class T>
ALLPAIRS_INLINE Vector<T> orderedProducts(const T* const* a, const T* const* b, size_t depth) {
  constexpr size_t L = size_t(LANES<T>);
  Vector<T> products = {};
  size_t k = 0;
  do {
    const bool first = k == 0;
    const size_t end = depth - k < size_t(DEPTH_BLOCK) ? depth : k + size_t(DEPTH_BLOCK);
    Vector<T> sums = {};
    for (; k + L <= end; k += L) {
      Vector<T> rows[L], cols[L];
      ALLPAIRS_UNROLL
      for (size_t i = 0; i < L; i++) rows[i] = loadUnaligned<T>(a[i] + k);
      transpose<T>(rows);
      ALLPAIRS_UNROLL
      for (size_t i = 0; i < L; i++) cols[i] = loadUnaligned<T>(b[i] + k);
      transpose<T>(cols);
      ALLPAIRS_UNROLL
      for (size_t i = 0; i < L; i++) sums = multiplyAdd(rows[i], cols[i], sums);
    }
    for (; k < end; k++) {
      Vector<T> row, col;
      for (size_t i = 0; i < L; i++) {
        row[i] = a[i][k];
        col[i] = b[i][k];
      }
      sums = multiplyAdd(row, col, sums);
    }
    products = first ? sums : products + sums;
  } while (k < depth);
  return products;
}

/**
 * The scores of `count` pairs, in their order, each with the bits that a whole tile would give it: `take(row, col, score)`. Rows lie one
 * after another at `a`, columns at `b`; of `sums` only the norms and guards are read. `isNeeded(row, col, quick)` is asked with a
 * product that was added in any order, which quickError bounds.
 */
template <class T, class IsNeeded, class Take>
ALLPAIRS_INLINE void scoreEach(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* hitRows,
                               const uint32_t* hitCols, IsNeeded isNeeded, Take take) {
  size_t waiting = 0;
  uint32_t rows[LANES<T>], cols[LANES<T>];
  const T *rowsAt[LANES<T>], *colsAt[LANES<T>];
  const auto scoreWaiting = [&] {
    for (size_t i = waiting; i < LANES<T>; i++) {
      rowsAt[i] = rowsAt[0];
      colsAt[i] = colsAt[0];
    }
    const Vector<T> products = orderedProducts<T>(rowsAt, colsAt, depth);
    for (size_t i = 0; i < waiting; i++) {
      const uint32_t row = rows[i], col = cols[i];
      take(row, col, scoreOne<T>(products[i], sums.rowInverses[row], sums.colInverses[col], sums.rowGuards[row], sums.colGuards[col]));
    }
    waiting = 0;
  };
  for (size_t at = 0; at < count; at++) {
    const uint32_t row = hitRows[at], col = hitCols[at];
    const T *rowAt = a + row * depth, *colAt = b + col * depth;
    if (at + 1 < count) {
      for (size_t line = 0; line < PREFETCHED_LINES; line++) __builtin_prefetch(b + hitCols[at + 1] * depth + line * (64 / sizeof(T)));
    }
    if (!isNeeded(row, col, [&] { return quickProduct<T>(rowAt, colAt, depth) * (sums.rowInverses[row] * sums.colInverses[col]); })) continue;
    rows[waiting] = row;
    cols[waiting] = col;
    rowsAt[waiting] = rowAt;
    colsAt[waiting] = colAt;
    if (++waiting == LANES<T>) scoreWaiting();
  }
  if (waiting > 0) scoreWaiting();
}

/** How far a score may lie above a quick product: a guard may have made 1 of a score that was off by its error. */
template <class T>
double quickSlack(size_t depth) {
  return quickError<T>(depth) + 2 * scoreError<T>(int(depth));
}

/** Of `count` pairs keeps those whose score is >= `lowest`, with their scores, and returns how many they are. */
template <class T>
size_t verifyPairs(const T* a, const T* b, size_t depth, const Sums<T>& sums, T lowest, size_t count, uint32_t* hitRows, uint32_t* hitCols,
                   T* hitScores) {
  const T quickLowest = T(lowest - quickSlack<T>(depth));
  size_t kept = 0;
  scoreEach<T>(
      a, b, depth, sums, count, hitRows, hitCols, [&](uint32_t, uint32_t, auto quick) { return quick() >= quickLowest; },
      [&](uint32_t row, uint32_t col, T score) {
        hitRows[kept] = row;
        hitCols[kept] = col;
        hitScores[kept] = score;
        kept += score >= lowest;
      });
  return kept;
}

/** The scores of `count` pairs. */
template <class T>
void scorePairs(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* rows, const uint32_t* cols, T* scores) {
  scoreEach<T>(
      a, b, depth, sums, count, rows, cols, [](uint32_t, uint32_t, auto) { return true; },
      [&](uint32_t, uint32_t, T score) { *scores++ = score; });
}

/** Offers the scores of `count` pairs, row by row, to the lists of their rows and columns, as findBest does those of a whole tile. */
template <class T>
void offerPairs(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* rows, const uint32_t* cols,
                const Lists<T>& ofRows, const Lists<T>& ofCols, size_t capacity) {
  const T slack = T(quickSlack<T>(depth));
  beginLists<T>(ofRows, sums.rowGuards, sums.rows);
  beginLists<T>(ofCols, sums.colGuards, sums.cols);
  scoreEach<T>(
      a, b, depth, sums, count, rows, cols,
      [&](uint32_t row, uint32_t col, auto quick) {
        const T bound = ofRows.bounds[row] < ofCols.bounds[col] ? ofRows.bounds[row] : ofCols.bounds[col];
        return bound <= T(-1) || quick() >= bound - slack;
      },
      [&](uint32_t row, uint32_t col, T score) {
        if (score >= ofRows.bounds[row]) offer<T>(ofRows, int(row), capacity, sums.rowGuards[row], score, col);
        if (score >= ofCols.bounds[col]) offer<T>(ofCols, int(col), capacity, sums.colGuards[col], score, row);
      });
}

/** Whether the cosine of two rows, rounded to the nearest float64, is at or above the threshold, as far as it can tell. */
template <class T>
Verdict judgePair(const T* a, const T* b, size_t depth, double threshold) {
  if (memcmp(a, b, depth * sizeof(T)) == 0) {
    // Of equal rows only zero rows do not have cosine 1.
    for (size_t k = 0; k < depth; k++) {
      if (a[k] != 0) return Verdict::reached;
    }
  }
  DotLanes product, rowSquare, colSquare;
  for (size_t k = 0; k < depth; k++) {
    const Vector<double> row = splat<double>(double(a[k])), col = splat<double>(double(b[k]));
    product.add<T>(row, col);
    rowSquare.add<T>(row, row);
    colSquare.add<T>(col, col);
  }
  const double squareDoubt = double(depth) * double(depth) * 0x1p-102;
  return Bar(threshold).judge(add(product.high[0], product.low[0]), product.doubt[0] * doubtFactor(int(depth)),
                              add(rowSquare.high[0], rowSquare.low[0]), add(colSquare.high[0], colSquare.low[0]), squareDoubt);
}

/**
 * What settlePairs does for hits that were verified one by one, whose rows lie one after another.
 */
template <class T>
size_t settleVerified(const T* a, const T* b, size_t depth, double threshold, size_t count, uint32_t* hitRows, uint32_t* hitCols, T* hitScores,
                      size_t* open) {
  *open = 0;
  if (threshold <= -1) return count;
  const T sure = T(threshold + 2 * scoreError<T>(int(depth)));
  size_t kept = 0;
  for (size_t at = 0; at < count; at++) {
    const uint32_t row = hitRows[at], col = hitCols[at];
    const Verdict verdict = hitScores[at] >= sure ? Verdict::reached : judgePair<T>(a + row * depth, b + col * depth, depth, threshold);
    if (verdict == Verdict::below) continue;
    const bool isOpen = verdict == Verdict::open;
    hitRows[kept] = isOpen ? row | OPEN_HIT : row;
    hitCols[kept] = col;
    hitScores[kept++] = hitScores[at];
    *open += isOpen;
  }
  return kept;
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
