#include "exact.h"

#include <stdint.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace allpairs {

namespace {

/**
 * An exact sum of float64 numbers: terms that do not overlap, the largest last, none of them 0 (Shewchuk: Adaptive Precision
 * Floating-Point Arithmetic and Fast Robust Geometric Predicates, 1997).
 */
class Expansion {
 public:
  void add(double value) {
    size_t kept = 0;
    for (const double term : terms_) {
      const double sum = value + term, back = sum - value;
      const double error = (value - (sum - back)) + (term - back);
      if (error != 0) terms_[kept++] = error;
      value = sum;
    }
    terms_.resize(kept);
    if (value != 0) terms_.push_back(value);
  }

  void addProduct(double a, double b) {
    const double product = a * b;
    add(std::fma(a, b, -product));
    add(product);
  }

  void addProduct(const Expansion& a, const Expansion& b, double factor) {
    for (const double x : a.terms_) {
      for (const double y : b.terms_) addProduct(x, factor * y);
    }
  }

  int sign() const { return terms_.empty() ? 0 : terms_.back() > 0 ? 1 : -1; }

 private:
  std::vector<double> terms_;
};

Expansion productOf(const Expansion& a, const Expansion& b) {
  Expansion product;
  product.addProduct(a, b, 1);
  return product;
}

template <class T>
Expansion dotOf(const PackedRow<T>& a, const PackedRow<T>& b, double factor) {
  Expansion dot;
  for (size_t k = 0; k < a.depth; k++) dot.addProduct(double(a.at[k * a.stride]) * factor, double(b.at[k * b.stride]));
  return dot;
}

}  // namespace

template <class T>
bool reachesExactly(const PackedRow<T>& a, const PackedRow<T>& b, double threshold) {
  // Squares of tiny thresholds would underflow.
  const double factor = std::fabs(threshold) < 0x1p-300 ? 0x1p500 : 1;
  const Expansion dot = dotOf(a, b, factor);
  const Expansion squares = productOf(dotOf(a, a, 1), dotOf(b, b, 1));
  if (squares.sign() == 0) return threshold <= 0;
  if (threshold >= 0 && dot.sign() < 0) return false;
  if (threshold <= 0 && dot.sign() >= 0) return true;
  if (dot.sign() != (threshold > 0 ? 1 : -1)) return threshold < 0;
  // Cosines round up to the threshold from the midpoint between it and the float64 below it.
  const double below = std::nextafter(threshold, -std::numeric_limits<double>::infinity());
  Expansion middle;
  middle.add((below - threshold) / 2 * factor);
  middle.add(threshold * factor);
  Expansion difference = productOf(dot, dot);
  difference.addProduct(productOf(middle, middle), squares, -1);
  if (difference.sign() != 0) return (difference.sign() > 0) == (threshold > 0);
  // A tie rounds to the number whose last bit is 0.
  uint64_t bits;
  memcpy(&bits, &threshold, sizeof bits);
  return bits % 2 == 0;
}

template bool reachesExactly(const PackedRow<float>&, const PackedRow<float>&, double);
template bool reachesExactly(const PackedRow<double>&, const PackedRow<double>&, double);

}  // namespace allpairs
