#include "pool.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace allpairs {

namespace {

/**
 * How long a thread without work looks for more before it sleeps. Runs often follow each other closely. Waking a thread takes
 * as long as a small run, and a busy system may wake two threads on one core while another core is idle.
 */
constexpr std::chrono::microseconds WATCH(200);

}  // namespace

std::shared_ptr<Pool> Pool::ofProcess() {
  static std::mutex mutex;
  static std::weak_ptr<Pool> pool;
  const std::lock_guard<std::mutex> lock(mutex);
  std::shared_ptr<Pool> held = pool.lock();
  if (!held) {
    held = std::make_shared<Pool>();
    pool = held;
  }
  return held;
}

Pool::~Pool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::grow(size_t count) {
  try {
    while (threads_.size() < count + parked_) threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // The existing threads do the work.
  }
}

bool Pool::start(std::shared_ptr<Work> work, size_t threads) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    grow(threads);
    if (threads_.empty()) return false;
    work->places_ = threads;
    line_.push_back(std::move(work));
    hasWork_ = true;
  }
  wanted_.notify_one();
  return true;
}

void Pool::doWithHelp(std::shared_ptr<Work> work, size_t helpers) {
  std::unique_lock<std::mutex> lock(mutex_);
  grow(helpers);
  work->places_ = line_.empty() ? std::min(helpers, threads_.size() - busy_) : 0;
  if (work->places_ > 0) {
    line_.push_front(work);
    hasWork_ = true;
    wanted_.notify_one();
  }
  work->inside_++;
  shareOf(lock, work, helpers);
  left_.wait(lock, [&] { return work->inside_ == 0; });
}

void Pool::serve() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (line_.empty() && !ending_) {
      lock.unlock();
      const auto until = std::chrono::steady_clock::now() + WATCH;
      while (!hasWork_ && std::chrono::steady_clock::now() < until) std::this_thread::yield();
      lock.lock();
    }
    wanted_.wait(lock, [this] { return ending_ || !line_.empty(); });
    if (ending_) return;
    const std::shared_ptr<Work> work = line_.front();
    const size_t place = work->begun_++;
    if (work->begun_ == work->places_) line_.pop_front();
    hasWork_ = !line_.empty();
    work->inside_++;
    busy_++;
    // Threads wake each other: a system that runs a thread on the core it was woken from then spreads them over the cores.
    if (!line_.empty()) wanted_.notify_one();
    shareOf(lock, work, place);
    busy_--;
  }
}

void Pool::shareOf(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Work>& work, size_t place) {
  lock.unlock();
  work->share(place);
  lock.lock();
  // Nothing is left, so threads that have not joined need not join any more.
  close(*work);
  if (--work->inside_ > 0) return;
  lock.unlock();
  work->finished();
  lock.lock();
  left_.notify_all();
}

void Pool::close(Work& work) {
  if (work.exhausted_) return;
  work.exhausted_ = true;
  const auto at = std::find_if(line_.begin(), line_.end(), [&work](const auto& other) { return other.get() == &work; });
  if (at != line_.end()) line_.erase(at);
  hasWork_ = !line_.empty();
}

void Pool::withdraw(const std::shared_ptr<Work>& work) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (work->exhausted_) return;
    close(*work);
    if (work->inside_ > 0) return;
  }
  work->finished();
}

void Pool::park() {
  const std::lock_guard<std::mutex> lock(mutex_);
  parked_++;
  if (!line_.empty()) grow(threads_.size() - parked_ + 1);
}

void Pool::unpark() {
  const std::lock_guard<std::mutex> lock(mutex_);
  parked_--;
}

}  // namespace allpairs
