// A sketch of a row contains its coordinates in a few orthonormal directions and, last, the length of the remainder, rounded
// up. By the Cauchy-Schwarz inequality, the product of two sketches is at least the score of the two rows. docs/how-it-works.md
// derives the bound and its errors. Each row has two sketches; the short one uses the first directions of the long one.

#pragma once

#include "gram.h"
#include "table.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/**
 * Writes the sketches of the rows of one packed panel, with packed directions: the short ones side by side, [depth][NR], the
 * long ones one after another, [NR][depth]. `products` is scratch memory for NR rows of whole panels of directions; squares of
 * lengths are rounded up by `squareSlack`. The sketch of a zero row is zero.
 */
template <class T>
void sketchPanel(const T* panel, const T* directions, size_t depth, const T* inverses, T squareSlack, T* products, const SketchPlace<T>& sketch,
                 const SketchPlace<T>& longSketch) {
  constexpr size_t NR = size_t(PANEL_ROWS<T>);
  const size_t count = (sketch.depth > longSketch.depth ? sketch.depth : longSketch.depth) - 1, stride = (count + NR - 1) / NR * NR;
  gramTile<T>(panel, directions, depth * NR, products, stride, int(NR), int(count), int(depth), false);
  for (size_t r = 0; r < NR; r++) {
    T squares = 0;
    const auto rest = [&] {
      const T left = squares < 1 ? 1 - squares : T(0);
      return inverses[r] == 0 ? T(0) : T(__builtin_sqrt(double(left + squareSlack)));
    };
    for (size_t j = 0; j <= count; j++) {
      if (j + 1 == sketch.depth) sketch.at[j * NR + r] = rest();
      if (j + 1 == longSketch.depth) longSketch.at[r * longSketch.depth + j] = rest();
      if (j == count) break;
      const T coordinate = products[r * stride + j] * inverses[r];
      if (j + 1 < sketch.depth) sketch.at[j * NR + r] = coordinate;
      if (j + 1 < longSketch.depth) longSketch.at[r * longSketch.depth + j] = coordinate;
      squares += coordinate * coordinate;
    }
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
