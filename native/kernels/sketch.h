// A sketch of a row: its coordinates in a few orthonormal directions, and last the length of the rest, which is never less than
// the true one. By Cauchy and Schwarz the product of two sketches is at least the score of the two rows. docs/how-it-works.md
// derives the bound and its errors.

#pragma once

#include "gram.h"

namespace allpairs {
namespace ALLPAIRS_ISA {

/**
 * Writes the sketches of the rows of one packed panel: [count + 1][NR] elements from `count` packed directions. `products` is scratch for
 * NR rows of whole panels of directions; squares of lengths are rounded up by `squareSlack`. The sketch of a zero row is zero.
 */
template <class T>
void sketchPanel(const T* panel, const T* directions, size_t depth, size_t count, const T* inverses, T squareSlack, T* products, T* sketch) {
  constexpr size_t NR = size_t(PANEL_ROWS<T>);
  const size_t stride = (count + NR - 1) / NR * NR;
  gramTile<T>(panel, directions, depth * NR, products, stride, int(NR), int(count), int(depth), false);
  for (size_t r = 0; r < NR; r++) {
    T squares = 0;
    for (size_t j = 0; j < count; j++) {
      const T coordinate = products[r * stride + j] * inverses[r];
      sketch[j * NR + r] = coordinate;
      squares += coordinate * coordinate;
    }
    const T rest = squares < 1 ? 1 - squares : T(0);
    sketch[count * NR + r] = inverses[r] == 0 ? T(0) : T(__builtin_sqrt(double(rest + squareSlack)));
  }
}

}  // namespace ALLPAIRS_ISA
}  // namespace allpairs
