// A problem in memory: packed rows of both operands, and scratch memory for each thread. The layout is a pure function of the
// problem's shape, so the memory that a job needs is known before it exists.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../kernels/table.h"
#include "pages.h"

namespace allpairs {

enum class Purpose { dense, pairs, topK, histogram, tiles };

/** Which pairs count: all, or by the groups of their rows. */
enum class Grouping { none, across, within };

/** See JobShape in src/backends/backend.ts. */
struct Shape {
  const Kernels* kernels = nullptr;
  /** True if scores are float64. */
  bool doubles = false;
  size_t depth = 0, xRows = 0, yRows = 0, tileRows = 0, threads = 1;
  Purpose purpose = Purpose::dense;
  /**
   * k for top-k, the number of bins for a histogram; for tiles and for a dense job, the staged tiles of each thread, or 0 if
   * threads write to the result.
   */
  size_t count = 0;
  /** Number of elements of a row's sketch, or 0 if every pair is computed; and of its long sketch, or 0 without one. */
  size_t sketchDepth = 0, longSketchDepth = 0;
  /**
   * True if rows are sparse; then the maximum number of stored elements of the rows of x, of the rows of y, of a tile's rows
   * and of one row.
   */
  bool sparse = false;
  size_t xNonzeros = 0, yNonzeros = 0, tileNonzeros = 0, rowNonzeros = 0;
  /** True if pairs of sparse rows may be excluded; and the mean number of columns that two rows share. */
  bool filtered = false;
  double commonColumns = 0;
  Grouping grouping = Grouping::none;
  /** True if rows have thresholds of their own, for pairs. */
  bool thresholds = false;

  /**
   * Number of rows whose sums are computed at a time; for sparse rows a strip of a tile, which stays in the second-level cache.
   */
  size_t stripRows() const {
    const size_t strip = (64 < panelRows() ? 1 : 64 / panelRows()) * panelRows();
    return sparse && strip < tileRows ? strip : tileRows;
  }
  bool pruned() const { return sketchDepth > 0; }
  bool narrowed() const { return longSketchDepth > 0; }
  size_t directions() const { return (narrowed() ? longSketchDepth : sketchDepth) - 1; }
  size_t stagedTiles() const { return purpose == Purpose::dense || purpose == Purpose::tiles ? count : 0; }
  size_t panelRows() const { return size_t(doubles ? kernels->doubles.panelRows : kernels->floats.panelRows); }
  size_t elementBytes() const { return doubles ? 8 : 4; }
};

/** Byte offsets of sparse rows. */
struct SparsePlaces {
  size_t starts = 0, columns = 0, values = 0;
  /** For filtered jobs. */
  size_t filterColumns = 0, filterValues = 0, filterRests = 0;
};

/**
 * Byte offsets of packed rows: in panels, or for a pruned job one after another, with their sketches in panels and long
 * sketches one after another.
 */
struct Operand {
  size_t rows = 0, inverses = 0, guards = 0, sketches = 0, longSketches = 0;
  SparsePlaces sparse;
  /** The group and the threshold of each row, if the shape has them. */
  size_t groups = 0, thresholds = 0;
};

/** Byte offsets of the best scores of rows, or of columns, of a tile. */
struct ListPlaces {
  size_t bounds = 0, limits = 0, counts = 0, indices = 0, scores = 0;
};

/** Byte offsets of the facts about the rows, or about the columns, of a tile. */
struct FactPlaces {
  size_t squares = 0, rests = 0, traits = 0, twins = 0;
};

/** Byte offsets, within a thread's scratch memory, of what the thread works on. */
struct ScratchPlaces {
  size_t sums = 0, strip = 0, staged = 0, limits = 0, hitRows = 0, hitCols = 0, hitScores = 0, bins = 0;
  FactPlaces rowFacts, colFacts;
  ListPlaces ofRows, ofCols;
  size_t capacity = 0;
  /** Distance between rows of a staged tile in elements, and between staged tiles in bytes. */
  size_t stagedStride = 0, stagedBytes = 0;
  /** Distance from a histogram's table for even scores to that for odd scores; 0 if there is only one. */
  size_t oddTable = 0;
  /** Rows of the source that packing had to scale; used before the first tile, in the same place. */
  size_t spare = 0;
  /**
   * For pruned jobs: the rows and the columns of a tile in panels; while rows are packed, one panel and its products with the
   * directions.
   */
  size_t rowPanels = 0, colPanels = 0, packedPanel = 0, products = 0;
  /** For sparse rows: the index of a tile's columns, and the elements of two rows. */
  size_t slots = 0, entries = 0, postings = 0, rowSums = 0, nearRow = 0, nearCol = 0;
  /** For filtered jobs: bounds of the pairs of a row, the list of these pairs, and the row spread by its columns. */
  size_t pairBounds = 0, touched = 0, spread = 0;
};

struct Layout {
  Operand x, y;
  /** For pruned jobs: the directions of sketches, in panels, and the inverse norm and the guard of each sketch of a tile. */
  size_t directions = 0, ones = 0, twos = 0;
  ScratchPlaces places;
  size_t scratch = 0, scratchBytes = 0, edges = 0;
  size_t bytes = 0;
};

/** Returns false if the sizes exceed the address space. */
bool layOut(const Shape& shape, Layout& layout);

/** The largest errors of sketches; those of long ones are the largest. */
struct SketchErrors {
  /** Amount by which the squared length of the remainder is rounded up. */
  double squareSlack = 0;
  /** Maximum amount by which a score can exceed the computed product of sketches. */
  double slack = 0;
};

class Job {
 public:
  /** Prepares the job for a shape; returns false if there is not enough memory. Contents are lost. */
  bool configure(const Shape& shape);
  /** Releases memory unless it is small; returns whether it was. */
  bool release();

  const Shape& shape() const { return shape_; }
  const Layout& layout() const { return layout_; }

  template <class T>
  T* at(size_t offset) const {
    return reinterpret_cast<T*>(block_.at() + offset);
  }
  template <class T>
  T* scratch(size_t thread, size_t place) const {
    return at<T>(layout_.scratch + thread * layout_.scratchBytes + place);
  }
  const Operand& operand(bool y) const { return y && shape_.yRows > 0 ? layout_.y : layout_.x; }

  /**
   * Called before rows are packed: sets the directions of a pruned job, each with `depth` elements of the job's type, one after
   * another.
   */
  void setDirections(const void* directions, const SketchErrors& errors);
  bool hasDirections() const { return hasDirections_; }
  const SketchErrors& sketchErrors() const { return sketchErrors_; }

 private:
  SketchErrors sketchErrors_;
  bool hasDirections_ = false;
  Shape shape_;
  Layout layout_;
  Block block_;
};

/** Packed sparse rows to copy to a job. */
struct SparseBlock {
  bool y;
  /** The operand's row that the first one becomes, after all rows before it; and the number of rows. */
  size_t at, count;
  /** Begins with 0. */
  const uint32_t* starts;
  const uint32_t* columns;
  /** Elements of the job's type. */
  const void *values, *inverses, *guards;
};

/**
 * Copies packed rows to a job for sparse rows; returns false if they do not fit, or contain a column that the job does not
 * have.
 */
bool copySparse(const Job& job, const SparseBlock& block);

/** The filter of packed sparse rows, in the order of their elements. */
struct FilterBlock {
  bool y;
  /** Rows that `copySparse` has copied. */
  size_t at, count;
  const uint32_t* columns;
  const float *values, *rests;
};

/**
 * Copies the filter of packed rows to a filtered job; returns false if it contains a column that the job does not have, or a
 * rest that is too short.
 */
bool copyFilter(const Job& job, const FilterBlock& block);

/** Panels of one operand to pack from contiguous rows. */
struct PackWork {
  const Job* job;
  bool y;
  /** Elements of type S, not changed. */
  const void* rows;
  bool sourceDoubles;
  size_t count;
  /** The operand's row that the first one becomes: the start of a panel. */
  size_t at;
  bool zeroNonFinite;

  size_t panels() const;
  /** Packs panel number `panel` on thread `thread`; returns -1, or the first row (counted from `rows`) that is not finite. */
  int64_t packPanel(size_t panel, size_t thread) const;
};

}  // namespace allpairs
