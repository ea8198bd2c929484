#include "task.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "../kernels/counts.h"
#include "../kernels/heap.h"
#include "exact.h"

namespace allpairs {

namespace {

/**
 * Results of at least this size are written with streaming stores, which bypass the caches: twice what a core can expect to
 * find again in a shared cache. This requires that all rows have the same alignment to cache lines; otherwise it takes longer
 * than ordinary stores (15 % of a call at 5000 x 384).
 */
constexpr size_t STREAMING_BYTES = size_t(8) << 20;
constexpr size_t LINE = 64;

/**
 * If sketches leave more than this fraction of a tile's pairs, computing all pairs is faster than verifying the remaining ones.
 */
constexpr double WORTH_VERIFYING = 0.12;
/** The same for comparing their long sketches first. */
constexpr double WORTH_NARROWING = 0.5;

/** Held while the few finds of a tile are merged into the lists of a block of rows. */
class BlockLock {
 public:
  explicit BlockLock(std::atomic<bool>& lock) : lock_(lock) {
    while (lock_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
  }
  ~BlockLock() { lock_.store(false, std::memory_order_release); }
  BlockLock(const BlockLock&) = delete;
  BlockLock& operator=(const BlockLock&) = delete;

 private:
  std::atomic<bool>& lock_;
};

template <class T>
Lists<T> listsAt(const Job& job, size_t thread, const ListPlaces& places) {
  return {job.scratch<T>(thread, places.bounds), job.scratch<T>(thread, places.limits), job.scratch<uint32_t>(thread, places.counts),
          job.scratch<uint32_t>(thread, places.indices), job.scratch<T>(thread, places.scores)};
}

RowFacts factsAt(const Job& job, size_t thread, const FactPlaces& places) {
  return {job.scratch<double>(thread, places.squares), job.scratch<double>(thread, places.rests),
          job.scratch<uint8_t>(thread, places.traits), job.scratch<uint16_t>(thread, places.twins)};
}

double pairsOf(const Tile& tile) { return double(tile.rows()) * double(tile.cols()) / (tile.diagonal ? 2 : 1); }

std::vector<float>& scoresOf(TilePairs& pairs, float) { return pairs.floats; }
std::vector<double>& scoresOf(TilePairs& pairs, double) { return pairs.doubles; }

/** Appends the pairs of a part of a tile to those of its other parts. */
template <class T>
std::unique_ptr<TilePairs> joinPairs(std::unique_ptr<TilePairs> before, std::unique_ptr<TilePairs> more) {
  if (!before || !more) return before ? std::move(before) : std::move(more);
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(before->rows, more->rows);
  append(before->cols, more->cols);
  append(scoresOf(*before, T()), scoresOf(*more, T()));
  return before;
}

/** Sorts pairs of `rows` rows from `tileRow` by row; pairs of the same row keep their order. */
template <class T>
void sortByRow(TilePairs& pairs, int rows) {
  std::vector<size_t> next(size_t(rows) + 1);
  for (const uint32_t row : pairs.rows) next[row - pairs.tileRow + 1]++;
  for (size_t row = 1; row < next.size(); row++) next[row] += next[row - 1];
  TilePairs sorted;
  std::vector<T>&from = scoresOf(pairs, T()), &to = scoresOf(sorted, T());
  sorted.rows.resize(pairs.rows.size());
  sorted.cols.resize(pairs.rows.size());
  to.resize(pairs.rows.size());
  for (size_t i = 0; i < pairs.rows.size(); i++) {
    const size_t at = next[pairs.rows[i] - pairs.tileRow]++;
    sorted.rows[at] = pairs.rows[i];
    sorted.cols[at] = pairs.cols[i];
    to[at] = from[i];
  }
  pairs.rows.swap(sorted.rows);
  pairs.cols.swap(sorted.cols);
  from.swap(to);
}

/** Writes the elements of two sparse rows, in the columns that either has, to `a` and `b` in order; returns their number. */
template <class T>
size_t writeUnion(const SparseRows<T>& x, size_t xRow, const SparseRows<T>& y, size_t yRow, T* a, T* b) {
  uint32_t i = x.starts[xRow], j = y.starts[yRow];
  const uint32_t iEnd = x.starts[xRow + 1], jEnd = y.starts[yRow + 1];
  size_t count = 0;
  for (; i < iEnd || j < jEnd; count++) {
    const uint32_t left = i < iEnd ? x.columns[i] : NO_COLUMN, right = j < jEnd ? y.columns[j] : NO_COLUMN;
    a[count] = left <= right ? x.values[i++] : 0;
    b[count] = right <= left ? y.values[j++] : 0;
  }
  return count;
}

}  // namespace

bool fitsIndex(const Job& job, const Grid& grid) {
  const uint32_t* starts = job.at<uint32_t>(job.operand(!grid.diagonal).sparse.starts);
  for (size_t col = grid.firstCol(); col < grid.passCols; col += grid.tileRows) {
    const size_t end = std::min(col + grid.tileRows, grid.passCols);
    if (starts[end] - starts[col] > job.shape().tileNonzeros) return false;
  }
  return true;
}

Task::Task(std::shared_ptr<Job> job, const Grid& grid, const Order& order)
    : job_(std::move(job)), grid_(grid), order_(order), tiles_(grid.count()) {
  const Shape& shape = job_->shape();
  indexed_.resize(shape.sparse ? shape.threads : 0);
  if (shape.purpose == Purpose::dense) {
    const size_t rowBytes = order_.cols * shape.elementBytes();
    // Strips of sparse rows may begin within a cache line.
    streaming_ = !shape.sparse && rowBytes % LINE == 0 && rowBytes * (grid_.passRow + grid_.rowEnd) >= STREAMING_BYTES;
  } else if (shape.purpose == Purpose::topK) {
    // In a pass on the diagonal, columns are rows; otherwise they have locks of their own.
    const size_t rows = grid_.diagonal ? grid_.passCols : grid_.rowEnd, cols = grid_.diagonal || !grid_.symmetric ? 0 : grid_.passCols;
    colLocks_ = grid_.diagonal ? 0 : rows / grid_.tileRows + 1;
    locks_.reset(new std::atomic<bool>[rows / grid_.tileRows + 1 + cols / grid_.tileRows + 1]());
  } else if (shape.purpose == Purpose::histogram) {
    const double infinity = std::numeric_limits<double>::infinity();
    totals_.assign(shape.threads, {infinity, -infinity, 0});
    double* edges = job_->at<double>(job_->layout().edges);
    std::copy(order.edges, order.edges + shape.count + 1, edges);
    edges[shape.count + 1] = infinity;
    const ScratchPlaces& places = job_->layout().places;
    for (size_t thread = 0; thread < shape.threads; thread++) {
      memset(job_->scratch<uint64_t>(thread, places.bins), 0, 8 * (shape.count + 1 + places.oddTable));
    }
  }
}

std::unique_ptr<TilePairs> Task::take(size_t index, size_t thread) {
  return job_->shape().doubles ? takeOf<double>(index, thread) : takeOf<float>(index, thread);
}

template <class T>
std::unique_ptr<TilePairs> Task::takeOf(size_t index, size_t thread) {
  const Tile tile = grid_.at(index);
  if (isWithoutPairs(tile)) return nullptr;
  std::unique_ptr<TilePairs> pairs;
  eachPart<T>(tile, thread, [&](const Tile& part) {
    switch (job_->shape().purpose) {
      case Purpose::dense:
        write<T>(part, sumsOf<T>(part, thread), thread);
        break;
      case Purpose::pairs:
        pairs = joinPairs<T>(std::move(pairs), findPairs<T>(part, thread));
        break;
      case Purpose::topK:
        findBest<T>(part, thread);
        break;
      case Purpose::histogram:
        count<T>(sumsOf<T>(part, thread), thread);
        break;
      case Purpose::tiles:
        // They are staged.
        break;
    }
  });
  if (pairs && job_->shape().sparse) {
    pairs->tileRow = grid_.passRow + tile.rowStart;
    pairs->tileCol = grid_.passCol + tile.colStart;
    // In a diagonal tile, the part of a strip on the diagonal came before the rest of its rows.
    if (tile.diagonal) sortByRow<T>(*pairs, tile.rows());
  }
  return pairs;
}

template <class T, class Take>
void Task::eachPart(const Tile& tile, size_t thread, Take take) {
  const Shape& shape = job_->shape();
  if (!shape.sparse) {
    take(tile);
    return;
  }
  Indexed& indexed = indexed_[thread];
  indexed.colStart = tile.colStart;
  indexed.cols = size_t(tile.cols());
  indexed.filtered = indexForFilter<T>(tile, thread);
  if (!indexed.filtered) indexColumns<T>(tile, thread);
  const size_t step = shape.stripRows();
  for (size_t row = tile.rowStart; row < tile.rowEnd; row += step) {
    const size_t end = std::min(row + step, tile.rowEnd);
    if (indexed.filtered) {
      // In a diagonal tile, survivors are above the diagonal.
      const Tile strip = {row, end, tile.colStart, tile.colEnd, false, tile.mirrored || tile.diagonal};
      if (filterStrip<T>(tile, strip, thread)) {
        take(strip);
        continue;
      }
      filterFailed_++;
      indexed.filtered = false;
      indexColumns<T>(tile, thread);
    }
    if (shape.filtered) countMultiplyAdds(pairsOf({row, end, tile.diagonal ? row : tile.colStart, tile.colEnd, false, false}));
    if (!tile.diagonal) {
      take({row, end, tile.colStart, tile.colEnd, false, tile.mirrored});
      continue;
    }
    take({row, end, row, end, true, false});
    if (end < tile.colEnd) take({row, end, end, tile.colEnd, false, true});
  }
}

template <class T>
void Task::indexColumns(const Tile& tile, size_t thread) {
  const SparseRows<T> cols = sparseRowsOf<T>(!grid_.diagonal, tile.colStart);
  indexed_[thread].last = job_->shape().kernels->of<T>().indexRows(cols, tile.cols(), indexOf<T>(thread));
}

void Task::countMultiplyAdds(double pairs) {
  const uint64_t products = uint64_t(pairs * job_->shape().commonColumns);
  computed_ += products;
  all_ += products;
}

template <class T>
SparseRows<T> Task::sparseRowsOf(bool y, size_t row) const {
  const SparsePlaces& places = job_->operand(y).sparse;
  return {job_->at<uint32_t>(places.starts) + row, job_->at<uint32_t>(places.columns), job_->at<T>(places.values)};
}

template <class T>
SparseIndex<T> Task::indexOf(size_t thread) const {
  const ScratchPlaces& places = job_->layout().places;
  return {job_->scratch<uint32_t>(thread, places.slots), job_->scratch<IndexEntry>(thread, places.entries),
          job_->scratch<Posting<T>>(thread, places.postings), job_->scratch<double>(thread, places.rowSums), uint32_t(indexed_[thread].cols)};
}

bool Task::stage(size_t index, size_t thread, const std::function<void*()>& reserve) {
  return job_->shape().doubles ? stageOf<double>(index, thread, reserve) : stageOf<float>(index, thread, reserve);
}

void Task::place(size_t index, const void* staged, void* result) const {
  if (job_->shape().doubles) {
    placeOf<double>(index, static_cast<const double*>(staged), static_cast<double*>(result));
  } else {
    placeOf<float>(index, static_cast<const float*>(staged), static_cast<float*>(result));
  }
}

void Task::copyTile(size_t index, const void* staged, void* tile) const {
  if (job_->shape().doubles) {
    copyTileOf<double>(index, static_cast<const double*>(staged), static_cast<double*>(tile));
  } else {
    copyTileOf<float>(index, static_cast<const float*>(staged), static_cast<float*>(tile));
  }
}

void* Task::stagedTile(size_t thread, size_t at) const {
  const ScratchPlaces& places = job_->layout().places;
  return job_->scratch<char>(thread, places.staged + at * places.stagedBytes);
}

template <class T>
bool Task::stageOf(size_t index, size_t thread, const std::function<void*()>& reserve) {
  const Tile tile = grid_.at(index);
  const ScratchPlaces& places = job_->layout().places;
  const size_t stride = places.stagedStride;
  const bool transposed = tile.mirrored && job_->shape().purpose == Purpose::dense;
  T* staged = nullptr;
  bool isReserved = true;
  eachPart<T>(tile, thread, [&](const Tile& part) {
    if (!isReserved) return;
    const Sums<T> sums = sumsOf<T>(part, thread);
    if (!staged) staged = static_cast<T*>(reserve());
    isReserved = staged != nullptr;
    if (!isReserved) return;
    const size_t row = part.rowStart - tile.rowStart, col = part.colStart - tile.colStart;
    T* transpose = tile.diagonal ? staged + col * stride + row : transposed ? staged + size_t(tile.rows()) * stride + row : nullptr;
    job_->shape().kernels->of<T>().writeScores(sums, staged + row * stride + col, transpose, stride, job_->scratch<T>(thread, places.strip), false);
  });
  return isReserved;
}

template <class T>
void Task::copyTileOf(size_t index, const T* staged, T* tile) const {
  const Tile at = grid_.at(index);
  const size_t cols = size_t(at.cols());
  job_->shape().kernels->of<T>().copyBlock(tile, cols, staged, job_->layout().places.stagedStride, at.rows(), at.cols(), false);
}

template <class T>
void Task::placeOf(size_t index, const T* staged, T* result) const {
  const Tile tile = grid_.at(index);
  const size_t row = grid_.passRow + tile.rowStart, col = grid_.passCol + tile.colStart, stride = job_->layout().places.stagedStride;
  const auto copy = job_->shape().kernels->of<T>().copyBlock;
  copy(result + row * order_.cols + col, order_.cols, staged, stride, tile.rows(), tile.cols(), streaming_);
  if (!tile.mirrored) return;
  const T* transpose = staged + size_t(tile.rows()) * stride;
  copy(result + col * order_.cols + row, order_.cols, transpose, stride, tile.cols(), tile.rows(), streaming_);
}

template <class T>
Sums<T> Task::sumsOf(const Tile& tile, size_t thread) const {
  if (job_->shape().sparse) {
    const Sums<T> sums = factsOf<T>(tile, thread);
    const Indexed& indexed = indexed_[thread];
    job_->shape().kernels->of<T>().sumSparse(sparseRowsOf<T>(false, tile.rowStart), tile.rows(), indexOf<T>(thread), indexed.last,
                                             int(tile.colStart - indexed.colStart), tile.cols(), sums.at, sums.stride);
    return sums;
  }
  const Panels<T> panels = panelsOf<T>(tile, thread);
  Sums<T> sums = factsOf<T>(tile, thread);
  job_->shape().kernels->of<T>().gramTile(panels.a, panels.b, job_->shape().depth * job_->shape().panelRows(), sums.at, sums.stride, sums.rows, sums.cols,
                                              int(job_->shape().depth), tile.diagonal);
  return sums;
}

template <class T>
Sums<T> Task::factsOf(const Tile& tile, size_t thread) const {
  const Operand &x = job_->operand(false), &y = job_->operand(!grid_.diagonal);
  const size_t panelRows = job_->shape().panelRows();
  return {job_->scratch<T>(thread, job_->layout().places.sums),
          (tile.colEnd - tile.colStart + panelRows - 1) / panelRows * panelRows,
          job_->at<T>(x.inverses) + tile.rowStart,
          job_->at<T>(y.inverses) + tile.colStart,
          job_->at<T>(x.guards) + tile.rowStart,
          job_->at<T>(y.guards) + tile.colStart,
          tile.rows(),
          tile.cols(),
          tile.diagonal,
          groupsOf(tile)};
}

RowGroups Task::groupsOf(const Tile& tile) const {
  const Grouping grouping = job_->shape().grouping;
  if (grouping == Grouping::none) return {};
  const Operand &x = job_->operand(false), &y = job_->operand(!grid_.diagonal);
  return {job_->at<uint32_t>(x.groups) + tile.rowStart, job_->at<uint32_t>(y.groups) + tile.colStart, grouping == Grouping::within};
}

bool Task::isWithoutPairs(const Tile& tile) const {
  const RowGroups groups = groupsOf(tile);
  if (!groups.rows) return false;
  struct Range {
    uint32_t lowest = NO_GROUP, highest = 0;
  };
  const auto rangeOf = [](const uint32_t* of, int count) {
    Range range;
    for (int i = 0; i < count; i++) {
      if (of[i] == NO_GROUP) continue;
      range.lowest = std::min(range.lowest, of[i]);
      range.highest = std::max(range.highest, of[i]);
    }
    return range;
  };
  const Range rows = rangeOf(groups.rows, tile.rows()), cols = rangeOf(groups.cols, tile.cols());
  if (rows.lowest == NO_GROUP || cols.lowest == NO_GROUP) return true;
  if (groups.within) return rows.highest < cols.lowest || cols.highest < rows.lowest;
  return rows.lowest == rows.highest && cols.lowest == cols.highest && rows.lowest == cols.lowest;
}

size_t Task::keepCounting(const Tile& tile, size_t count, uint32_t* hitRows, uint32_t* hitCols) const {
  const RowGroups groups = groupsOf(tile);
  if (!groups.rows) return count;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t row = hitRows[i], col = hitCols[i];
    hitRows[kept] = row;
    hitCols[kept] = col;
    kept += countsAsPair(groups, row, col);
  }
  return kept;
}

template <class T>
const T* Task::rowsOf(bool y, size_t row) const {
  return job_->at<T>(job_->operand(y).rows) + row * job_->shape().depth;
}

template <class T>
Panels<T> Task::panelsOf(const Tile& tile, size_t thread) const {
  const T *a = rowsOf<T>(false, tile.rowStart), *b = rowsOf<T>(!grid_.diagonal, tile.colStart);
  const Shape& shape = job_->shape();
  if (!shape.pruned()) return {a, b};
  const ScratchPlaces& places = job_->layout().places;
  T* rowPanels = job_->scratch<T>(thread, places.rowPanels);
  shape.kernels->of<T>().layPanels(a, tile.rows(), shape.depth, rowPanels);
  if (tile.diagonal) return {rowPanels, rowPanels};
  T* colPanels = job_->scratch<T>(thread, places.colPanels);
  shape.kernels->of<T>().layPanels(b, tile.cols(), shape.depth, colPanels);
  return {rowPanels, colPanels};
}

template <class T>
void Task::write(const Tile& tile, const Sums<T>& sums, size_t thread) {
  const size_t row = grid_.passRow + tile.rowStart, col = grid_.passCol + tile.colStart;
  T* result = static_cast<T*>(order_.result);
  T* out = result + row * order_.cols + col;
  T* mirrored = tile.diagonal ? out : tile.mirrored ? result + col * order_.cols + row : nullptr;
  T* strip = job_->scratch<T>(thread, job_->layout().places.strip);
  job_->shape().kernels->of<T>().writeScores(sums, out, mirrored, order_.cols, strip, streaming_);
}

template <class T>
size_t Task::settleOpen(const PackedRows<T>& a, const PackedRows<T>& b, double threshold, size_t count, const Hits<T>& hits) const {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t row = hits.rows[i] & ~OPEN_HIT, col = hits.cols[i];
    if (row != hits.rows[i] && !reachesExactly(a.at(row), b.at(col), threshold)) continue;
    hits.rows[kept] = row;
    hits.cols[kept] = col;
    hits.scores[kept++] = hits.scores[i];
  }
  return kept;
}

template <class T, class Settle>
size_t Task::settleAll(const Tile& tile, const PackedRows<T>& a, const PackedRows<T>& b, size_t count, const Hits<T>& hits, Settle settle) const {
  const auto settled = [&](double threshold, size_t some, const Hits<T>& of) {
    size_t open;
    const size_t reached = settle(threshold, some, of, &open);
    return open > 0 ? settleOpen<T>(a, b, threshold, reached, of) : reached;
  };
  const auto reach = [&](uint32_t row, uint32_t col, double score, double threshold) {
    return reachesAs<T>(a.at(row), b.at(col), score, threshold);
  };
  return settleWith<T>(tile, count, hits, settled, reach);
}

template <class T, class Settled, class Reach>
size_t Task::settleWith(const Tile& tile, size_t count, const Hits<T>& hits, Settled settled, Reach reach) const {
  count = settled(order_.threshold, count, hits);
  size_t kept = 0;
  if (job_->shape().thresholds) {
    const double* ofRows = job_->at<double>(job_->operand(false).thresholds) + tile.rowStart;
    const double* ofCols = job_->at<double>(job_->operand(!grid_.diagonal).thresholds) + tile.colStart;
    for (size_t i = 0; i < count; i++) {
      const uint32_t row = hits.rows[i], col = hits.cols[i];
      const double threshold = std::max(ofRows[row], ofCols[col]);
      if (!reach(row, col, double(hits.scores[i]), threshold)) continue;
      hits.rows[kept] = row;
      hits.cols[kept] = col;
      hits.scores[kept++] = hits.scores[i];
    }
    count = kept;
    kept = 0;
  }
  if (order_.below > 1) return count;
  // Hits that may reach `below` are separated and settled like others.
  const T lowest = lowestScore<T>(order_.below);
  std::vector<uint32_t> rows, cols;
  std::vector<T> scores;
  for (size_t i = 0; i < count; i++) {
    if (hits.scores[i] < lowest) continue;
    rows.push_back(hits.rows[i]);
    cols.push_back(hits.cols[i]);
    scores.push_back(hits.scores[i]);
  }
  const size_t reached = settled(order_.below, rows.size(), {rows.data(), cols.data(), scores.data()});
  for (size_t i = 0, next = 0; i < count; i++) {
    if (next < reached && hits.rows[i] == rows[next] && hits.cols[i] == cols[next]) {
      next++;
      continue;
    }
    hits.rows[kept] = hits.rows[i];
    hits.cols[kept] = hits.cols[i];
    hits.scores[kept++] = hits.scores[i];
  }
  return kept;
}

template <class T>
bool Task::reachesAs(const PackedRow<T>& a, const PackedRow<T>& b, double score, double threshold) const {
  const double error = 2 * job_->shape().kernels->of<T>().scoreError(int(a.depth));
  if (score >= threshold + error) return true;
  if (score < threshold - error) return false;
  bool isZero = true, areEqual = true;
  for (size_t k = 0; areEqual && k < a.depth; k++) {
    const T ofA = a.at[k * a.stride];
    isZero = isZero && ofA == 0;
    areEqual = ofA == b.at[k * b.stride];
  }
  return (areEqual && !isZero) || reachesExactly(a, b, threshold);
}

bool Task::reaches(size_t row, size_t col, double score, double threshold) const {
  const Shape& shape = job_->shape();
  const size_t panelRows = shape.pruned() ? 1 : shape.panelRows();
  const auto reachesOf = [&](auto zero) {
    using T = decltype(zero);
    if (shape.sparse) {
      const SparseRows<T> rows = sparseRowsOf<T>(false, 0), cols = sparseRowsOf<T>(!grid_.diagonal, 0);
      std::vector<T> a(2 * shape.rowNonzeros), b(2 * shape.rowNonzeros);
      const size_t depth = writeUnion<T>(rows, row, cols, col, a.data(), b.data());
      return reachesAs<T>({a.data(), 1, depth}, {b.data(), 1, depth}, score, threshold);
    }
    const PackedRows<T> a = {rowsOf<T>(false, 0), panelRows, shape.depth}, b = {rowsOf<T>(!grid_.diagonal, 0), panelRows, shape.depth};
    return reachesAs<T>(a.at(row), b.at(col), score, threshold);
  };
  return shape.doubles ? reachesOf(0.0) : reachesOf(0.0f);
}

template <class T>
Hits<T> Task::hitsOf(size_t thread) const {
  const ScratchPlaces& places = job_->layout().places;
  return {job_->scratch<uint32_t>(thread, places.hitRows), job_->scratch<uint32_t>(thread, places.hitCols), job_->scratch<T>(thread, places.hitScores)};
}

template <class T>
std::unique_ptr<TilePairs> Task::findPairs(const Tile& tile, size_t thread) {
  if (job_->shape().sparse) return findSparsePairs<T>(tile, thread);
  if (!job_->shape().pruned()) return findAmongAll<T>(tile, thread);
  const size_t survivors = findSurvivors<T>(tile, thread);
  return isWorthVerifying(tile, survivors) ? verify<T>(tile, survivors, thread) : findAmongAll<T>(tile, thread);
}

template <class T>
std::unique_ptr<TilePairs> Task::findSparsePairs(const Tile& strip, size_t thread) {
  const Hits<T> hits = hitsOf<T>(thread);
  size_t count;
  if (indexed_[thread].filtered) {
    count = keepReaching<T>(strip, thread);
  } else {
    T* limits = job_->scratch<T>(thread, job_->layout().places.limits);
    count = job_->shape().kernels->of<T>().findPairs(sumsOf<T>(strip, thread), lowestScore<T>(order_.threshold), limits, hits.rows, hits.cols, hits.scores);
  }
  const auto settle = [&](double threshold, size_t some, const Hits<T>& of) { return settleSparse<T>(strip, threshold, some, of, thread); };
  const auto reach = [&](uint32_t row, uint32_t col, double score, double threshold) {
    T *a = job_->scratch<T>(thread, job_->layout().places.nearRow), *b = job_->scratch<T>(thread, job_->layout().places.nearCol);
    const size_t depth = writeUnion<T>(sparseRowsOf<T>(false, strip.rowStart), row, sparseRowsOf<T>(!grid_.diagonal, strip.colStart), col, a, b);
    return reachesAs<T>({a, 1, depth}, {b, 1, depth}, score, threshold);
  };
  count = settleWith<T>(strip, count, hits, settle, reach);
  return toPairs<T>(strip, count, hits);
}

template <class T>
size_t Task::settleSparse(const Tile& strip, double threshold, size_t count, const Hits<T>& hits, size_t thread) const {
  if (threshold <= -1) return count;
  const KernelsOf<T>& kernels = job_->shape().kernels->of<T>();
  const double sure = threshold + 2 * kernels.scoreError(int(errorDepth()));
  const SparseRows<T> rows = sparseRowsOf<T>(false, strip.rowStart), cols = sparseRowsOf<T>(!grid_.diagonal, strip.colStart);
  T *a = job_->scratch<T>(thread, job_->layout().places.nearRow), *b = job_->scratch<T>(thread, job_->layout().places.nearCol);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t row = hits.rows[i], col = hits.cols[i];
    T score = hits.scores[i];
    if (double(score) < sure) {
      const size_t depth = writeUnion<T>(rows, row, cols, col, a, b);
      uint32_t first = 0, other = 0;
      size_t open;
      if (kernels.settleVerified(a, b, depth, threshold, 1, &first, &other, &score, &open) == 0) continue;
      if (open > 0 && !reachesExactly<T>({a, 1, depth}, {b, 1, depth}, threshold)) continue;
    }
    hits.rows[kept] = row;
    hits.cols[kept] = col;
    hits.scores[kept++] = score;
  }
  return kept;
}

template <class T>
Panels<T> Task::longSketchesOf(const Tile& tile) const {
  const size_t depth = job_->shape().longSketchDepth;
  return {job_->at<T>(job_->operand(false).longSketches) + tile.rowStart * depth,
          job_->at<T>(job_->operand(!grid_.diagonal).longSketches) + tile.colStart * depth};
}

bool Task::isWorthNarrowing(const Tile& tile, size_t survivors) {
  const size_t depth = job_->shape().longSketchDepth;
  if (depth == 0 || double(survivors) > WORTH_NARROWING * pairsOf(tile)) return false;
  computed_ += survivors * depth;
  return true;
}

bool Task::isWorthVerifying(const Tile& tile, size_t survivors) {
  const Shape& shape = job_->shape();
  const uint64_t pairs = uint64_t(pairsOf(tile));
  const bool verifies = double(survivors) <= WORTH_VERIFYING * double(pairs);
  all_ += pairs * shape.depth;
  computed_ += pairs * shape.sketchDepth + (verifies ? survivors : pairs) * shape.depth;
  return verifies;
}

template <class T>
Sums<T> Task::sketchSumsOf(const Tile& tile, size_t depth, size_t thread) const {
  const Shape& shape = job_->shape();
  const T* a = job_->at<T>(job_->operand(false).sketches) + tile.rowStart * shape.sketchDepth;
  const T* b = job_->at<T>(job_->operand(!grid_.diagonal).sketches) + tile.colStart * shape.sketchDepth;
  Sums<T> sums = factsOf<T>(tile, thread);
  shape.kernels->of<T>().gramTile(a, b, shape.sketchDepth * shape.panelRows(), sums.at, sums.stride, sums.rows, sums.cols, int(depth), tile.diagonal);
  // A sketch has length 1 and no guard.
  sums.rowInverses = sums.colInverses = job_->at<T>(job_->layout().ones);
  sums.rowGuards = sums.colGuards = job_->at<T>(job_->layout().twos);
  return sums;
}

template <class T>
size_t Task::findSurvivors(const Tile& tile, size_t thread) {
  const Hits<T> hits = hitsOf<T>(thread);
  const KernelsOf<T>& kernels = job_->shape().kernels->of<T>();
  const T lowest = T(order_.threshold - job_->sketchErrors().slack);
  size_t count = kernels.filterPairs(sketchSumsOf<T>(tile, job_->shape().sketchDepth, thread), lowest, hits.rows, hits.cols);
  count = keepCounting(tile, count, hits.rows, hits.cols);
  if (!isWorthNarrowing(tile, count)) return count;
  const Panels<T> sketches = longSketchesOf<T>(tile);
  return kernels.narrowPairs(sketches.a, sketches.b, job_->shape().longSketchDepth, lowest, count, hits.rows, hits.cols);
}

size_t Task::errorDepth() const {
  const Shape& shape = job_->shape();
  return shape.sparse ? 1 + (shape.rowNonzeros >> 28) : shape.depth;
}

/**
 * Returns the lowest score of a pair whose true cosine may reach a threshold; -1 if guards may have turned scores slightly
 * above it into -1.
 */
template <class T>
T Task::lowestScore(double threshold) const {
  const double error = job_->shape().kernels->of<T>().scoreError(int(errorDepth()));
  return T(threshold - 2 * error <= -1 ? -1 : threshold - error);
}

template <class T>
std::unique_ptr<TilePairs> Task::verify(const Tile& tile, size_t survivors, size_t thread) {
  const Hits<T> hits = hitsOf<T>(thread);
  const size_t depth = job_->shape().depth;
  const KernelsOf<T>& kernels = job_->shape().kernels->of<T>();
  const T *a = rowsOf<T>(false, tile.rowStart), *b = rowsOf<T>(!grid_.diagonal, tile.colStart);
  size_t count = kernels.verifyPairs(a, b, depth, factsOf<T>(tile, thread), lowestScore<T>(order_.threshold), survivors, hits.rows, hits.cols,
                                     hits.scores);
  count = settleAll<T>(tile, {a, 1, depth}, {b, 1, depth}, count, hits, [&](double threshold, size_t some, const Hits<T>& of, size_t* open) {
    return kernels.settleVerified(a, b, depth, threshold, some, of.rows, of.cols, of.scores, open);
  });
  return toPairs<T>(tile, count, hits);
}

template <class T>
std::unique_ptr<TilePairs> Task::findAmongAll(const Tile& tile, size_t thread) {
  const ScratchPlaces& places = job_->layout().places;
  const Hits<T> hits = hitsOf<T>(thread);
  const KernelsOf<T>& kernels = job_->shape().kernels->of<T>();
  const size_t depth = job_->shape().depth;
  const Panels<T> panels = panelsOf<T>(tile, thread);
  Sums<T> sums = factsOf<T>(tile, thread);
  kernels.gramTile(panels.a, panels.b, depth * size_t(kernels.panelRows), sums.at, sums.stride, sums.rows, sums.cols, int(depth), tile.diagonal);
  // First every score whose true cosine may reach the threshold, then those whose cosine does.
  size_t count = kernels.findPairs(sums, lowestScore<T>(order_.threshold), job_->scratch<T>(thread, places.limits), hits.rows, hits.cols, hits.scores);
  const size_t panelRows = size_t(kernels.panelRows);
  const PackedRows<T> a = {panels.a, panelRows, depth}, b = {panels.b, panelRows, depth};
  count = settleAll<T>(tile, a, b, count, hits, [&](double threshold, size_t some, const Hits<T>& of, size_t* open) {
    const Near<T> near = {panels.a, panels.b, int(depth), threshold, factsAt(*job_, thread, places.rowFacts), factsAt(*job_, thread, places.colFacts)};
    return kernels.settlePairs(sums, near, some, of.rows, of.cols, of.scores, open);
  });
  return toPairs<T>(tile, count, hits);
}

template <class T>
std::unique_ptr<TilePairs> Task::toPairs(const Tile& tile, size_t count, const Hits<T>& hits) const {
  if (count == 0) return nullptr;
  auto pairs = std::make_unique<TilePairs>();
  pairs->tileRow = grid_.passRow + tile.rowStart;
  pairs->tileCol = grid_.passCol + tile.colStart;
  const uint32_t firstRow = uint32_t(pairs->tileRow), firstCol = uint32_t(pairs->tileCol);
  std::vector<T>& scores = scoresOf(*pairs, T());
  pairs->rows.resize(count);
  pairs->cols.resize(count);
  scores.resize(count);
  if (!tile.diagonal) {
    for (size_t i = 0; i < count; i++) {
      pairs->rows[i] = firstRow + hits.rows[i];
      pairs->cols[i] = firstCol + hits.cols[i];
      scores[i] = hits.scores[i];
    }
    return pairs;
  }
  // Turns hits from below the diagonal into pairs above it, with a counting sort, which keeps the order of columns.
  std::vector<size_t> next(tile.colEnd - tile.colStart + 1);
  for (size_t i = 0; i < count; i++) next[hits.cols[i] + 1]++;
  for (size_t row = 1; row < next.size(); row++) next[row] += next[row - 1];
  for (size_t i = 0; i < count; i++) {
    const size_t to = next[hits.cols[i]]++;
    pairs->rows[to] = firstRow + hits.cols[i];
    pairs->cols[to] = firstCol + hits.rows[i];
    scores[to] = hits.scores[i];
  }
  return pairs;
}

template <class T>
void Task::findBest(const Tile& tile, size_t thread) {
  const ScratchPlaces& places = job_->layout().places;
  const Lists<T> ofRows = listsAt<T>(*job_, thread, places.ofRows), ofCols = listsAt<T>(*job_, thread, places.ofCols);
  const size_t row = grid_.passRow + tile.rowStart, col = grid_.passCol + tile.colStart;
  const bool forCols = tile.mirrored || tile.diagonal;
  std::atomic<bool>& rowLock = locks_[tile.rowStart / grid_.tileRows];
  std::atomic<bool>& colLock = locks_[forCols ? colLocks_ + tile.colStart / grid_.tileRows : 0];
  readBounds<T>(rowLock, ofRows.bounds, row, tile.rows());
  if (forCols) {
    readBounds<T>(colLock, ofCols.bounds, col, tile.cols());
  } else {
    for (int c = 0; c < tile.cols(); c++) ofCols.bounds[c] = std::numeric_limits<T>::infinity();
  }
  fillLists<T>(tile, ofRows, ofCols, thread);
  merge<T>(rowLock, ofRows, places.capacity, row, tile.rows(), col);
  if (forCols) merge<T>(colLock, ofCols, places.capacity, col, tile.cols(), row);
}

template <class T>
void Task::fillLists(const Tile& tile, const Lists<T>& ofRows, const Lists<T>& ofCols, size_t thread) {
  const Shape& shape = job_->shape();
  const KernelsOf<T>& kernels = shape.kernels->of<T>();
  const size_t capacity = job_->layout().places.capacity;
  if (shape.pruned()) {
    const Hits<T> hits = hitsOf<T>(thread);
    // Bounds limit true cosines, but lists contain scores.
    const T slack = T(job_->sketchErrors().slack + 2 * kernels.scoreError(int(shape.depth)));
    size_t survivors = kernels.filterCandidates(sketchSumsOf<T>(tile, shape.sketchDepth, thread), slack, ofRows, ofCols, hits.rows, hits.cols);
    survivors = keepCounting(tile, survivors, hits.rows, hits.cols);
    if (isWorthNarrowing(tile, survivors)) {
      const Panels<T> sketches = longSketchesOf<T>(tile);
      survivors = kernels.narrowCandidates(sketches.a, sketches.b, shape.longSketchDepth, ofRows.limits, ofCols.limits, survivors, hits.rows,
                                           hits.cols);
    }
    if (isWorthVerifying(tile, survivors)) {
      const T *a = rowsOf<T>(false, tile.rowStart), *b = rowsOf<T>(!grid_.diagonal, tile.colStart);
      kernels.offerPairs(a, b, shape.depth, factsOf<T>(tile, thread), survivors, hits.rows, hits.cols, ofRows, ofCols, capacity);
      return;
    }
  }
  kernels.findBest(sumsOf<T>(tile, thread), ofRows, ofCols, capacity);
}

template <class T>
void Task::readBounds(std::atomic<bool>& listsLock, T* bounds, size_t row, int count) {
  const size_t k = job_->shape().count;
  const T* scores = static_cast<const T*>(order_.scores) + row * k;
  const BlockLock lock(listsLock);
  for (size_t i = 0; i < size_t(count); i++) bounds[i] = scores[i * k];
}

template <class T>
void Task::merge(std::atomic<bool>& listsLock, const Lists<T>& lists, size_t capacity, size_t row, int count, size_t offset) {
  const size_t k = job_->shape().count;
  const BlockLock lock(listsLock);
  for (size_t i = 0; i < size_t(count); i++) {
    T* scores = static_cast<T*>(order_.scores) + (row + i) * k;
    uint32_t* indices = order_.indices + (row + i) * k;
    const size_t from = i * capacity, to = from + lists.counts[i];
    for (size_t at = from; at < to; at++) {
      const uint32_t index = uint32_t(offset) + lists.indices[at];
      if (isWorse<T>(scores[0], indices[0], lists.scores[at], index)) siftDown<T>(scores, indices, k, lists.scores[at], index);
    }
  }
}

template <class T>
void Task::count(const Sums<T>& sums, size_t thread) {
  const ScratchPlaces& places = job_->layout().places;
  const Totals totals = job_->shape().kernels->of<T>().countScores(sums, job_->at<double>(job_->layout().edges), job_->shape().count,
                                                                   job_->scratch<uint64_t>(thread, places.bins), places.oddTable);
  ThreadTotals& own = totals_[thread];
  own.minimum = totals.minimum < own.minimum ? totals.minimum : own.minimum;
  own.maximum = totals.maximum > own.maximum ? totals.maximum : own.maximum;
  own.sum += totals.sum;
}

Counts Task::counts() const {
  const ScratchPlaces& places = job_->layout().places;
  const size_t bins = job_->shape().count + 1;
  Counts counts;
  counts.bins.resize(bins);
  ThreadTotals all = totals_[0];
  for (size_t thread = 0; thread < totals_.size(); thread++) {
    const ThreadTotals& own = totals_[thread];
    if (thread > 0) all.sum += own.sum;
    all.minimum = own.minimum < all.minimum ? own.minimum : all.minimum;
    all.maximum = own.maximum > all.maximum ? own.maximum : all.maximum;
    const uint64_t* table = job_->scratch<uint64_t>(thread, places.bins);
    for (size_t b = 0; b < bins + places.oddTable; b++) counts.bins[b % bins] += double(table[b]);
  }
  counts.minimum = all.minimum;
  counts.maximum = all.maximum;
  counts.sumLow = uint64_t(all.sum);
  counts.sumHigh = int64_t(all.sum >> 64);
  return counts;
}

// Used by filter-strips.cc.
template Hits<float> Task::hitsOf<float>(size_t) const;
template Hits<double> Task::hitsOf<double>(size_t) const;
template Sums<float> Task::factsOf<float>(const Tile&, size_t) const;
template Sums<double> Task::factsOf<double>(const Tile&, size_t) const;
template float Task::lowestScore<float>(double) const;
template double Task::lowestScore<double>(double) const;
template SparseRows<float> Task::sparseRowsOf<float>(bool, size_t) const;
template SparseRows<double> Task::sparseRowsOf<double>(bool, size_t) const;

}  // namespace allpairs
