// The kernels of one instruction set as the rest of the addon sees them: a table of functions for each element type.

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace allpairs {

/** The group of a row that belongs to no pair. */
constexpr uint32_t NO_GROUP = UINT32_MAX;

/**
 * The groups of a tile's rows and columns; null if every pair counts. Otherwise only pairs in the same group count, or only
 * pairs in different groups.
 */
struct RowGroups {
  const uint32_t *rows = nullptr, *cols = nullptr;
  bool within = false;
};

/** The sums of one tile, and what turns them into scores. Rows of sums are `stride` elements apart, a whole number of panels. */
template <class T>
struct Sums {
  T* at;
  size_t stride;
  const T *rowInverses, *colInverses, *rowGuards, *colGuards;
  int rows, cols;
  /** Rows and columns are the same: only sums on and below the diagonal exist. */
  bool triangle;
  RowGroups groups;
};

/** The best scores of rows, or of columns. */
template <class T>
struct Lists {
  /** Bounds are changed; limits are scratch memory, up to whole panels of columns. */
  T *bounds, *limits;
  uint32_t *counts, *indices;
  T* scores;
};

/** Known properties of the rows or columns of a tile, computed on demand; each up to whole panels. */
struct RowFacts {
  /** A row's product with itself, as the sum of these two. */
  double *squares, *rests;
  /** 0 if nothing is known yet. */
  uint8_t* traits;
  /** The first row of the tile with the same bits, or NO_TWIN. */
  uint16_t* twins;
};

constexpr uint16_t NO_TWIN = 0xffff;

/** What decides the hits of a tile near the threshold. */
template <class T>
struct Near {
  /** The panels in which the tile's rows and its columns begin. */
  const T *a, *b;
  int depth;
  double threshold;
  /** Scratch memory. */
  RowFacts rows, cols;
};

/** Set in the row of a hit if only exact arithmetic can decide whether it reaches the threshold. */
constexpr uint32_t OPEN_HIT = uint32_t(1) << 31;

/** Fills the unused places in the lists of top-k: a score below every score, and an index above every index. */
constexpr double NO_SCORE = -2;
constexpr uint32_t NO_INDEX = UINT32_MAX;

/** A histogram's sum adds scores rounded to multiples of 1 / SUM_UNITS. */
constexpr double SUM_UNITS = 8589934592.0;

/** The extremes and the sum of some scores. */
struct Totals {
  double minimum, maximum;
  /** In multiples of 1 / SUM_UNITS: 2^29 scores fit. */
  int64_t sum;
};

/** Where the sketches of a panel's rows are written: `depth` elements from `depth` - 1 directions; nothing if it is 0. */
template <class T>
struct SketchPlace {
  T* at;
  size_t depth;
};

/** Sparse rows: the elements of row r are at [starts[r], starts[r + 1]) of `columns`, which ascend, and of `values`. */
template <class T>
struct SparseRows {
  const uint32_t *starts, *columns;
  const T* values;
};

/** A column of an index, and the end of its list of postings, which begins where the previous one ends. */
struct IndexEntry {
  uint32_t column, end;
};
constexpr uint32_t NO_COLUMN = UINT32_MAX;

/** An element of a row of an index. */
template <class T>
struct Posting {
  uint32_t row;
  T value;
};

/** Rows indexed by their columns. */
template <class T>
struct SparseIndex {
  /** For each column, the number of its entry if the index contains it; otherwise any value. */
  uint32_t* slots;
  /** Counted from 1; entry 0 is unused. */
  IndexEntry* entries;
  Posting<T>* postings;
  /** Scratch memory: one float64 for each sum of a row, or two for float64 sums. */
  double* sums;
  /** Number of indexed rows. */
  uint32_t count;
};

/** The elements of sparse rows of length 1, the rarest column first, each with the length of those after it. */
struct FilterRows {
  const uint32_t *starts, *columns;
  const float *values, *rests;
};

/** An element of the head of a row, with the length of what follows it and of the row without its head. */
struct HeadPosting {
  uint32_t row;
  float value, rest, headRest;
};

/**
 * For two rows: the sum of products over the columns that their heads share so far, and a bound for the rest; 0 if they share
 * none.
 */
struct PairBound {
  float sum, rest;
};

/** The heads of rows, indexed by their columns. */
struct HeadIndex {
  /** As in SparseIndex. */
  uint32_t* slots;
  IndexEntry* entries;
  HeadPosting* postings;
  /** One for each indexed row, all 0. */
  PairBound* bounds;
  /** One for each indexed row, and one more. */
  uint32_t* touched;
};

/** The cost of filtering. */
struct FilterWork {
  uint64_t products = 0, touched = 0;
};

/** Number of hits that filters may write beyond those that count. */
constexpr size_t FILTER_SPARE = 8;

/** Each function is described where it is defined, in the file that is named. */
template <class T>
struct KernelsOf {
  /** Number of rows in one panel. */
  int panelRows;
  // pack.h
  int (*packFloats)(const float* rows, int count, size_t depth, T* panel, T* inverses, T* guards, float* spare, bool zeroNonFinite);
  int (*packDoubles)(const double* rows, int count, size_t depth, T* panel, T* inverses, T* guards, double* spare, bool zeroNonFinite);
  // gram.h
  void (*gramTile)(const T* a, const T* b, size_t panelSize, T* sums, size_t stride, int rows, int cols, int depth, bool triangle);
  // dense.h
  void (*writeScores)(const Sums<T>& sums, T* out, T* mirrored, size_t outStride, T* strip, bool streaming);
  void (*copyBlock)(T* to, size_t toStride, const T* from, size_t fromStride, int rows, int cols, bool streaming);
  // pairs.h
  size_t (*findPairs)(const Sums<T>& sums, T threshold, T* limits, uint32_t* hitRows, uint32_t* hitCols, T* hitScores);
  // settle.h
  double (*scoreError)(int depth);
  size_t (*settlePairs)(const Sums<T>& sums, const Near<T>& near, size_t count, uint32_t* hitRows, uint32_t* hitCols, T* hitScores,
                        size_t* open);
  // rows.h
  void (*unpackPanel)(const T* panel, size_t depth, T* rows);
  void (*layPanels)(const T* rows, int count, size_t depth, T* panels);
  // sketch.h
  void (*sketchPanel)(const T* panel, const T* directions, size_t depth, const T* inverses, T squareSlack, T* products,
                      const SketchPlace<T>& sketch, const SketchPlace<T>& longSketch);
  // filter.h
  size_t (*filterPairs)(const Sums<T>& bounds, T lowest, uint32_t* hitRows, uint32_t* hitCols);
  size_t (*filterCandidates)(const Sums<T>& bounds, T slack, const Lists<T>& ofRows, const Lists<T>& ofCols, uint32_t* hitRows, uint32_t* hitCols);
  // narrow.h
  size_t (*narrowPairs)(const T* a, const T* b, size_t depth, T lowest, size_t count, uint32_t* hitRows, uint32_t* hitCols);
  size_t (*narrowCandidates)(const T* a, const T* b, size_t depth, const T* rowLimits, const T* colLimits, size_t count, uint32_t* hitRows,
                             uint32_t* hitCols);
  // verify.h
  size_t (*verifyPairs)(const T* a, const T* b, size_t depth, const Sums<T>& sums, T lowest, size_t count, uint32_t* hitRows, uint32_t* hitCols,
                        T* hitScores);
  void (*scorePairs)(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* rows, const uint32_t* cols, T* scores);
  void (*offerPairs)(const T* a, const T* b, size_t depth, const Sums<T>& sums, size_t count, const uint32_t* rows, const uint32_t* cols,
                     const Lists<T>& ofRows, const Lists<T>& ofCols, size_t capacity);
  size_t (*settleVerified)(const T* a, const T* b, size_t depth, double threshold, size_t count, uint32_t* hitRows, uint32_t* hitCols,
                           T* hitScores, size_t* open);
  // best.h
  void (*findBest)(const Sums<T>& sums, const Lists<T>& ofRows, const Lists<T>& ofCols, size_t capacity);
  // histogram.h
  Totals (*countScores)(const Sums<T>& sums, const double* edges, size_t bins, uint64_t* counts, size_t oddTable);
  // sparse.h
  uint32_t (*indexRows)(const SparseRows<T>& rows, int count, const SparseIndex<T>& index);
  void (*sumSparse)(const SparseRows<T>& rows, int count, const SparseIndex<T>& index, uint32_t last, int first, int cols, T* sums, size_t stride);
  // row-filter.h
  uint32_t (*indexHeads)(const FilterRows& rows, int count, float limit, const HeadIndex& index);
  size_t (*filterHeads)(const FilterRows& rows, size_t row, float limit, float lowest, const HeadIndex& index, uint32_t last, uint32_t first,
                        uint32_t* found, FilterWork& work);
  void (*scoreSurvivors)(const SparseRows<T>& x, size_t row, const SparseRows<T>& y, const Sums<T>& facts, size_t count, const uint32_t* cols,
                         T* spread, T* scores);
};

struct Kernels {
  const char* name;
  /** A one-line description. */
  const char* description;
  /** Number of products that are added before a sum restarts. */
  int depthBlock;
  KernelsOf<float> floats;
  KernelsOf<double> doubles;

  template <class T>
  const KernelsOf<T>& of() const;
};

template <>
inline const KernelsOf<float>& Kernels::of<float>() const {
  return floats;
}
template <>
inline const KernelsOf<double>& Kernels::of<double>() const {
  return doubles;
}

}  // namespace allpairs
