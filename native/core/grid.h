// The tiles of a grid. src/engine/tile-plan.ts decides which part of the result is computed when; this finds a tile by its
// number in the same way.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <cmath>

namespace allpairs {

/** One rectangle of the result; rows and columns count from the start of the pass. */
struct Tile {
  size_t rowStart, rowEnd, colStart, colEnd;
  /** Rows and columns are the same rows of x: the tile is its own transpose. */
  bool diagonal;
  /** The tile also stands for its transpose, elsewhere in the result. */
  bool mirrored;

  int rows() const { return int(rowEnd - rowStart); }
  int cols() const { return int(colEnd - colStart); }
};

/** The tiles of rows [rowStart, rowEnd) of one pass. */
struct Grid {
  /** Position of the pass in the result. */
  size_t passRow = 0, passCol = 0;
  /** Number of columns in the pass. */
  size_t passCols = 0;
  size_t rowStart = 0, rowEnd = 0;
  size_t tileRows = 1;
  /** The pass's rows and columns are the same rows of x. */
  bool diagonal = false;
  bool symmetric = false;

  size_t firstCol() const { return diagonal ? rowStart : 0; }
  size_t down() const { return (rowEnd - rowStart + tileRows - 1) / tileRows; }
  size_t across() const { return (passCols - firstCol() + tileRows - 1) / tileRows; }
  size_t count() const { return before(down()); }

  Tile at(size_t index) const {
    const size_t row = diagonal ? trapezoidRow(index) : index / across();
    const size_t col = index - before(row) + (diagonal ? row : 0);
    const bool onDiagonal = diagonal && row == col;
    const size_t top = rowStart + row * tileRows, left = firstCol() + col * tileRows;
    const size_t bottom = top + tileRows < rowEnd ? top + tileRows : rowEnd;
    const size_t edge = onDiagonal ? rowEnd : passCols;
    return {top, bottom, left, left + tileRows < edge ? left + tileRows : edge, onDiagonal, symmetric && !onDiagonal};
  }

 private:
  /** Returns the number of tiles in the first `rows` rows of tiles. */
  size_t before(size_t rows) const { return rows * across() - (diagonal && rows > 0 ? rows * (rows - 1) / 2 : 0); }

  size_t trapezoidRow(size_t index) const {
    const double half = double(across()) + 0.5;
    size_t row = size_t(half - std::sqrt(half * half - 2.0 * double(index)));
    // The square root may round across an edge.
    if (before(row) > index) row--;
    if (before(row + 1) <= index) row++;
    return row;
  }
};

}  // namespace allpairs
