// A task on the threads of the pool: tiles come from an atomic counter, so that a slow thread takes fewer.

#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "pool.h"
#include "task.h"

namespace allpairs {

/** Who hears of a run. Called on the pool's threads; `pairs` for a place only when what it had before has been taken. */
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void pairs(std::unique_ptr<TilePairs> found, size_t place) = 0;
  /** The last call: no thread works for the run any more. */
  virtual void ended() = 0;
};

class Run : public Work {
 public:
  Run(std::shared_ptr<Task> task, Pool& pool, Listener& listener);

  void share(size_t place) override;
  void finished() override;

  /** No tile is begun after this; `ended` comes as ever. */
  void stop();
  bool stopped() const { return stopped_; }
  /** Whether a thread met its end of memory: the run stopped there. */
  bool outOfMemory() const { return outOfMemory_; }
  size_t tilesDone() const { return done_; }
  /** The pairs given from `place` are dealt with. */
  void taken(size_t place);

 private:
  void deliver(std::unique_ptr<TilePairs> found, size_t place);

  std::shared_ptr<Task> task_;
  Pool& pool_;
  Listener& listener_;
  std::atomic<size_t> next_{0}, done_{0};
  std::atomic<bool> stopped_{false}, outOfMemory_{false};
  std::mutex mutex_;
  std::condition_variable room_;
  /** Of each place, whether something is under way. */
  std::vector<bool> underWay_;
};

/** Packs panels, several threads at a time. */
class PackRun : public Work {
 public:
  explicit PackRun(const PackWork& work) : work_(work), panels_(work.panels()) {}

  void share(size_t place) override;
  void finished() override {}

  /** -1, or the first row that is not finite. */
  int64_t firstBad() const { return firstBad_; }

 private:
  PackWork work_;
  size_t panels_;
  std::atomic<size_t> next_{0};
  std::atomic<int64_t> firstBad_{-1};
};

}  // namespace allpairs
