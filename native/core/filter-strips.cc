// Strips of sparse rows from which most pairs are excluded without computing their sums (kernels/row-filter.h).

#include <algorithm>

#include "task.h"

namespace allpairs {

namespace {

/** The same value as in src/backends/sparse/row-filter.ts. */
constexpr double LEAST_LIMIT = 0.05;
constexpr float HEAD_FACTOR = 0.9f;

/** Number of rows of a strip after which it is decided whether filtering pays. */
constexpr size_t ROWS_LOOKED_AT = 8;
/**
 * Approximate nanoseconds: for a product of heads, for a pair that has one, and for a survivor and each of its elements; and,
 * if all pairs are computed, for a pair and for a product.
 */
constexpr double PRODUCT_COST = 2.5, TOUCH_COST = 3, SURVIVOR_COST = 12, ELEMENT_COST = 1.3;
constexpr double PAIR_COST = 0.5, PLAIN_PRODUCT_COST = 0.75;
/** The least gain that is worth it. */
constexpr double LEAST_GAIN = 1.1;

/** If filtering did not pay for most tiles, it is still tried for one in this many. */
constexpr uint32_t RETRIED = 16;

/** Returns the maximum by which a true cosine can exceed its computed bound; see src/backends/sparse/row-filter.ts. */
double filterSlack(size_t rowNonzeros) { return double(rowNonzeros + 16) * 0x1p-24 * 1.01; }

}  // namespace

double Task::filterLimit() const { return order_.threshold - filterSlack(job_->shape().rowNonzeros); }

FilterRows Task::filterRowsOf(bool y, size_t row) const {
  const SparsePlaces& places = job_->operand(y).sparse;
  return {job_->at<uint32_t>(places.starts) + row, job_->at<uint32_t>(places.filterColumns), job_->at<float>(places.filterValues),
          job_->at<float>(places.filterRests)};
}

HeadIndex Task::headIndexOf(size_t thread) const {
  const ScratchPlaces& places = job_->layout().places;
  return {job_->scratch<uint32_t>(thread, places.slots), job_->scratch<IndexEntry>(thread, places.entries),
          job_->scratch<HeadPosting>(thread, places.postings), job_->scratch<PairBound>(thread, places.pairBounds),
          job_->scratch<uint32_t>(thread, places.touched)};
}

double Task::meanStored() const {
  const uint32_t* starts = job_->at<uint32_t>(job_->operand(!grid_.diagonal).sparse.starts);
  return double(starts[grid_.passCols] - starts[0]) / double(std::max<size_t>(1, grid_.passCols));
}

template <class T>
bool Task::indexForFilter(const Tile& tile, size_t thread) {
  const Shape& shape = job_->shape();
  if (!shape.filtered || filterLimit() < LEAST_LIMIT) return false;
  const uint32_t failed = filterFailed_, tried = filterTried_;
  if (failed >= 2 && 2 * failed > tried && tilesSkipped_++ % RETRIED != 0) return false;
  filterTried_++;
  Filtering& filtering = indexed_[thread].filtering;
  if (!filtering.cleared) {
    const ScratchPlaces& places = job_->layout().places;
    std::fill_n(job_->scratch<PairBound>(thread, places.pairBounds), std::min(shape.tileRows, shape.yRows > 0 ? shape.yRows : shape.xRows), PairBound{0, 0});
    std::fill_n(job_->scratch<T>(thread, places.spread), shape.depth, T(0));
    filtering.cleared = true;
  }
  filtering.work = FilterWork();
  filtering.pairs = filtering.found = 0;
  indexed_[thread].last = shape.kernels->of<T>().indexHeads(filterRowsOf(!grid_.diagonal, tile.colStart), tile.cols(),
                                                            HEAD_FACTOR * float(filterLimit()), headIndexOf(thread));
  return true;
}

template <class T>
bool Task::filterStrip(const Tile& tile, const Tile& strip, size_t thread) {
  const KernelsOf<T>& kernels = job_->shape().kernels->of<T>();
  const uint32_t last = indexed_[thread].last;
  Filtering& filtering = indexed_[thread].filtering;
  const FilterRows rows = filterRowsOf(false, strip.rowStart);
  const HeadIndex index = headIndexOf(thread);
  const Hits<T> hits = hitsOf<T>(thread);
  const float limit = float(filterLimit());
  const uint32_t cols = uint32_t(strip.cols());
  const double perSurvivor = SURVIVOR_COST + ELEMENT_COST * meanStored(), perPair = PAIR_COST + PLAIN_PRODUCT_COST * job_->shape().commonColumns;
  FilterWork& work = filtering.work;
  const uint64_t productsBefore = work.products;
  const double pairsBefore = filtering.pairs;
  size_t count = 0;
  for (size_t row = 0; row < size_t(strip.rows()); row++) {
    const uint32_t first = tile.diagonal ? uint32_t(strip.rowStart + row + 1 - strip.colStart) : 0;
    if (first >= cols) break;
    uint32_t* found = hits.cols + count;
    const size_t left = kernels.filterHeads(rows, row, HEAD_FACTOR * limit, limit, index, last, first, found, work);
    std::sort(found, found + left);
    std::fill_n(hits.rows + count, left, uint32_t(row));
    count += left;
    filtering.pairs += cols - first;
    if ((row + 1) % ROWS_LOOKED_AT != 0) continue;
    const double cost = PRODUCT_COST * double(work.products) + TOUCH_COST * double(work.touched) + perSurvivor * (filtering.found + double(count));
    if (cost * LEAST_GAIN > filtering.pairs * perPair) return false;
  }
  filtering.found += double(count);
  filtering.survivors = keepCounting(strip, count, hits.rows, hits.cols);
  computed_ += work.products - productsBefore + uint64_t(double(filtering.survivors) * meanStored());
  all_ += uint64_t((filtering.pairs - pairsBefore) * job_->shape().commonColumns);
  return true;
}

template <class T>
size_t Task::keepReaching(const Tile& strip, size_t thread) const {
  const KernelsOf<T>& kernels = job_->shape().kernels->of<T>();
  const Hits<T> hits = hitsOf<T>(thread);
  const SparseRows<T> x = sparseRowsOf<T>(false, strip.rowStart), y = sparseRowsOf<T>(!grid_.diagonal, strip.colStart);
  const Sums<T> facts = factsOf<T>(strip, thread);
  T* spread = job_->scratch<T>(thread, job_->layout().places.spread);
  const size_t count = indexed_[thread].filtering.survivors;
  for (size_t at = 0, end; at < count; at = end) {
    for (end = at + 1; end < count && hits.rows[end] == hits.rows[at]; end++) {}
    kernels.scoreSurvivors(x, hits.rows[at], y, facts, end - at, hits.cols + at, spread, hits.scores + at);
  }
  const T lowest = lowestScore<T>(order_.threshold);
  size_t kept = 0;
  for (size_t at = 0; at < count; at++) {
    const T score = hits.scores[at];
    hits.rows[kept] = hits.rows[at];
    hits.cols[kept] = hits.cols[at];
    hits.scores[kept] = score;
    kept += score >= lowest;
  }
  return kept;
}

template bool Task::indexForFilter<float>(const Tile&, size_t);
template bool Task::indexForFilter<double>(const Tile&, size_t);
template bool Task::filterStrip<float>(const Tile&, const Tile&, size_t);
template bool Task::filterStrip<double>(const Tile&, const Tile&, size_t);
template size_t Task::keepReaching<float>(const Tile&, size_t) const;
template size_t Task::keepReaching<double>(const Tile&, size_t) const;

}  // namespace allpairs
