// The tiles of a grid, computed one by one, each with the epilogue of what the job is for. Any number of threads may take
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

/** Where scores go. All of this belongs to the caller, who keeps it until the task is over. */
struct Order {
  /** The whole result of a dense job, of the job's type, and its columns; threads of a job with staged tiles do not touch it. */
  void* result = nullptr;
  size_t cols = 0;
  /** The lists of top-k, rows x k: heaps, which rank every score above what they are filled with. */
  uint32_t* indices = nullptr;
  void* scores = nullptr;
  /** Pairs are those whose cosine is >= `threshold` and < `below`. */
  double threshold = 0, below = std::numeric_limits<double>::infinity();
  /** Of a histogram, one more than there are bins; needed only while the task is set up. */
  const double* edges = nullptr;
};

/** Pairs of one tile by (row, col), which are indices into x and y; of x with itself row < col. */
struct TilePairs {
  size_t tileRow = 0, tileCol = 0;
  std::vector<uint32_t> rows, cols;
  /** One of these, by the job's type. */
  std::vector<float> floats;
  std::vector<double> doubles;
};

/** Scores counted. */
struct Counts {
  std::vector<double> bins;
  double minimum, maximum;
  /** In multiples of 1 / SUM_UNITS: the lower and the upper half of a two's complement number of 128 bits. */
  uint64_t sumLow;
  int64_t sumHigh;
};

/** Where a tile's rows and its columns begin. */
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

/** Whether the columns of every tile of a job for sparse rows fit the place for their index. */
bool fitsIndex(const Job& job, const Grid& grid);

class Task {
 public:
  /** Sets the task up: empties a histogram's tables. The job stays as it is until the task is over. What `order` points to
      may also be given later. */
  Task(std::shared_ptr<Job> job, const Grid& grid, const Order& order);

  /** Where scores go from now on; the rest of the order stays. */
  void setTargets(const Order& order) { order_ = order; }

  const Grid& grid() const { return grid_; }
  size_t tiles() const { return tiles_; }
  size_t threads() const { return job_->shape().threads; }

  /** Computes tile `index` in the scratch of thread `thread`; of a job for pairs returns those it finds, or null. */
  std::unique_ptr<TilePairs> take(size_t index, size_t thread);

  /**
   * Computes tile `index` of a job with staged tiles, and leaves its scores where `reserve` says, which may wait; false where
   * that is null.
   */
  bool stage(size_t index, size_t thread, const std::function<void*()>& reserve);
  /** Copies the scores of a staged tile to `tile`, rows x cols without gaps. */
  void copyTile(size_t index, const void* staged, void* tile) const;
  Tile tileAt(size_t index) const { return grid_.at(index); }
  /** Copies the scores of a staged tile to `result`, which is the whole. */
  void place(size_t index, const void* staged, void* result) const;
  /** Staged tile number `at` of a thread. */
  void* stagedTile(size_t thread, size_t at) const;
  size_t stagedTiles() const { return job_->shape().stagedTiles(); }

  /** Of a pruned job, so far: multiply-adds that were computed, and as many as all of its tiles have. */
  double multiplyAdds() const { return double(computed_); }
  double allMultiplyAdds() const { return double(all_); }

  /** Whether the cosine of packed rows `row` and `col`, whose score is `score`, is at or above a threshold. */
  bool reaches(size_t row, size_t col, double score, double threshold) const;

  /** What a histogram counted on all threads, once they are done. */
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
  /** Calls `take` with the tile, or with the strips that a job for sparse rows computes one after another, whose columns are indexed before. */
  template <class T, class Take>
  void eachPart(const Tile& tile, size_t thread, Take take);
  /** Indexes the columns of a tile for the sums of its strips. */
  template <class T>
  void indexColumns(const Tile& tile, size_t thread);
  /** Of a filtered job, where so many pairs are computed. */
  void countMultiplyAdds(double pairs);
  /** Indexes their heads instead, to find survivors by, unless that cannot be, or did not pay so far; whether it did. */
  template <class T>
  bool indexForFilter(const Tile& tile, size_t thread);
  /** Leaves the survivors of a strip of a tile whose heads are indexed as hits; false where computing all of its pairs takes less time. */
  template <class T>
  bool filterStrip(const Tile& tile, const Tile& strip, size_t thread);
  /** Keeps those survivors that reach the lowest score of a pair, with their scores, and returns how many they are. */
  template <class T>
  size_t keepReaching(const Tile& strip, size_t thread) const;
  /** What a computed bound has to reach where a pair's cosine may reach the threshold. */
  double filterLimit() const;
  FilterRows filterRowsOf(bool y, size_t row) const;
  HeadIndex headIndexOf(size_t thread) const;
  /** Elements that a column of the pass stores, in the mean. */
  double meanStored() const;
  template <class T>
  SparseRows<T> sparseRowsOf(bool y, size_t row) const;
  template <class T>
  SparseIndex<T> indexOf(size_t thread) const;
  /** The pairs of a strip. */
  template <class T>
  std::unique_ptr<TilePairs> findSparsePairs(const Tile& strip, size_t thread);
  /** Keeps those of `count` hits of a strip that reach the threshold. */
  template <class T>
  size_t settleSparse(const Tile& strip, double threshold, size_t count, const Hits<T>& hits, size_t thread) const;
  /**
   * The depth whose error bound scores keep. Sums of sparse rows are rounded to float64: one rounding to float32 is as large as 2^28 of those at
   * the most.
   */
  size_t errorDepth() const;
  /** The place for the sums of a tile, and what else belongs to them. */
  template <class T>
  Sums<T> factsOf(const Tile& tile, size_t thread) const;
  /** The packed rows of an operand from one on, the first of a panel. */
  template <class T>
  const T* rowsOf(bool y, size_t row) const;
  /** The panels of a tile's rows and columns. */
  template <class T>
  Panels<T> panelsOf(const Tile& tile, size_t thread) const;
  template <class T>
  void write(const Tile& tile, const Sums<T>& sums, size_t thread);
  template <class T>
  Hits<T> hitsOf(size_t thread) const;
  template <class T>
  T lowestScore(double threshold) const;
  RowGroups groupsOf(const Tile& tile) const;
  /** Whether the groups of a tile's rows and columns show that none of its pairs counts. */
  bool isWithoutPairs(const Tile& tile) const;
  /** Leaves those hits whose pairs count, and returns how many they are. */
  size_t keepCounting(const Tile& tile, size_t count, uint32_t* hitRows, uint32_t* hitCols) const;
  /** Leaves those hits that `settle` settles to reach the threshold, but not `below`, and that reach the thresholds of their rows. */
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
  /** Of a pruned job: leaves those pairs as hits that no product of their sketches excludes, and returns how many there are. */
  template <class T>
  size_t findSurvivors(const Tile& tile, size_t thread);
  /** Computes the scores of survivors alone. */
  template <class T>
  std::unique_ptr<TilePairs> verify(const Tile& tile, size_t survivors, size_t thread);
  /** Keeps those hits that the kernels left open only if they reach the threshold; returns how many hits there are then. */
  template <class T>
  size_t settleOpen(const PackedRows<T>& a, const PackedRows<T>& b, double threshold, size_t count, const Hits<T>& hits) const;
  template <class T>
  std::unique_ptr<TilePairs> toPairs(const Tile& tile, size_t count, const Hits<T>& hits) const;
  template <class T>
  void findBest(const Tile& tile, size_t thread);
  /** Fills the lists of a tile, whose bounds are read. */
  template <class T>
  void fillLists(const Tile& tile, const Lists<T>& ofRows, const Lists<T>& ofCols, size_t thread);
  /** The products of the first `depth` elements of the sketches of a tile. */
  template <class T>
  Sums<T> sketchSumsOf(const Tile& tile, size_t depth, size_t thread) const;
  /** Whether it takes less time to look at the long sketches of so many pairs of a tile than to compute all; counts what that takes. */
  bool isWorthNarrowing(const Tile& tile, size_t survivors);
  /** The same for verifying them. */
  bool isWorthVerifying(const Tile& tile, size_t survivors);
  /** The long sketches of a tile's rows and columns. */
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
  /** Whether the result is too large to be in a cache when it is read. */
  bool streaming_ = false;
  std::vector<ThreadTotals> totals_;
  std::atomic<uint64_t> computed_{0}, all_{0};
  struct Filtering {
    /** Whether scratch that has to be 0 is. */
    bool cleared = false;
    /** Of the strip in hand. */
    size_t survivors = 0;
    /** Of the tile so far: what it took, its pairs, and how many of them were found. */
    FilterWork work;
    double pairs = 0, found = 0;
  };
  /** Of a job for sparse rows: what each thread's index is of. */
  struct Indexed {
    size_t colStart = 0, cols = 0;
    uint32_t last = 0;
    /** Whether it is of heads alone. */
    bool filtered = false;
    Filtering filtering;
  };
  std::vector<Indexed> indexed_;
  /** Tiles whose heads were indexed, those of them where that did not pay, and those where it was not tried for that reason. */
  std::atomic<uint32_t> filterTried_{0}, filterFailed_{0}, tilesSkipped_{0};
  /** Of top-k, one a block of `tileRows` rows of the pass; then, from `colLocks_` on, one a block of columns that are other rows. */
  std::unique_ptr<std::atomic<bool>[]> locks_;
  size_t colLocks_ = 0;
};

}  // namespace allpairs
