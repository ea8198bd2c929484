// The scores of single pairs, with the same bits as in a whole tile: each sum adds its products in the micro-kernel's order.
// First, a quick product in any order dismisses pairs that stay below the limit. Ordered sums wait for each other, so several
// are computed side by side.

#pragma once

#include "best.h"
#include "quick.h"
#include "score.h"
#include "settle.h"
#include "transpose.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

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
 * Scores single pairs, with the same bits as in a whole tile, and passes them to `take(row, col, score)` in order. Ordered sums
 * wait for each other, so pairs are collected until they fill a vector. Rows are contiguous at `a`, columns at `b`; of `sums`,
 * only the norms and guards are read.
 */
template <class T, class Take>
class Scorer {
 public:
  Scorer(const T* a, const T* b, size_t depth, const Sums<T>& sums, Take take) : a_(a), b_(b), depth_(depth), sums_(sums), take_(take) {}

  ALLPAIRS_INLINE void add(uint32_t row, uint32_t col) {
    rows_[waiting_] = row;
    cols_[waiting_] = col;
    if (++waiting_ == LANES<T>) finish();
  }

  void finish() {
    if (waiting_ == 0) return;
    const T *rowsAt[LANES<T>], *colsAt[LANES<T>];
    for (size_t i = 0; i < LANES<T>; i++) {
      const size_t pair = i < waiting_ ? i : 0;
      rowsAt[i] = a_ + rows_[pair] * depth_;
      colsAt[i] = b_ + cols_[pair] * depth_;
    }
    const Vector<T> products = orderedProducts<T>(rowsAt, colsAt, depth_);
    for (size_t i = 0; i < waiting_; i++) {
      const uint32_t row = rows_[i], col = cols_[i];
      take_(row, col, scoreOne<T>(products[i], sums_.rowInverses[row], sums_.colInverses[col], sums_.rowGuards[row], sums_.colGuards[col]));
    }
    waiting_ = 0;
  }

 private:
  const T *a_, *b_;
  size_t depth_, waiting_ = 0;
  const Sums<T>& sums_;
  Take take_;
  uint32_t rows_[LANES<T>], cols_[LANES<T>];
};

template <class T, class Take>
Scorer<T, Take> makeScorer(const T* a, const T* b, size_t depth, const Sums<T>& sums, Take take) {
  return Scorer<T, Take>(a, b, depth, sums, take);
}

/** Returns how far a score may exceed a quick product; a guard may have turned a score within its error of 1 into 1. */
template <class T>
double quickSlack(size_t depth) {
  return quickError<T>(depth) + 2 * scoreError<T>(int(depth));
}

/** Keeps those of `count` pairs whose score is >= `lowest`, with their scores; returns their number. */
template <class T>
size_t verifyPairs(const T* a, const T* b, size_t depth, const Sums<T>& sums, T lowest, size_t count, uint32_t* hitRows, uint32_t* hitCols,
                   T* hitScores) {
  const T quickLowest = T(lowest - quickSlack<T>(depth));
  size_t kept = 0;
  auto scorer = makeScorer<T>(a, b, depth, sums, [&](uint32_t row, uint32_t col, T score) {
    hitRows[kept] = row;
    hitCols[kept] = col;
    hitScores[kept] = score;
    kept += score >= lowest;
  });
  eachQuickProduct<T>(a, b, depth, count, hitRows, hitCols, [&](uint32_t row, uint32_t col, T product) {
    if (product * (sums.rowInverses[row] * sums.colInverses[col]) >= quickLowest) scorer.add(row, col);
  });
  scorer.finish();
  return kept;
}

/** Computes the scores of `count` pairs. */
template <class T>
void scorePairs(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* rows, const uint32_t* cols, T* scores) {
  auto scorer = makeScorer<T>(a, b, depth, sums, [&](uint32_t, uint32_t, T score) { *scores++ = score; });
  for (size_t at = 0; at < count; at++) scorer.add(rows[at], cols[at]);
  scorer.finish();
}

/**
 * Offers the scores of `count` pairs, ordered by row, to the lists of their rows and columns, as findBest does for a whole
 * tile.
 */
template <class T>
void offerPairs(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* rows, const uint32_t* cols,
                const Lists<T>& ofRows, const Lists<T>& ofCols, size_t capacity) {
  const T slack = T(quickSlack<T>(depth));
  beginLists<T>(ofRows, sums.rowGuards, sums.rows);
  beginLists<T>(ofCols, sums.colGuards, sums.cols);
  auto scorer = makeScorer<T>(a, b, depth, sums, [&](uint32_t row, uint32_t col, T score) {
    if (score >= ofRows.bounds[row]) offer<T>(ofRows, int(row), capacity, sums.rowGuards[row], score, col);
    if (score >= ofCols.bounds[col]) offer<T>(ofCols, int(col), capacity, sums.colGuards[col], score, row);
  });
  eachQuickProduct<T>(a, b, depth, count, rows, cols, [&](uint32_t row, uint32_t col, T product) {
    const T bound = ofRows.bounds[row] < ofCols.bounds[col] ? ofRows.bounds[row] : ofCols.bounds[col];
    if (bound <= T(-1) || product * (sums.rowInverses[row] * sums.colInverses[col]) >= bound - slack) scorer.add(row, col);
  });
  scorer.finish();
}

/**
 * Returns whether the cosine of two rows, rounded to the nearest float64, is at or above the threshold, if this can be decided.
 */
template <class T>
Verdict judgePair(const T* a, const T* b, size_t depth, double threshold) {
  if (memcmp(a, b, depth * sizeof(T)) == 0) {
    // Equal rows have cosine 1, unless they are zero rows.
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

/** Does the work of settlePairs for hits that were verified one by one and whose rows are contiguous. */
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
