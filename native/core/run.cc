#include "run.h"

#include <new>

namespace allpairs {

Run::Run(std::shared_ptr<Task> task, Pool& pool, Listener& listener)
    : task_(std::move(task)), pool_(pool), listener_(listener), underWay_(task_->threads()), delivered_(task_->threads()) {}

void Run::share(size_t place) {
  try {
    while (!stopped_) {
      const size_t index = next_++;
      if (index >= task_->tiles()) return;
      if (task_->stagedTiles() > 0) {
        stage(index, place);
      } else {
        std::unique_ptr<TilePairs> found = task_->take(index, place);
        if (found && reserve(place, 1)) listener_.pairs(std::move(found), place);
      }
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

bool Run::reserve(size_t place, size_t most) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto hasRoom = [&] { return stopped_ || underWay_[place] < most; };
  if (!hasRoom()) {
    pool_.park();
    room_.wait(lock, hasRoom);
    pool_.unpark();
  }
  if (stopped_) return false;
  underWay_[place]++;
  return true;
}

void Run::stage(size_t index, size_t place) {
  const size_t tiles = task_->stagedTiles();
  // They are taken in the order in which they were delivered.
  void* scores = task_->stagedTile(place, delivered_[place] % tiles);
  if (!task_->stage(index, place, [&] { return reserve(place, tiles) ? scores : nullptr; })) return;
  delivered_[place]++;
  listener_.staged({index, scores}, place);
}

void Run::taken(size_t place) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    underWay_[place]--;
  }
  room_.notify_all();
}

void PackRun::share(size_t place) {
  for (;;) {
    const size_t panel = next_++;
    if (panel >= panels_) return;
    const int64_t bad = work_.packPanel(panel, place);
    if (bad < 0) continue;
    // Panels before this one may contain an earlier such row. They have already been started, and later panels do not matter.
    int64_t first = firstBad_;
    while ((first < 0 || bad < first) && !firstBad_.compare_exchange_weak(first, bad)) {
    }
    next_ = panels_;
    return;
  }
}

}  // namespace allpairs
