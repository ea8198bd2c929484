// Decides which hits of a lowered threshold truly reach the threshold itself.
//
// Scores are rounded, so a pair near the threshold is decided by its packed rows, which contain the input's own digits. The
// cheapest proof that applies is used: the error bound of the score; the tile's own sum if the rows have so few digits that
// nothing was rounded; equal packed rows; a dot product in twice the precision of float64. If even that does not decide, the
// pair is marked for core/exact.h. docs/how-it-works.md derives the bounds.

#pragma once

#include "score.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

#if defined(__FMA__) || defined(__aarch64__)
constexpr bool FUSED = true;
#else
constexpr bool FUSED = false;
#endif

/**
 * Returns the largest difference between a score and the true cosine; twice as much if a guard turned the score into 1 or -1.
 */
template <class T>
double scoreError(int depth) {
  const int block = depth < DEPTH_BLOCK ? depth : DEPTH_BLOCK;
  // One rounding per product of the longest block, one per block, and those of norms, their product and the threshold.
  const double roundings = block + depth / DEPTH_BLOCK + 9 + (sizeof(T) == 8 ? 96 + depth / 256 : 0);
  return 1.01 * roundings * (sizeof(T) == 8 ? 0x1p-53 : 0x1p-24);
}

/** An unevaluated sum; `low` is at most a rounding error of `high`. */
struct Double2 {
  double high, low;
};

template <class V>
ALLPAIRS_INLINE V sumError(V a, V b, V sum) {
  const V back = sum - a;
  return (a - (sum - back)) + (b - back);
}

/** Dekker's algorithm: exact for factors far from float64's limits. */
template <class V>
ALLPAIRS_INLINE V productError(V a, V b, V product) {
  const V widerA = a * 134217729.0, widerB = b * 134217729.0;
  const V highA = widerA - (widerA - a), highB = widerB - (widerB - b);
  const V lowA = a - highA, lowB = b - highB;
  return ((highA * highB - product) + highA * lowB + lowA * highB) + lowA * lowB;
}

ALLPAIRS_INLINE Double2 add(double a, double b) {
  const double sum = a + b;
  return {sum, sumError(a, b, sum)};
}

ALLPAIRS_INLINE Double2 multiply(Double2 a, Double2 b) {
  const double product = a.high * b.high;
  return add(product, productError(a.high, b.high, product) + (a.high * b.low + a.low * b.high));
}

/** Lanes of dot products: `high + low`, with an error of at most `doubt` times the factor for the depth (`doubtFactor`). */
struct DotLanes {
  Vector<double> high = {}, low = {}, doubt = {};

  /** For floats, `product` is exact. */
  template <class T>
  ALLPAIRS_INLINE void add(Vector<double> a, Vector<double> b) {
    const Vector<double> product = a * b, sum = high + product;
    Vector<double> error = sumError(high, product, sum);
    if constexpr (sizeof(T) == 8) error += FUSED ? multiplyAdd(a, b, -product) : productError(a, b, product);
    high = sum;
    low += error;
    doubt += absolute<double>(error);
  }
};

ALLPAIRS_INLINE double doubtFactor(int depth) { return (2.0 * depth + 4) * 0x1p-52; }

enum class Verdict { below, reached, open };

/** What cosines are compared with: the midpoint between the threshold and the float64 below it, from which they round up. */
struct Bar {
  double threshold;
  Double2 square;

  explicit Bar(double threshold) : threshold(threshold) {
    uint64_t bits;
    memcpy(&bits, &threshold, sizeof bits);
    bits += threshold > 0 ? -1 : 1;
    double below;
    memcpy(&below, &bits, sizeof below);
    const Double2 middle = {threshold, (below - threshold) / 2};
    square = multiply(middle, middle);
  }

  /** `doubt` is the largest error of `dot`; squares of rows have a relative error of at most `squareDoubt`. */
  Verdict judge(Double2 dot, double doubt, Double2 rowSquare, Double2 colSquare, double squareDoubt) const {
    if (rowSquare.high == 0 || colSquare.high == 0) return threshold <= 0 ? Verdict::reached : Verdict::below;
    const bool positive = dot.high > doubt, negative = dot.high < -doubt;
    if (threshold >= 0 && negative) return Verdict::below;
    if (threshold <= 0 && (positive || (dot.high == 0 && doubt == 0))) return Verdict::reached;
    if (threshold == 0) return Verdict::open;
    const Double2 own = multiply(dot, dot), wanted = multiply(square, multiply(rowSquare, colSquare));
    const double difference = (own.high - wanted.high) + (own.low - wanted.low);
    const double margin = 0x1p-96 * (own.high + wanted.high) + doubt * (2 * __builtin_fabs(dot.high) + doubt) +
                          3 * squareDoubt * wanted.high + 0x1p-900;
    if (!(__builtin_fabs(difference) > margin)) return Verdict::open;
    if (difference < 0) return threshold > 0 ? Verdict::below : Verdict::reached;
    if (threshold > 0) return positive ? Verdict::reached : Verdict::open;
    return negative ? Verdict::below : Verdict::open;
  }
};

constexpr uint8_t LEARNED = 1, FEW_DIGITS = 2, NOT_NEGATIVE = 4;

/**
 * Elements of packed rows with few digits are multiples of this. Sums of their products are multiples of its square and,
 * because norms are below 2, at most 4. They have 24 bits (52 in float64), so no order of summing rounds them.
 */
template <class T>
constexpr double FEW_DIGITS_UNIT = sizeof(T) == 4 ? 0x1p-11 : 0x1p-25;

/** Learns the properties of a vector's width of rows, beginning with `row`, a multiple of that width. */
template <class T>
void learnRows(const T* panels, int depth, int row, const RowFacts& facts) {
  constexpr int NR = PANEL_ROWS<T>;
  typedef uint64_t words __attribute__((vector_size(VECTOR_BYTES)));
  const T* at = panels + size_t(row / NR) * size_t(depth) * NR + row % NR;
  DotLanes squares;
  words signs = {};
  Vector<double> rest = {};
  // Adding and subtracting it rounds to multiples of the unit.
  const Vector<double> rounder = splat<double>(0x1.8p52 * FEW_DIGITS_UNIT<T>);
  for (int k = 0; k < depth; k++, at += NR) {
    const Vector<double> values = loadDoubles<T>(at);
    squares.add<T>(values, values);
    signs |= (words)values;
    rest += absolute<double>(((values + rounder) - rounder) - values);
  }
  for (int i = 0; i < LANES<double>; i++) {
    const Double2 square = add(squares.high[i], squares.low[i]);
    facts.squares[row + i] = square.high;
    facts.rests[row + i] = square.low;
    facts.traits[row + i] = uint8_t(LEARNED | (rest[i] == 0 ? FEW_DIGITS : 0) | (signs[i] >> 63 ? 0 : NOT_NEGATIVE));
  }
}

/** Returns bit i for each row of a vector's width at `b` that has the same bits as row `a`. */
template <class T>
uint32_t equalRows(const T* a, const T* b, int depth) {
  constexpr int NR = PANEL_ROWS<T>;
  typedef typename BitsOf<T>::word word;
  typedef word words __attribute__((vector_size(VECTOR_BYTES)));
  uint32_t equal = ~uint32_t(0) >> (32 - LANES<T>);
  words different = {};
  for (int k = 0, step = 16; k < depth && equal != 0; step = DEPTH_BLOCK) {
    for (const int end = depth - k < step ? depth : k + step; k < end; k++, a += NR, b += NR) {
      different |= (words)splat<T>(*a) ^ (words)load<T>(b);
    }
    for (int i = 0; i < LANES<T>; i++) equal &= ~(uint32_t(different[i] != 0) << i);
  }
  return equal;
}

/** Decides the hits of one tile near the threshold, one after another. */
template <class T>
class Settling {
 public:
  Settling(const Sums<T>& sums, const Near<T>& near) : sums_(sums), near_(near), bar_(near.threshold) {
    forget(near.rows, sums.rows);
    forget(near.cols, sums.cols);
    error_ = 2 * scoreError<T>(near.depth);
    squareDoubt_ = double(near.depth) * near.depth * 0x1p-102;
  }

  Verdict judge(int row, int col, T score) {
    if (score == 1 && areTwins(row, col)) return Verdict::reached;
    const uint8_t both = learn(near_.a, row, near_.rows) & learn(near_.b, col, near_.cols);
    const double threshold = bar_.threshold;
    if (both & NOT_NEGATIVE) {
      // No two terms cancel, so the error is relative to the score. (Below 2^-90, products may underflow.)
      if (threshold <= 0) return Verdict::reached;
      if (threshold > 0x1p-90 && double(score) >= threshold * (1 + error_)) return Verdict::reached;
      if (threshold > 0x1p-90 && double(score) <= threshold * (1 - error_)) return Verdict::below;
    }
    Double2 dot;
    double doubt = 0;
    if (both & FEW_DIGITS) {
      dot = {double(sums_.at[size_t(row) * sums_.stride + size_t(col)]), 0};
    } else {
      multiplyRows(row, col);
      const int lane = col - dotCol_;
      dot = add(dots_.high[lane], dots_.low[lane]);
      doubt = dots_.doubt[lane] * doubtFactor(near_.depth);
    }
    return bar_.judge(dot, doubt, {near_.rows.squares[row], near_.rows.rests[row]},
                      {near_.cols.squares[col], near_.cols.rests[col]}, squareDoubt_);
  }

 private:
  static constexpr int NR = PANEL_ROWS<T>;

  static void forget(const RowFacts& facts, int count) {
    const size_t padded = size_t(count + NR - 1) / NR * NR;
    memset(facts.traits, 0, padded);
    memset(facts.twins, 0xff, padded * sizeof *facts.twins);
  }

  const T* element(const T* panels, int row) const { return panels + size_t(row / NR) * size_t(near_.depth) * NR + row % NR; }

  uint8_t learn(const T* panels, int row, const RowFacts& facts) {
    if (facts.traits[row] == 0) learnRows<T>(panels, near_.depth, row - row % LANES<double>, facts);
    return facts.traits[row];
  }

  /** Returns whether a row and a column have the same bits. Each distinct row is compared with all others once. */
  bool areTwins(int row, int col) {
    if (near_.rows.twins[row] == NO_TWIN) {
      markTwins(row, near_.a, sums_.rows, near_.rows);
      markTwins(row, near_.b, sums_.cols, near_.cols);
    }
    return near_.rows.twins[row] == near_.cols.twins[col];
  }

  void markTwins(int row, const T* panels, int count, const RowFacts& facts) {
    for (int first = 0; first < count; first += LANES<T>) {
      uint32_t equal = equalRows<T>(element(near_.a, row), element(panels, first), near_.depth);
      for (; equal != 0; equal &= equal - 1) facts.twins[first + __builtin_ctz(equal)] = uint16_t(row);
    }
  }

  void multiplyRows(int row, int col) {
    const int first = col - col % LANES<double>;
    if (row == dotRow_ && first == dotCol_) return;
    dots_ = DotLanes();
    const T *a = element(near_.a, row), *b = element(near_.b, first);
    for (int k = 0; k < near_.depth; k++, a += NR, b += NR) dots_.add<T>(splat<double>(double(*a)), loadDoubles<T>(b));
    dotRow_ = row;
    dotCol_ = first;
  }

  const Sums<T>& sums_;
  const Near<T>& near_;
  Bar bar_;
  double error_, squareDoubt_;
  int dotRow_ = -1, dotCol_ = -1;
  DotLanes dots_;
};

/**
 * Keeps the hits of a tile whose cosine, rounded to the nearest float64, is at or above the threshold; returns their number.
 * Hits are ordered by row, with scores of at least `threshold - scoreError`. Rows of undecided hits have the bit OPEN_HIT and
 * are counted in `open`.
 */
template <class T>
size_t settlePairs(const Sums<T>& sums, const Near<T>& near, size_t count, uint32_t* hitRows, uint32_t* hitCols, T* hitScores,
                   size_t* open) {
  *open = 0;
  // Every cosine reaches -1.
  if (near.threshold <= -1) return count;
  const T sure = T(near.threshold + 2 * scoreError<T>(near.depth));
  size_t at = 0;
  while (at < count && hitScores[at] >= sure) at++;
  if (at == count) return count;
  Settling<T> settling(sums, near);
  size_t kept = at;
  for (; at < count; at++) {
    const uint32_t row = hitRows[at], col = hitCols[at];
    const T score = hitScores[at];
    const Verdict verdict = score >= sure ? Verdict::reached : settling.judge(int(row), int(col), score);
    if (verdict == Verdict::below) continue;
    const bool isOpen = verdict == Verdict::open;
    hitRows[kept] = isOpen ? row | OPEN_HIT : row;
    hitCols[kept] = col;
    hitScores[kept] = score;
    *open += isOpen;
    kept++;
  }
  return kept;
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
