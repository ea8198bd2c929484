// The tiles of a grid, computed one by one, each with the epilogue for the purpose of the job. Any number of threads may take
// different tiles at once.

#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "exact.h"
#include "grid.h"
#include "job.h"

namespace allpairs {

/** Where scores are written. All of this belongs to the caller and must exist until the task is over. */
struct Order {
  /**
   * The whole result of a dense job, in the job's type, and its number of columns; threads of a job with staged tiles do not
   * access it.
   */
  void* result = nullptr;
  size_t cols = 0;
  /** The lists of top-k, rows x k: heaps that are initially filled with scores below every score. */
  uint32_t* indices = nullptr;
  void* scores = nullptr;
  /** Pairs are those whose cosine is >= `threshold` and < `below`. */
  double threshold = 0, below = std::numeric_limits<double>::infinity();
  /** Histogram bin edges, one more than there are bins; needed only while the task is set up. */
  const double* edges = nullptr;
};

/** Pairs of one tile by (row, col), as indices into x and y; in a self-comparison, row < col. */
struct TilePairs {
  size_t tileRow = 0, tileCol = 0;
  std::vector<uint32_t> rows, cols;
  /** One of these, depending on the job's type. */
  std::vector<float> floats;
  std::vector<double> doubles;
};

/** Counted scores. */
struct Counts {
  std::vector<double> bins;
  double minimum, maximum;
  /** In multiples of 1 / SUM_UNITS: the lower and the upper half of a 128-bit number in two's complement. */
  uint64_t sumLow;
  int64_t sumHigh;
};

/** Where the rows and the columns of a tile begin. */
template <class T>
struct Panels {
  const T *a, *b;
};

/** The hits of a tile, row by row. */
template <class T>
struct Hits {
  uint32_t *rows, *cols;
  T* scores;
};

/** Returns whether the columns of every tile of a job for sparse rows fit in the memory for their index. */
bool fitsIndex(const Job& job, const Grid& grid);

class Task {
 public:
  /**
   * Sets up the task and clears the tables of a histogram. The job must not change until the task is over. The targets of
   * `order` may also be set later.
   */
  Task(std::shared_ptr<Job> job, const Grid& grid, const Order& order);

  /** Sets where scores are written from now on; the rest of the order stays the same. */
  void setTargets(const Order& order) { order_ = order; }

  const Grid& grid() const { return grid_; }
  size_t tiles() const { return tiles_; }
  size_t threads() const { return job_->shape().threads; }

  /** Computes tile `index` in the scratch memory of thread `thread`; for a pairs job, returns the pairs it finds, or null. */
  std::unique_ptr<TilePairs> take(size_t index, size_t thread);

  /**
   * Computes tile `index` of a job with staged tiles, and leaves its scores at the address that `reserve` returns, possibly
   * after waiting; returns false if that is null.
   */
  bool stage(size_t index, size_t thread, const std::function<void*()>& reserve);
  /** Copies the scores of a staged tile to `tile`, rows x cols without gaps. */
  void copyTile(size_t index, const void* staged, void* tile) const;
  Tile tileAt(size_t index) const { return grid_.at(index); }
  /** Copies the scores of a staged tile to its place in `result`. */
  void place(size_t index, const void* staged, void* result) const;
  /** Returns staged tile number `at` of a thread. */
  void* stagedTile(size_t thread, size_t at) const;
  size_t stagedTiles() const { return job_->shape().stagedTiles(); }

  /** For pruned jobs: the multiply-adds computed so far, and those of all tiles. */
  double multiplyAdds() const { return double(computed_); }
  double allMultiplyAdds() const { return double(all_); }

  /** Returns whether the cosine of packed rows `row` and `col`, whose score is `score`, reaches a threshold. */
  bool reaches(size_t row, size_t col, double score, double threshold) const;

  /** Returns the counts of a histogram from all threads, once they have finished. */
  Counts counts() const;

 private:
  struct ThreadTotals {
    double minimum, maximum;
    __extension__ __int128 sum;
  };

  template <class T>
  std::unique_ptr<TilePairs> takeOf(size_t index, size_t thread);
  template <class T>
  bool stageOf(size_t index, size_t thread, const std::function<void*()>& reserve);
  template <class T>
  void copyTileOf(size_t index, const T* staged, T* tile) const;
  template <class T>
  void placeOf(size_t index, const T* staged, T* result) const;
  template <class T>
  Sums<T> sumsOf(const Tile& tile, size_t thread) const;
  /** Calls `take` with the tile or, for sparse rows, with its strips one after another, after indexing its columns. */
  template <class T, class Take>
  void eachPart(const Tile& tile, size_t thread, Take take);
  /** Indexes the columns of a tile for the sums of its strips. */
  template <class T>
  void indexColumns(const Tile& tile, size_t thread);
  /** For filtered jobs: counts this many pairs as computed. */
  void countMultiplyAdds(double pairs);
  /**
   * Indexes their heads instead, to find survivors, unless this is impossible or has not paid so far; returns whether it did.
   */
  template <class T>
  bool indexForFilter(const Tile& tile, size_t thread);
  /**
   * Leaves the survivors of a strip of a tile with indexed heads as hits; returns false if computing all of its pairs is
   * faster.
   */
  template <class T>
  bool filterStrip(const Tile& tile, const Tile& strip, size_t thread);
  /** Keeps survivors that reach the lowest score of a pair, with their scores; returns their number. */
  template <class T>
  size_t keepReaching(const Tile& strip, size_t thread) const;
  /** Returns what a computed bound must reach for the pair's cosine to possibly reach the threshold. */
  double filterLimit() const;
  FilterRows filterRowsOf(bool y, size_t row) const;
  HeadIndex headIndexOf(size_t thread) const;
  /** Returns the mean number of stored elements in a column of the pass. */
  double meanStored() const;
  template <class T>
  SparseRows<T> sparseRowsOf(bool y, size_t row) const;
  template <class T>
  SparseIndex<T> indexOf(size_t thread) const;
  /** Finds the pairs of a strip. */
  template <class T>
  std::unique_ptr<TilePairs> findSparsePairs(const Tile& strip, size_t thread);
  /** Keeps those of `count` hits of a strip that reach the threshold. */
  template <class T>
  size_t settleSparse(const Tile& strip, double threshold, size_t count, const Hits<T>& hits, size_t thread) const;
  /**
   * Returns the depth whose error bound scores satisfy. Sums of sparse rows are rounded to float64; a single rounding to
   * float32 is as large as at most 2^28 of those.
   */
  size_t errorDepth() const;
  /** Returns the memory for the sums of a tile, and what belongs to them. */
  template <class T>
  Sums<T> factsOf(const Tile& tile, size_t thread) const;
  /** Returns the packed rows of an operand from a row on, which is the first of a panel. */
  template <class T>
  const T* rowsOf(bool y, size_t row) const;
  /** Returns the panels of a tile's rows and columns. */
  template <class T>
  Panels<T> panelsOf(const Tile& tile, size_t thread) const;
  template <class T>
  void write(const Tile& tile, const Sums<T>& sums, size_t thread);
  template <class T>
  Hits<T> hitsOf(size_t thread) const;
  template <class T>
  T lowestScore(double threshold) const;
  RowGroups groupsOf(const Tile& tile) const;
  /** Returns whether the groups of a tile's rows and columns show that none of its pairs count. */
  bool isWithoutPairs(const Tile& tile) const;
  /** Keeps the hits whose pairs count; returns their number. */
  size_t keepCounting(const Tile& tile, size_t count, uint32_t* hitRows, uint32_t* hitCols) const;
  /** Keeps the hits that according to `settle` reach the threshold but not `below`, and reach the thresholds of their rows. */
  template <class T, class Settle>
  size_t settleAll(const Tile& tile, const PackedRows<T>& a, const PackedRows<T>& b, size_t count, const Hits<T>& hits, Settle settle) const;
  /** The same, where `settled` decides hits and `reach` a single one. */
  template <class T, class Settled, class Reach>
  size_t settleWith(const Tile& tile, size_t count, const Hits<T>& hits, Settled settled, Reach reach) const;
  template <class T>
  bool reachesAs(const PackedRow<T>& a, const PackedRow<T>& b, double score, double threshold) const;
  template <class T>
  std::unique_ptr<TilePairs> findPairs(const Tile& tile, size_t thread);
  /** Computes all scores of a tile. */
  template <class T>
  std::unique_ptr<TilePairs> findAmongAll(const Tile& tile, size_t thread);
  /** For pruned jobs: leaves the pairs that no product of their sketches excludes as hits; returns their number. */
  template <class T>
  size_t findSurvivors(const Tile& tile, size_t thread);
  /** Computes only the scores of survivors. */
  template <class T>
  std::unique_ptr<TilePairs> verify(const Tile& tile, size_t survivors, size_t thread);
  /** Keeps undecided hits only if they reach the threshold; returns the remaining number of hits. */
  template <class T>
  size_t settleOpen(const PackedRows<T>& a, const PackedRows<T>& b, double threshold, size_t count, const Hits<T>& hits) const;
  template <class T>
  std::unique_ptr<TilePairs> toPairs(const Tile& tile, size_t count, const Hits<T>& hits) const;
  template <class T>
  void findBest(const Tile& tile, size_t thread);
  /** Fills the lists of a tile, whose bounds have been read. */
  template <class T>
  void fillLists(const Tile& tile, const Lists<T>& ofRows, const Lists<T>& ofCols, size_t thread);
  /** Computes the products of the first `depth` elements of the sketches of a tile. */
  template <class T>
  Sums<T> sketchSumsOf(const Tile& tile, size_t depth, size_t thread) const;
  /**
   * Returns whether comparing the long sketches of this many pairs of a tile is faster than computing all pairs; counts its
   * cost.
   */
  bool isWorthNarrowing(const Tile& tile, size_t survivors);
  /** The same for verifying them. */
  bool isWorthVerifying(const Tile& tile, size_t survivors);
  /** Returns the long sketches of a tile's rows and columns. */
  template <class T>
  Panels<T> longSketchesOf(const Tile& tile) const;
  template <class T>
  void count(const Sums<T>& sums, size_t thread);
  template <class T>
  void readBounds(std::atomic<bool>& listsLock, T* bounds, size_t row, int count);
  template <class T>
  void merge(std::atomic<bool>& listsLock, const Lists<T>& lists, size_t capacity, size_t row, int count, size_t offset);

  std::shared_ptr<Job> job_;
  Grid grid_;
  Order order_;
  size_t tiles_;
  /** True if the result is too large to be in a cache when it is read. */
  bool streaming_ = false;
  std::vector<ThreadTotals> totals_;
  std::atomic<uint64_t> computed_{0}, all_{0};
  struct Filtering {
    /** True if scratch memory that has to be 0 is 0. */
    bool cleared = false;
    /** For the current strip. */
    size_t survivors = 0;
    /** For the tile so far: its cost, its pairs, and how many of them were found. */
    FilterWork work;
    double pairs = 0, found = 0;
  };
  /** For sparse rows: what the index of each thread contains. */
  struct Indexed {
    size_t colStart = 0, cols = 0;
    uint32_t last = 0;
    /** True if it contains only heads. */
    bool filtered = false;
    Filtering filtering;
  };
  std::vector<Indexed> indexed_;
  /**
   * Number of tiles whose heads were indexed, of those where this did not pay, and of those where it was not tried for that
   * reason.
   */
  std::atomic<uint32_t> filterTried_{0}, filterFailed_{0}, tilesSkipped_{0};
  /**
   * For top-k: one lock for each block of `tileRows` rows of the pass and then, from `colLocks_`, one for each block of columns
   * that are other rows.
   */
  std::unique_ptr<std::atomic<bool>[]> locks_;
  size_t colLocks_ = 0;
};

}  // namespace allpairs
