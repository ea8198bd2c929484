// A task on the threads of the pool. Tiles come from an atomic counter, so that a slow thread takes fewer.

#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "pool.h"
#include "task.h"

namespace allpairs {

/** Scores of a tile that wait to be copied to the result. */
struct StagedTile {
  size_t index;
  const void* scores;
};

/**
 * Receives the events of a run, on the pool's threads. Each place has at most one delivery of pairs that has not been taken, or
 * one for each of its staged tiles.
 */
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void pairs(std::unique_ptr<TilePairs> found, size_t place) = 0;
  virtual void staged(const StagedTile& tile, size_t place) = 0;
  /** The last call: no thread works for the run any more. */
  virtual void ended() = 0;
};

class Run : public Work {
 public:
  Run(std::shared_ptr<Task> task, Pool& pool, Listener& listener);

  void share(size_t place) override;
  void finished() override;

  /** Starts no further tile; `ended` is still called. */
  void stop();
  bool stopped() const { return stopped_; }
  /** True if a thread ran out of memory, which stops the run. */
  bool outOfMemory() const { return outOfMemory_; }
  size_t tilesDone() const { return done_; }
  /** Called when the oldest delivery from `place` has been processed. */
  void taken(size_t place);
  const Task& task() const { return *task_; }

 private:
  /**
   * Waits until fewer than `most` deliveries from a place are pending, and counts one more; returns false if the run is
   * stopped.
   */
  bool reserve(size_t place, size_t most);
  void stage(size_t index, size_t place);

  std::shared_ptr<Task> task_;
  Pool& pool_;
  Listener& listener_;
  std::atomic<size_t> next_{0}, done_{0};
  std::atomic<bool> stopped_{false}, outOfMemory_{false};
  std::mutex mutex_;
  std::condition_variable room_;
  /** For each place: the number of pending deliveries, and of all deliveries. */
  std::vector<size_t> underWay_, delivered_;
};

/** Packs panels on several threads. */
class PackRun : public Work {
 public:
  explicit PackRun(const PackWork& work) : work_(work), panels_(work.panels()) {}

  void share(size_t place) override;
  void finished() override {}

  /** Returns -1, or the first row that is not finite. */
  int64_t firstBad() const { return firstBad_; }

 private:
  PackWork work_;
  size_t panels_;
  std::atomic<size_t> next_{0};
  std::atomic<int64_t> firstBad_{-1};
};

}  // namespace allpairs
