#include "run.h"

#include <new>

namespace allpairs {

Run::Run(std::shared_ptr<Task> task, Pool& pool, Listener& listener)
    : task_(std::move(task)), pool_(pool), listener_(listener), underWay_(task_->threads()) {}

void Run::share(size_t place) {
  try {
    while (!stopped_) {
      const size_t index = next_++;
      if (index >= task_->tiles()) return;
      std::unique_ptr<TilePairs> found = task_->take(index, place);
      if (found) deliver(std::move(found), place);
      done_++;
    }
  } catch (const std::bad_alloc&) {
    outOfMemory_ = true;
    stop();
  }
}

void Run::finished() { listener_.ended(); }

void Run::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  room_.notify_all();
}

void Run::deliver(std::unique_ptr<TilePairs> found, size_t place) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto hasRoom = [&] { return stopped_ || !underWay_[place]; };
    if (!hasRoom()) {
      pool_.park();
      room_.wait(lock, hasRoom);
      pool_.unpark();
    }
    if (stopped_) return;
    underWay_[place] = true;
  }
  listener_.pairs(std::move(found), place);
}

void Run::taken(size_t place) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    underWay_[place] = false;
  }
  room_.notify_all();
}

void PackRun::share(size_t place) {
  for (;;) {
    const size_t panel = next_++;
    if (panel >= panels_) return;
    const int64_t bad = work_.packPanel(panel, place);
    if (bad < 0) continue;
    // Panels before this one may hold an earlier such row: they have been begun, and none after it matters.
    int64_t first = firstBad_;
    while ((first < 0 || bad < first) && !firstBad_.compare_exchange_weak(first, bad)) {
    }
    next_ = panels_;
    return;
  }
}

}  // namespace allpairs
