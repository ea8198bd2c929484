// Tests the core without JavaScript, for sanitizers and emulated processors: every build of the kernels that runs here, each
// purpose, both types, and one or several threads, against plain loops. Ends with 'N passed, N failed'.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "../core/cpu.h"
#include "../core/run.h"
#include "../core/small.h"

namespace allpairs {
#if defined(ALLPAIRS_PLAIN_TOO)
namespace plain {
extern const Kernels kernels;
}
#endif

namespace {

int passed = 0, failed = 0;

void check(bool good, const char* kernels, const char* what, size_t rows, size_t cols, size_t depth) {
  if (good) {
    passed++;
    return;
  }
  failed++;
  std::printf("FAILED %s: %s, %zu x %zu x %zu\n", kernels, what, rows, cols, depth);
}

/** Numbers that are the same on every machine. */
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed * 2654435761u + 1) {}
  double next() {
    state_ = state_ * 1664525u + 1013904223u;
    return double(state_ >> 8) / double(1 << 24) - 0.5;
  }

 private:
  uint32_t state_;
};

/** Rows of either sign; some are zero, equal or opposite to others, very large or very small. */
template <class T>
std::vector<T> makeRows(size_t rows, size_t depth, uint32_t seed) {
  Random random(seed);
  std::vector<T> data(rows * depth);
  const T large = sizeof(T) == 4 ? T(1e37) : T(1e300), small = sizeof(T) == 4 ? T(1e-30) : T(1e-300);
  for (size_t r = 0; r < rows; r++) {
    T* row = data.data() + r * depth;
    for (size_t k = 0; k < depth; k++) row[k] = T(random.next());
    if (r % 11 == 5) std::fill(row, row + depth, T(0));
    if (r % 13 == 7) std::copy(row - depth, row, row);
    if (r % 13 == 8) std::transform(row - depth, row, row, [](T value) { return value * T(-4); });
    if (r % 17 == 3) std::transform(row, row + depth, row, [=](T value) { return value * large; });
    if (r % 17 == 4) std::transform(row, row + depth, row, [=](T value) { return value * small; });
  }
  return data;
}

template <class S>
long double dot(const S* a, const S* b, size_t depth) {
  long double product = 0;
  for (size_t k = 0; k < depth; k++) product += (long double)(a[k]) * b[k];
  return product;
}

/** The length of each row. */
template <class S>
std::vector<long double> lengths(const std::vector<S>& data, size_t rows, size_t depth) {
  std::vector<long double> all(rows);
  for (size_t r = 0; r < rows; r++) all[r] = std::sqrt(dot(data.data() + r * depth, data.data() + r * depth, depth));
  return all;
}

/** Collects what a run delivers, and waits for its end. */
class Gathering : public Listener {
 public:
  void watch(Run& run) { run_ = &run; }
  void pairs(std::unique_ptr<TilePairs> found, size_t place) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      count += found->rows.size();
      for (size_t i = 0; i < found->rows.size(); i++) {
        sum += found->rows[i] * 7919ull + found->cols[i];
        scores += found->floats.empty() ? found->doubles[i] : double(found->floats[i]);
        ordered = ordered && (i == 0 || found->rows[i - 1] < found->rows[i] ||
                              (found->rows[i - 1] == found->rows[i] && found->cols[i - 1] < found->cols[i]));
      }
    }
    run_->taken(place);
  }
  void staged(const StagedTile& tile, size_t place) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    staged_.emplace_back(tile, place);
    changed_.notify_all();
  }
  void ended() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  /** Copies staged tiles to `result` until the end, as the environment's thread does. */
  void wait(void* result = nullptr) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return over_ || !staged_.empty(); });
      if (staged_.empty()) return;
      const auto [tile, place] = staged_.front();
      staged_.pop_front();
      lock.unlock();
      run_->task().place(tile.index, tile.scores, result);
      run_->taken(place);
      lock.lock();
    }
  }

  size_t count = 0;
  unsigned long long sum = 0;
  /** Added in the order in which tiles arrive. */
  double scores = 0;
  bool ordered = true;

 protected:
  Run* run_ = nullptr;
  std::mutex mutex_;

 private:
  std::condition_variable changed_;
  std::deque<std::pair<StagedTile, size_t>> staged_;
  bool over_ = false;
};

/** Number of elements of the sketches of a row. */
struct Depths {
  size_t sketch = 0, longSketch = 0;
};

template <class S, class T>
class Problem {
 public:
  Problem(const Kernels& kernels, size_t rows, size_t cols, size_t depth)
      : kernels_(kernels), rows_(rows), cols_(cols), depth_(depth), x_(makeRows<S>(rows, depth, 1)), y_(makeRows<S>(cols, depth, 2)) {}

  void run() {
    dense_ = dense(1);
    check(isRight(), name(), "scores", rows_, cols_, depth_);
    for (size_t stagedTiles : {0, 1, 2}) {
      const std::vector<T> again = dense(3, stagedTiles);
      // An empty array has no address, which memcmp requires.
      const bool same = again.empty() || memcmp(again.data(), dense_.data(), again.size() * sizeof(T)) == 0;
      check(same, name(), stagedTiles > 0 ? "staged tiles" : "threads", rows_, cols_, depth_);
    }
    check(smallIsSame(), name(), "small", rows_, cols_, depth_);
    for (size_t threads : {1, 3}) {
      check(topKIsRight(3, threads), name(), "top-k", rows_, cols_, depth_);
      for (const Depths& sketches : sketches()) check(topKIsRight(3, threads, sketches), name(), "top-k with sketches", rows_, cols_, depth_);
      for (double threshold : {0.05, 0.6}) {
        check(pairsAreRight(threshold, threads), name(), "pairs", rows_, cols_, depth_);
        for (const Depths& sketches : sketches()) {
          check(pairsAreRight(threshold, threads, sketches), name(), "pairs with sketches", rows_, cols_, depth_);
        }
      }
      check(histogramIsRight(7, threads), name(), "histogram", rows_, cols_, depth_);
    }
  }

 private:
  const char* name() const { return kernels_.name; }
  bool self() const { return cols_ == 0; }
  size_t width() const { return self() ? rows_ : cols_; }
  const S* column(size_t col) const { return (self() ? x_.data() : y_.data()) + col * depth_; }

  /** Returns sketches of a few lengths, some with long ones. */
  std::vector<Depths> sketches() const {
    std::vector<Depths> some;
    if (depth_ < 2) return some;
    some.push_back({2, 0});
    some.push_back({depth_, 0});
    some.push_back({2, depth_});
    if (depth_ > 8) some.push_back({depth_ / 4 + 1, depth_ / 2 + 1});
    return some;
  }

  std::shared_ptr<Job> makeJob(Purpose purpose, size_t count, size_t threads, const Depths& sketches = {}) const {
    const size_t panelRows = size_t(kernels_.of<T>().panelRows);
    const auto job = std::make_shared<Job>();
    Shape shape;
    shape.kernels = &kernels_;
    shape.doubles = sizeof(T) == 8;
    shape.depth = depth_;
    shape.xRows = rows_;
    shape.yRows = cols_;
    shape.tileRows = 2 * panelRows;
    shape.threads = threads;
    shape.purpose = purpose;
    shape.count = count;
    shape.sketchDepth = sketches.sketch;
    shape.longSketchDepth = sketches.longSketch;
    if (!job->configure(shape)) std::abort();
    if (shape.pruned()) {
      // The first coordinates, unchanged.
      std::vector<T> directions(shape.directions() * depth_);
      for (size_t at = 0; at < shape.directions(); at++) directions[at * depth_ + at] = 1;
      const double error = sizeof(T) == 4 ? 1e-3 : 1e-10;
      job->setDirections(directions.data(), {error, error});
    }
    for (bool y : {false, true}) {
      if (y && self()) continue;
      const std::vector<S>& rows = y ? y_ : x_;
      const auto packing = std::make_shared<PackRun>(PackWork{job.get(), y, rows.data(), sizeof(S) == 8, y ? cols_ : rows_, 0, false});
      Pool::ofProcess()->doWithHelp(packing, threads - 1);
      check(packing->firstBad() == -1, name(), "packing", rows_, cols_, depth_);
    }
    return job;
  }

  void compute(const std::shared_ptr<Task>& task, size_t threads, Gathering& gathering, void* stagedResult = nullptr) const {
    if (threads == 1) {
      Run unused(task, *Pool::ofProcess(), gathering);
      gathering.watch(unused);
      for (size_t index = 0; index < task->tiles(); index++) {
        if (auto found = task->take(index, 0)) gathering.pairs(std::move(found), 0);
      }
      return;
    }
    const std::shared_ptr<Pool> pool = Pool::ofProcess();
    const auto run = std::make_shared<Run>(task, *pool, gathering);
    gathering.watch(*run);
    if (!pool->start(run, threads)) std::abort();
    gathering.wait(stagedResult);
  }

  std::shared_ptr<Task> makeTask(const std::shared_ptr<Job>& job, const Order& order) const {
    Grid grid;
    grid.passCols = width();
    grid.rowEnd = rows_;
    grid.tileRows = job->shape().tileRows;
    grid.diagonal = grid.symmetric = self();
    return std::make_shared<Task>(job, grid, order);
  }

  std::vector<T> dense(size_t threads, size_t stagedTiles = 0) const {
    std::vector<T> result(rows_ * width(), std::numeric_limits<T>::quiet_NaN());
    Order order;
    // Threads with staged tiles do not know the address of the result.
    order.result = stagedTiles > 0 ? nullptr : result.data();
    order.cols = width();
    Gathering gathering;
    compute(makeTask(makeJob(Purpose::dense, stagedTiles, threads), order), threads, gathering, result.data());
    return result;
  }

  /** The short path gives the same bits, and writes only its result. */
  bool smallIsSame() const {
    std::vector<T> result(rows_ * width(), std::numeric_limits<T>::quiet_NaN());
    SmallProblem problem;
    problem.kernels = &kernels_;
    problem.doubles = sizeof(T) == 8;
    problem.depth = depth_;
    problem.x = {x_.data(), sizeof(S) == 8, rows_};
    problem.y = {y_.data(), sizeof(S) == 8, cols_};
    const bool done = computeSmall(std::make_shared<Job>(), problem, result.data());
    return done && memcmp(result.data(), dense_.data(), result.size() * sizeof(T)) == 0;
  }

  T score(size_t row, size_t col) const { return dense_[row * width() + col]; }

  bool isRight() const {
    const std::vector<long double> ofX = lengths(x_, rows_, depth_), ofY = lengths(y_, cols_, depth_);
    for (size_t i = 0; i < rows_; i++) {
      // The score of (j, i) must be that of (i, j).
      for (size_t j = self() ? i : 0; j < width(); j++) {
        const long double product = ofX[i] * (self() ? ofX : ofY)[j];
        const double want = product == 0 ? 0 : double(dot(x_.data() + i * depth_, column(j), depth_) / product);
        if (!(std::fabs(score(i, j) - want) <= (sizeof(T) == 4 ? 1e-6 : 1e-14)) || std::fabs(score(i, j)) > 1) return false;
        if (self() && (score(i, j) != score(j, i) || (i == j && score(i, j) != (want == 0 ? 0 : 1)))) return false;
      }
    }
    return true;
  }

  bool topKIsRight(size_t k, size_t threads, const Depths& sketches = {}) const {
    std::vector<uint32_t> indices(rows_ * k, NO_INDEX);
    std::vector<T> scores(rows_ * k, T(NO_SCORE));
    Order order;
    order.indices = indices.data();
    order.scores = scores.data();
    const std::shared_ptr<Job> job = makeJob(Purpose::topK, k, threads, sketches);
    Gathering gathering;
    compute(makeTask(job, order), threads, gathering);
    for (size_t i = 0; i < rows_; i++) {
      // Each entry of the list must be beaten by fewer than k, and the list must not contain an entry twice.
      for (size_t e = 0; e < k; e++) {
        const uint32_t index = indices[i * k + e];
        if (index == NO_INDEX) {
          if (width() - (self() ? 1 : 0) >= k) return false;
          continue;
        }
        if (index >= width() || (self() && index == i) || scores[i * k + e] != score(i, index)) return false;
        for (size_t f = 0; f < e; f++) {
          if (indices[i * k + f] == index) return false;
        }
        size_t better = 0;
        for (size_t j = 0; j < width(); j++) {
          if (self() && j == i) continue;
          better += score(i, j) > score(i, index) || (score(i, j) == score(i, index) && j < index);
        }
        if (better >= k) return false;
      }
    }
    return true;
  }

  template <class F>
  void eachPair(F take) const {
    for (size_t i = 0; i < rows_; i++) {
      for (size_t j = self() ? i + 1 : 0; j < width(); j++) take(i, j, score(i, j));
    }
  }

  bool pairsAreRight(double threshold, size_t threads, const Depths& sketches = {}) const {
    Order order;
    order.threshold = threshold;
    Gathering gathering;
    compute(makeTask(makeJob(Purpose::pairs, 0, threads, sketches), order), threads, gathering);
    size_t count = 0;
    unsigned long long sum = 0;
    double scores = 0;
    eachPair([&](size_t i, size_t j, T score) {
      if (double(score) < threshold) return;
      count++;
      sum += i * 7919ull + j;
      scores += double(score);
    });
    return gathering.ordered && gathering.count == count && gathering.sum == sum && std::fabs(gathering.scores - scores) <= 1e-12 * (1 + scores);
  }

  bool histogramIsRight(size_t bins, size_t threads) const {
    std::vector<double> edges(bins + 1);
    for (size_t b = 0; b <= bins; b++) edges[b] = (2 * double(b) - double(bins)) / double(bins);
    Order order;
    order.edges = edges.data();
    const std::shared_ptr<Task> task = makeTask(makeJob(Purpose::histogram, bins, threads), order);
    Gathering gathering;
    compute(task, threads, gathering);
    const Counts counts = task->counts();
    std::vector<double> want(bins + 1);
    double lowest = std::numeric_limits<double>::infinity(), sum = 0;
    eachPair([&](size_t, size_t, T score) {
      size_t bin = 0;
      while (bin < bins && double(score) >= edges[bin + 1]) bin++;
      want[bin]++;
      lowest = std::fmin(lowest, double(score));
      sum += double(score);
    });
    const double got = (double(counts.sumHigh) * 18446744073709551616.0 + double(counts.sumLow)) / SUM_UNITS;
    return counts.bins == want && counts.minimum == lowest && std::fabs(got - sum) < 1e-6;
  }

  const Kernels& kernels_;
  size_t rows_, cols_, depth_;
  std::vector<S> x_, y_;
  std::vector<T> dense_;
};

/** The first row that is not finite is reported, whichever thread finds which. */
void checkBadRows(const Kernels& kernels) {
  const size_t rows = 500, depth = 9;
  std::vector<float> data(rows * depth, 1.0f);
  data[123 * depth + 4] = std::numeric_limits<float>::quiet_NaN();
  data[321 * depth] = std::numeric_limits<float>::infinity();
  for (size_t threads : {1, 3}) {
    Job job;
    Shape shape;
    shape.kernels = &kernels;
    shape.depth = depth;
    shape.xRows = rows;
    shape.tileRows = size_t(kernels.floats.panelRows);
    shape.threads = threads;
    if (!job.configure(shape)) std::abort();
    for (bool zero : {false, true}) {
      const auto packing = std::make_shared<PackRun>(PackWork{&job, false, data.data(), false, rows, 0, zero});
      Pool::ofProcess()->doWithHelp(packing, threads - 1);
      check(packing->firstBad() == (zero ? -1 : 123), kernels.name, "bad rows", rows, 0, depth);
    }
  }
  // The short path only reports that there is one, and writes nothing.
  for (bool inY : {false, true}) {
    const SmallRows bad = {data.data(), false, rows}, good = {data.data(), false, 7};
    std::vector<float> result(inY ? 7 * rows : rows * rows, 5.0f);
    SmallProblem problem;
    problem.kernels = &kernels;
    problem.depth = depth;
    problem.x = inY ? good : bad;
    problem.y = inY ? bad : SmallRows();
    const bool done = computeSmall(std::make_shared<Job>(), problem, result.data());
    const bool untouched = std::all_of(result.begin(), result.end(), [](float score) { return score == 5.0f; });
    check(!done && untouched, kernels.name, "small bad rows", rows, 0, depth);
    problem.zeroNonFinite = true;
    check(computeSmall(std::make_shared<Job>(), problem, result.data()), kernels.name, "small zeroed rows", rows, 0, depth);
  }
}

/** Cosines of exactly 1/2 are found at 1/2, those of exactly 1 at 1, and nothing below: for integers, and for their thirds. */
template <class T>
void checkThreshold(const Kernels& kernels, double threshold, T factor) {
  const size_t rows = 300, depth = 5;
  std::vector<T> data(rows * depth);
  std::vector<int> whole(rows * depth);
  for (size_t i = 0; i < data.size(); i++) {
    whole[i] = int(i * i / 7 + i * 3) % 5 - 2;
    data[i] = T(whole[i]) * factor;
  }
  const auto dot = [&](size_t i, size_t j) {
    int sum = 0;
    for (size_t k = 0; k < depth; k++) sum += whole[i * depth + k] * whole[j * depth + k];
    return sum;
  };
  size_t want = 0;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = i + 1; j < rows; j++) {
      const int own = dot(i, j), squares = dot(i, i) * dot(j, j);
      want += own > 0 && own * own >= threshold * threshold * squares;
    }
  }
  const auto job = std::make_shared<Job>();
  Shape shape;
  shape.kernels = &kernels;
  shape.doubles = sizeof(T) == 8;
  shape.depth = depth;
  shape.xRows = rows;
  shape.tileRows = 2 * shape.panelRows();
  shape.purpose = Purpose::pairs;
  if (!job->configure(shape)) std::abort();
  const auto packing = std::make_shared<PackRun>(PackWork{job.get(), false, data.data(), sizeof(T) == 8, rows, 0, false});
  Pool::ofProcess()->doWithHelp(packing, 0);
  Grid grid;
  grid.passCols = grid.rowEnd = rows;
  grid.tileRows = shape.tileRows;
  grid.diagonal = grid.symmetric = true;
  Order order;
  order.threshold = threshold;
  Task task(job, grid, order);
  size_t found = 0;
  for (size_t index = 0; index < task.tiles(); index++) {
    if (const auto pairs = task.take(index, 0)) found += pairs->rows.size();
  }
  check(found == want && want > 0, kernels.name, "threshold", rows, 0, depth);
}

/** Takes pairs only on request. */
class Sleepy : public Gathering {
 public:
  void pairs(std::unique_ptr<TilePairs>, size_t place) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(place);
  }
  void wake() {
    std::vector<size_t> places;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      places.swap(waiting_);
    }
    for (size_t place : places) run_->taken(place);
  }

 private:
  std::vector<size_t> waiting_;
};

std::shared_ptr<Task> makePairsTask(const Kernels& kernels, const std::vector<float>& data, size_t rows, size_t depth, Pool& pool) {
  const auto job = std::make_shared<Job>();
  Shape shape;
  shape.kernels = &kernels;
  shape.depth = depth;
  shape.xRows = rows;
  shape.tileRows = size_t(kernels.floats.panelRows);
  shape.threads = 2;
  shape.purpose = Purpose::pairs;
  if (!job->configure(shape)) std::abort();
  pool.doWithHelp(std::make_shared<PackRun>(PackWork{job.get(), false, data.data(), false, rows, 0, false}), 1);
  Grid grid;
  grid.passCols = grid.rowEnd = rows;
  grid.tileRows = shape.tileRows;
  grid.diagonal = grid.symmetric = true;
  Order order;
  order.threshold = -1;
  return std::make_shared<Task>(job, grid, order);
}

/** A run whose owner takes nothing does not delay others, and a queued run that is stopped does not wait either. */
void checkParking(const Kernels& kernels) {
  const size_t rows = 300, depth = 16;
  const std::vector<float> data = makeRows<float>(rows, depth, 4);
  const std::shared_ptr<Pool> pool = Pool::ofProcess();
  Sleepy sleepy;
  const auto slow = std::make_shared<Run>(makePairsTask(kernels, data, rows, depth, *pool), *pool, sleepy);
  sleepy.watch(*slow);
  if (!pool->start(slow, 2)) std::abort();
  Gathering eager;
  const auto quick = std::make_shared<Run>(makePairsTask(kernels, data, rows, depth, *pool), *pool, eager);
  eager.watch(*quick);
  if (!pool->start(quick, 2)) std::abort();
  eager.wait();
  check(eager.count == rows * (rows - 1) / 2, kernels.name, "a run beside one that waits", rows, 0, depth);
  sleepy.wake();
  slow->stop();
  pool->withdraw(slow);
  sleepy.wait();
  check(true, kernels.name, "the end of the one that waited", rows, 0, depth);
}

/** Runs that are stopped in the middle end, several at a time, and the pool remains usable. */
void checkStops(const Kernels& kernels) {
  const size_t rows = 700, depth = 64;
  const std::vector<float> data = makeRows<float>(rows, depth, 3);
  const std::shared_ptr<Pool> pool = Pool::ofProcess();
  std::vector<std::shared_ptr<Run>> runs;
  std::vector<std::unique_ptr<Gathering>> gatherings;
  for (int i = 0; i < 6; i++) {
    gatherings.push_back(std::make_unique<Gathering>());
    runs.push_back(std::make_shared<Run>(makePairsTask(kernels, data, rows, depth, *pool), *pool, *gatherings.back()));
    gatherings.back()->watch(*runs.back());
    if (!pool->start(runs.back(), 2)) std::abort();
    if (i % 2) {
      runs.back()->stop();
      pool->withdraw(runs.back());
    }
  }
  for (auto& gathering : gatherings) gathering->wait();
  for (size_t i = 0; i < gatherings.size(); i++) {
    const size_t all = rows * (rows - 1) / 2;
    check(i % 2 ? gatherings[i]->count <= all : gatherings[i]->count == all, kernels.name, "stops", rows, 0, depth);
  }
}

#if !defined(__SANITIZE_THREAD__)
/**
 * Rows that another thread writes to while they are packed, as is possible in a SharedArrayBuffer: they are refused, or their
 * scores are numbers.
 */
void checkChangingRows(const Kernels& kernels) {
  const size_t rows = 40, depth = 300, bins = 9;
  std::vector<float> data = makeRows<float>(rows, depth, 5);
  std::atomic<bool> over{false};
  std::thread writer([&] {
    const float values[] = {std::numeric_limits<float>::quiet_NaN(), 1e38f, 1e-38f, std::numeric_limits<float>::infinity(), -1e38f};
    volatile float* at = data.data();
    // Most of the time, a row is finite.
    for (size_t i = 0; !over; i++) {
      at[i * 7919 % data.size()] = values[i % 5];
      at[i * 7919 % data.size()] = 0.5f;
    }
  });
  std::vector<double> edges(bins + 1);
  for (size_t b = 0; b <= bins; b++) edges[b] = (2 * double(b) - double(bins)) / double(bins);
  bool right = true;
  for (int round = 0; round < 400; round++) {
    const auto job = std::make_shared<Job>();
    Shape shape;
    shape.kernels = &kernels;
    shape.depth = depth;
    shape.xRows = rows;
    shape.tileRows = 2 * size_t(kernels.floats.panelRows);
    shape.purpose = Purpose::histogram;
    shape.count = bins;
    if (!job->configure(shape)) std::abort();
    const bool zeroNonFinite = round % 4 != 0;
    PackRun packing(PackWork{job.get(), false, data.data(), false, rows, 0, zeroNonFinite});
    packing.share(0);
    if (packing.firstBad() >= 0) {
      right = right && !zeroNonFinite;
      continue;
    }
    Grid grid;
    grid.passCols = grid.rowEnd = rows;
    grid.tileRows = shape.tileRows;
    grid.diagonal = grid.symmetric = true;
    Order order;
    order.edges = edges.data();
    Task task(job, grid, order);
    for (size_t index = 0; index < task.tiles(); index++) task.take(index, 0);
    const Counts counts = task.counts();
    double total = 0;
    for (double count : counts.bins) total += count;
    right = right && total == double(rows * (rows - 1) / 2) && counts.minimum >= -1 && counts.maximum <= 1;
  }
  over = true;
  writer.join();
  check(right, kernels.name, "changing rows", rows, 0, depth);
}
#endif

void checkKernels(const Kernels& kernels) {
  // The product of a size is what it costs; 97 rows are several tiles, and 259 elements several blocks of the depth.
  const size_t sizes[][3] = {{1, 0, 1},  {2, 0, 3},   {7, 0, 0},   {23, 0, 16},  {25, 0, 17}, {49, 0, 128}, {97, 0, 259}, {150, 0, 20},
                             {1, 9, 31}, {30, 1, 33}, {5, 70, 64}, {70, 5, 257}, {131, 67, 48}, {64, 64, 8}};
  for (const auto& [rows, cols, depth] : sizes) {
    Problem<float, float>(kernels, rows, cols, depth).run();
    Problem<double, float>(kernels, rows, cols, depth).run();
    Problem<float, double>(kernels, rows, cols, depth).run();
    Problem<double, double>(kernels, rows, cols, depth).run();
  }
  checkBadRows(kernels);
#if !defined(__SANITIZE_THREAD__)
  checkChangingRows(kernels);
#endif
  for (const double threshold : {0.5, 1.0}) {
    checkThreshold<float>(kernels, threshold, 1);
    checkThreshold<float>(kernels, threshold, 1.0f / 3);
    checkThreshold<double>(kernels, threshold, 1);
    checkThreshold<double>(kernels, threshold, 1.0 / 3);
  }
  checkStops(kernels);
  checkParking(kernels);
}

}  // namespace
}  // namespace allpairs

int main() {
  // Keeps the pool alive throughout, as an environment does.
  const std::shared_ptr<allpairs::Pool> pool = allpairs::Pool::ofProcess();
  for (const allpairs::Candidate& candidate : allpairs::candidates()) {
    if (!candidate.runs) {
      std::printf("%s cannot run here\n", candidate.kernels->name);
      continue;
    }
    allpairs::checkKernels(*candidate.kernels);
#if defined(__SANITIZE_THREAD__)
    // The threads do the same with every set of instructions.
    break;
#endif
  }
#if defined(ALLPAIRS_PLAIN_TOO)
  allpairs::checkKernels(allpairs::plain::kernels);
#endif
  std::printf("%d passed, %d failed\n", allpairs::passed, allpairs::failed);
  return allpairs::failed == 0 ? 0 : 1;
}
