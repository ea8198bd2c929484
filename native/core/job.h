// One problem in memory: packed rows of both operands, and scratch for each thread. Where everything lies is a pure function
// of the problem's shape, so that what a job will need is known before there is one.

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../kernels/table.h"
#include "pages.h"

namespace allpairs {

enum class Purpose { dense, pairs, topK, histogram, tiles };

/** Which pairs count: all, or by the groups of their rows. */
enum class Grouping { none, across, within };

/** JobShape of src/backends/backend.ts. */
struct Shape {
  const Kernels* kernels = nullptr;
  /** Whether scores are float64. */
  bool doubles = false;
  size_t depth = 0, xRows = 0, yRows = 0, tileRows = 0, threads = 1;
  Purpose purpose = Purpose::dense;
  /** k of top-k, bins of a histogram; of tiles, and of a dense job, the staged tiles of each thread, 0 where threads write to the result. */
  size_t count = 0;
  /** Elements of a row's sketch; 0 where every pair is computed. Of its long sketch; 0 without one. */
  size_t sketchDepth = 0, longSketchDepth = 0;
  /** Whether rows are sparse, and if so the most stored elements of the rows of x, of those of y, of a tile's and of one. */
  bool sparse = false;
  size_t xNonzeros = 0, yNonzeros = 0, tileNonzeros = 0, rowNonzeros = 0;
  /** Whether pairs of sparse rows may be excluded, and how many columns two rows share, in the mean. */
  bool filtered = false;
  double commonColumns = 0;
  Grouping grouping = Grouping::none;
  /** Whether rows have thresholds of their own, of pairs. */
  bool thresholds = false;

  /** Rows that sums are computed for at a time: with sparse rows a strip of a tile, which stays in the second-level cache. */
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
  /** Of a filtered job. */
  size_t filterColumns = 0, filterValues = 0, filterRests = 0;
};

/** Byte offsets of packed rows: in panels, or of a pruned job one after another, with their sketches in panels and long sketches one after another. */
struct Operand {
  size_t rows = 0, inverses = 0, guards = 0, sketches = 0, longSketches = 0;
  SparsePlaces sparse;
  /** Of each row its group, and its threshold, where the shape has such. */
  size_t groups = 0, thresholds = 0;
};

/** Byte offsets of the best scores of rows, or of columns, of a tile. */
struct ListPlaces {
  size_t bounds = 0, limits = 0, counts = 0, indices = 0, scores = 0;
};

/** Byte offsets of what is known of the rows, or of the columns, of a tile. */
struct FactPlaces {
  size_t squares = 0, rests = 0, traits = 0, twins = 0;
};

/** Byte offsets, from a thread's scratch, of what the thread works on. */
struct ScratchPlaces {
  size_t sums = 0, strip = 0, staged = 0, limits = 0, hitRows = 0, hitCols = 0, hitScores = 0, bins = 0;
  FactPlaces rowFacts, colFacts;
  ListPlaces ofRows, ofCols;
  size_t capacity = 0;
  /** Elements from one row of a staged tile to the next, and bytes from one such tile to the next. */
  size_t stagedStride = 0, stagedBytes = 0;
  /** From a histogram's table of even scores to that of odd ones; 0 where there is one. */
  size_t oddTable = 0;
  /** Rows of the source that packing had to scale: used before any tile, in the same place. */
  size_t spare = 0;
  /** Of a pruned job: the rows and the columns of a tile in panels; while rows are packed, one panel and its products with the directions. */
  size_t rowPanels = 0, colPanels = 0, packedPanel = 0, products = 0;
  /** Of a job for sparse rows: the index of a tile's columns, and the elements of two rows. */
  size_t slots = 0, entries = 0, postings = 0, rowSums = 0, nearRow = 0, nearCol = 0;
  /** Of a filtered one: bounds of the pairs of a row, which of them there are, and the row by its columns. */
  size_t pairBounds = 0, touched = 0, spread = 0;
};

struct Layout {
  Operand x, y;
  /** Of a pruned job: the directions of sketches, in panels, and of each sketch of a tile the inverse norm and the guard. */
  size_t directions = 0, ones = 0, twos = 0;
  ScratchPlaces places;
  size_t scratch = 0, scratchBytes = 0, edges = 0;
  size_t bytes = 0;
};

/** False where the sizes do not fit an address. */
bool layOut(const Shape& shape, Layout& layout);

/** How far sketches may be off, long ones most. */
struct SketchErrors {
  /** What the square of the length of the rest is rounded up by. */
  double squareSlack = 0;
  /** The most by which a score may lie above the computed product of sketches. */
  double slack = 0;
};

class Job {
 public:
  /** Sets the job up for a shape; false where there is no memory for it. Contents are lost. */
  bool configure(const Shape& shape);
  /** Gives memory back, unless it is little; whether it was. */
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

  /** Before rows are packed: the directions of a pruned job, each of `depth` elements of the job's type, one after another. */
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

/** Packed sparse rows to be copied to a job. */
struct SparseBlock {
  bool y;
  /** The operand's row that the first becomes; all before it are there. */
  size_t at, count;
  /** From 0 on. */
  const uint32_t* starts;
  const uint32_t* columns;
  /** Of the job's type. */
  const void *values, *inverses, *guards;
};

/** Copies packed rows to a job for sparse rows; false where they do not fit it, or have a column that it does not have. */
bool copySparse(const Job& job, const SparseBlock& block);

/** The filter of packed sparse rows, in the order of their elements. */
struct FilterBlock {
  bool y;
  /** Rows that were copied by `copySparse`. */
  size_t at, count;
  const uint32_t* columns;
  const float *values, *rests;
};

/** Copies the filter of packed rows to a filtered job; false where it has a column that the job does not have, or a rest that is too short. */
bool copyFilter(const Job& job, const FilterBlock& block);

/** Panels of one operand to be packed, from rows one after another. */
struct PackWork {
  const Job* job;
  bool y;
  /** Of S, not changed. */
  const void* rows;
  bool sourceDoubles;
  size_t count;
  /** The operand's row that the first becomes: the start of a panel. */
  size_t at;
  bool zeroNonFinite;

  size_t panels() const;
  /** Packs panel number `panel` on thread `thread`; -1, or the first row (counted from `rows`) that is not finite. */
  int64_t packPanel(size_t panel, size_t thread) const;
};

}  // namespace allpairs
