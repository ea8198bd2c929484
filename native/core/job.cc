#include "job.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace allpairs {

namespace {

constexpr size_t LINE = 64;
/** Limit for the memory that an idle job keeps. Its pages are mapped, which for short work costs more than the work itself. */
constexpr size_t KEPT_BYTES = size_t(16) << 20;
/** Two scores are counted at once if that costs little memory. */
constexpr size_t MAX_BINS_TWICE = 4096;

/** Adds up sizes, and remembers whether one was too large. */
class Places {
 public:
  size_t take(size_t count, size_t size) {
    const size_t at = top_;
    size_t bytes, end;
    if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(top_, bytes, &end) || end > SIZE_MAX / 2) {
      overflown_ = true;
      return at;
    }
    top_ = (end + LINE - 1) / LINE * LINE;
    return at;
  }
  size_t product(size_t a, size_t b) {
    size_t result;
    if (__builtin_mul_overflow(a, b, &result)) overflown_ = true;
    return overflown_ ? 0 : result;
  }
  size_t top() const { return top_; }
  bool overflown() const { return overflown_; }

 private:
  size_t top_ = 0;
  bool overflown_ = false;
};

size_t roundUp(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

ListPlaces takeLists(Places& places, size_t owners, size_t padded, size_t capacity, size_t size) {
  ListPlaces lists;
  lists.bounds = places.take(padded, size);
  lists.limits = places.take(padded, size);
  lists.counts = places.take(owners, 4);
  lists.indices = places.take(places.product(owners, capacity), 4);
  lists.scores = places.take(places.product(owners, capacity), size);
  return lists;
}

FactPlaces takeFacts(Places& places, size_t padded) {
  FactPlaces facts;
  facts.squares = places.take(padded, 8);
  facts.rests = places.take(padded, 8);
  facts.traits = places.take(padded, 1);
  facts.twins = places.take(padded, 2);
  return facts;
}

bool layOutScratch(const Shape& shape, ScratchPlaces& scratch, size_t& bytes) {
  const size_t size = shape.elementBytes(), panelRows = shape.panelRows();
  const size_t tileRows = smaller(shape.tileRows, shape.xRows), rows = smaller(shape.stripRows(), shape.xRows);
  const size_t cols = smaller(shape.tileRows, shape.yRows > 0 ? shape.yRows : shape.xRows);
  const size_t paddedRows = roundUp(rows, panelRows), paddedCols = roundUp(cols, panelRows);
  Places places;
  scratch.sums = places.take(places.product(paddedRows, paddedCols), size);
  switch (shape.purpose) {
    case Purpose::dense:
    case Purpose::tiles:
      scratch.strip = places.take(places.product(panelRows, paddedRows), size);
      if (shape.stagedTiles() > 0) {
        // The tile and, for a dense job, its transpose below it.
        scratch.stagedStride = roundUp(tileRows > cols ? tileRows : cols, LINE / size);
        scratch.stagedBytes = places.product(tileRows + (shape.purpose == Purpose::dense ? cols : 0), scratch.stagedStride * size);
        scratch.staged = places.take(shape.stagedTiles(), scratch.stagedBytes);
      }
      break;
    case Purpose::pairs: {
      const size_t hits = rows * cols + FILTER_SPARE;
      scratch.limits = places.take(paddedCols, size);
      scratch.hitRows = places.take(hits, 4);
      scratch.hitCols = places.take(hits, 4);
      scratch.hitScores = places.take(hits, size);
      scratch.rowFacts = takeFacts(places, paddedRows);
      scratch.colFacts = takeFacts(places, paddedCols);
      break;
    }
    case Purpose::topK:
      scratch.capacity = smaller(shape.count, rows > cols ? rows : cols);
      scratch.ofRows = takeLists(places, rows, paddedRows, scratch.capacity, size);
      scratch.ofCols = takeLists(places, cols, paddedCols, scratch.capacity, size);
      if (shape.pruned()) {
        scratch.hitRows = places.take(rows * cols + FILTER_SPARE, 4);
        scratch.hitCols = places.take(rows * cols + FILTER_SPARE, 4);
      }
      break;
    case Purpose::histogram: {
      const bool twice = shape.count <= MAX_BINS_TWICE;
      scratch.oddTable = twice ? shape.count + 1 : 0;
      scratch.bins = places.take(places.product(shape.count + 1, twice ? 2 : 1), 8);
      break;
    }
  }
  if (shape.pruned()) {
    scratch.rowPanels = places.take(places.product(paddedRows, shape.depth), size);
    scratch.colPanels = places.take(places.product(paddedCols, shape.depth), size);
  }
  if (shape.sparse) {
    scratch.slots = places.take(shape.depth, sizeof(uint32_t));
    scratch.entries = places.take(smaller(shape.depth, shape.tileNonzeros) + 1, sizeof(IndexEntry));
    scratch.postings = places.take(shape.tileNonzeros, shape.filtered ? sizeof(HeadPosting) : 2 * size);
    scratch.rowSums = places.take(places.product(paddedCols, size / 4), sizeof(double));
    scratch.nearRow = places.take(places.product(shape.rowNonzeros, 2), size);
    scratch.nearCol = places.take(places.product(shape.rowNonzeros, 2), size);
  }
  if (shape.filtered) {
    scratch.pairBounds = places.take(cols, sizeof(PairBound));
    scratch.touched = places.take(cols + 1, sizeof(uint32_t));
    scratch.spread = places.take(shape.depth, size);
  }
  bytes = places.top();
  // Packing ends before the first tile, so its scratch memory may be in the same place.
  Places packing;
  if (!shape.sparse) scratch.spare = packing.take(packing.product(panelRows, shape.depth), 8);
  if (shape.pruned()) {
    scratch.packedPanel = packing.take(packing.product(panelRows, shape.depth), size);
    scratch.products = packing.take(packing.product(panelRows, roundUp(shape.directions(), panelRows)), size);
  }
  if (packing.top() > bytes) bytes = packing.top();
  return !places.overflown() && !packing.overflown();
}

}  // namespace

bool layOut(const Shape& shape, Layout& layout) {
  const size_t size = shape.elementBytes(), panelRows = shape.panelRows();
  layout = Layout();
  Places places;
  const auto takeOperand = [&](size_t rows, size_t nonzeros) {
    const size_t padded = roundUp(rows, panelRows);
    Operand operand;
    if (shape.sparse) {
      operand.sparse.starts = places.take(rows + 1, sizeof(uint32_t));
      operand.sparse.columns = places.take(nonzeros, sizeof(uint32_t));
      operand.sparse.values = places.take(nonzeros, size);
      if (shape.filtered) {
        operand.sparse.filterColumns = places.take(nonzeros, sizeof(uint32_t));
        operand.sparse.filterValues = places.take(nonzeros, sizeof(float));
        operand.sparse.filterRests = places.take(nonzeros, sizeof(float));
      }
    } else {
      operand.rows = places.take(places.product(padded, shape.depth), size);
    }
    operand.inverses = places.take(padded, size);
    operand.guards = places.take(padded, size);
    if (shape.pruned()) operand.sketches = places.take(places.product(padded, shape.sketchDepth), size);
    if (shape.narrowed()) operand.longSketches = places.take(places.product(padded, shape.longSketchDepth), size);
    if (shape.grouping != Grouping::none) operand.groups = places.take(padded, 4);
    if (shape.thresholds) operand.thresholds = places.take(padded, 8);
    return operand;
  };
  layout.x = takeOperand(shape.xRows, shape.xNonzeros);
  if (shape.yRows > 0) layout.y = takeOperand(shape.yRows, shape.yNonzeros);
  if (shape.pruned()) {
    layout.directions = places.take(places.product(roundUp(shape.directions(), panelRows), shape.depth), size);
    layout.ones = places.take(shape.tileRows, size);
    layout.twos = places.take(shape.tileRows, size);
  }
  if (shape.purpose == Purpose::histogram) layout.edges = places.take(shape.count + 2, 8);
  if (!layOutScratch(shape, layout.places, layout.scratchBytes)) return false;
  layout.scratch = places.take(shape.threads, layout.scratchBytes);
  layout.bytes = places.top();
  return !places.overflown();
}

bool Job::configure(const Shape& shape) {
  shape_ = shape;
  hasDirections_ = false;
  return layOut(shape, layout_) && block_.reserve(layout_.bytes);
}

bool Job::release() {
  if (block_.bytes() <= KEPT_BYTES) return true;
  block_.release();
  return false;
}

bool copySparse(const Job& job, const SparseBlock& block) {
  const Shape& shape = job.shape();
  const Operand& operand = job.operand(block.y);
  const size_t size = shape.elementBytes(), stored = block.starts[block.count];
  uint32_t* starts = job.at<uint32_t>(operand.sparse.starts) + block.at;
  if (block.at == 0) starts[0] = 0;
  const size_t begin = starts[0];
  if (block.starts[0] != 0 || stored > (block.y ? shape.yNonzeros : shape.xNonzeros) - begin) return false;
  size_t longest = 0;
  for (size_t row = 0; row < block.count; row++) {
    if (block.starts[row] > block.starts[row + 1]) return false;
    longest = std::max<size_t>(longest, block.starts[row + 1] - block.starts[row]);
    starts[row + 1] = uint32_t(begin + block.starts[row + 1]);
  }
  if (longest > shape.rowNonzeros) return false;
  for (size_t i = 0; i < stored; i++) {
    if (block.columns[i] >= shape.depth) return false;
  }
  memcpy(job.at<uint32_t>(operand.sparse.columns) + begin, block.columns, stored * sizeof(uint32_t));
  memcpy(job.at<char>(operand.sparse.values) + begin * size, block.values, stored * size);
  memcpy(job.at<char>(operand.inverses) + block.at * size, block.inverses, block.count * size);
  memcpy(job.at<char>(operand.guards) + block.at * size, block.guards, block.count * size);
  // Rows that pad the last panel.
  const size_t end = block.at + block.count;
  memset(job.at<char>(operand.inverses) + end * size, 0, (roundUp(end, shape.panelRows()) - end) * size);
  return true;
}

/** Pairs with a common column are recognised by a nonzero product of two rests. */
constexpr float LEAST_REST = 1e-10f;

bool copyFilter(const Job& job, const FilterBlock& block) {
  const SparsePlaces& places = job.operand(block.y).sparse;
  const uint32_t* starts = job.at<uint32_t>(places.starts) + block.at;
  const size_t begin = starts[0], stored = starts[block.count] - begin;
  for (size_t i = 0; i < stored; i++) {
    if (block.columns[i] >= job.shape().depth || !(block.rests[i] >= LEAST_REST)) return false;
  }
  std::copy(block.columns, block.columns + stored, job.at<uint32_t>(places.filterColumns) + begin);
  std::copy(block.values, block.values + stored, job.at<float>(places.filterValues) + begin);
  std::copy(block.rests, block.rests + stored, job.at<float>(places.filterRests) + begin);
  return true;
}

size_t PackWork::panels() const { return (count + job->shape().panelRows() - 1) / job->shape().panelRows(); }

namespace {

template <class T>
int64_t packPanelOf(const PackWork& work, size_t panel, size_t thread) {
  const Job& job = *work.job;
  const Shape& shape = job.shape();
  const ScratchPlaces& places = job.layout().places;
  const size_t depth = shape.depth;
  const KernelsOf<T>& kernels = shape.kernels->of<T>();
  const size_t first = panel * size_t(kernels.panelRows), at = work.at + first;
  const int count = int(smaller(size_t(kernels.panelRows), work.count - first));
  const Operand& operand = job.operand(work.y);
  T* rows = job.at<T>(operand.rows) + at * depth;
  T* panels = shape.pruned() ? job.scratch<T>(thread, places.packedPanel) : rows;
  T *inverses = job.at<T>(operand.inverses) + at, *guards = job.at<T>(operand.guards) + at;
  int bad;
  if (work.sourceDoubles) {
    bad = kernels.packDoubles(static_cast<const double*>(work.rows) + first * depth, count, depth, panels, inverses, guards,
                              job.scratch<double>(thread, places.spare), work.zeroNonFinite);
  } else {
    bad = kernels.packFloats(static_cast<const float*>(work.rows) + first * depth, count, depth, panels, inverses, guards,
                             job.scratch<float>(thread, places.spare), work.zeroNonFinite);
  }
  if (bad >= 0) return int64_t(first) + bad;
  if (shape.pruned()) {
    kernels.unpackPanel(panels, depth, rows);
    const size_t sketchDepth = shape.sketchDepth, longDepth = shape.longSketchDepth;
    kernels.sketchPanel(panels, job.at<T>(job.layout().directions), depth, inverses, T(job.sketchErrors().squareSlack),
                        job.scratch<T>(thread, places.products), {job.at<T>(operand.sketches) + at * sketchDepth, sketchDepth},
                        {job.at<T>(operand.longSketches) + at * longDepth, longDepth});
  }
  return -1;
}

template <class T>
void layDirections(const Job& job, const T* directions) {
  const Shape& shape = job.shape();
  const size_t padded = roundUp(shape.directions(), shape.panelRows());
  std::vector<T> rows(padded * shape.depth);
  std::copy(directions, directions + shape.directions() * shape.depth, rows.begin());
  shape.kernels->of<T>().layPanels(rows.data(), int(padded), shape.depth, job.at<T>(job.layout().directions));
  // Sketches have length 1, and no product of two sketches is made exact.
  std::fill_n(job.at<T>(job.layout().ones), shape.tileRows, T(1));
  std::fill_n(job.at<T>(job.layout().twos), shape.tileRows, T(2));
}

}  // namespace

void Job::setDirections(const void* directions, const SketchErrors& errors) {
  sketchErrors_ = errors;
  hasDirections_ = true;
  if (shape_.doubles) {
    layDirections(*this, static_cast<const double*>(directions));
  } else {
    layDirections(*this, static_cast<const float*>(directions));
  }
}

int64_t PackWork::packPanel(size_t panel, size_t thread) const {
  return job->shape().doubles ? packPanelOf<double>(*this, panel, thread) : packPanelOf<float>(*this, panel, thread);
}

}  // namespace allpairs
