// The threads of a process, shared by all callers that compute in it. Work waits in a queue; an idle thread takes a place at
// the first work that has one left. Threads are started if more places are requested than there are threads, and end with the
// pool. A thread that waits for its caller is parked, and another one may be started in its place, so that other work does not
// have to wait.

#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace allpairs {

class Pool;

/** Work that several threads can do together. */
class Work {
 public:
  virtual ~Work() = default;
  /**
   * Does part of the work, until nothing is left or it is stopped. `place` is a number below the number of requested places.
   */
  virtual void share(size_t place) = 0;
  /** Called once, by the last thread to leave, when nothing is left. */
  virtual void finished() = 0;

 private:
  friend class Pool;
  size_t places_ = 0, begun_ = 0, inside_ = 0;
  bool exhausted_ = false;
};

class Pool {
 public:
  Pool() = default;
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /** Returns the pool of this process, which exists as long as it is referenced. */
  static std::shared_ptr<Pool> ofProcess();

  /** Lets `threads` threads do the work as they become free. Returns false if there is no thread and none can be started. */
  bool start(std::shared_ptr<Work> work, size_t threads);
  /** Removes stopped work from the queue; it finishes immediately if no thread is working on it. */
  void withdraw(const std::shared_ptr<Work>& work);
  /** Blocks the calling thread, one of the pool's, until `unpark`. */
  void park();
  void unpark();
  /**
   * Does the work immediately on the calling thread, which has the last place, with the help of up to `helpers` idle threads.
   */
  void doWithHelp(std::shared_ptr<Work> work, size_t helpers);

 private:
  void serve();
  /** Starts threads until `count` are not parked, or as many as the system allows. */
  void grow(size_t count);
  void shareOf(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Work>& work, size_t place);
  /** Lets no further thread join the work. */
  void close(Work& work);

  std::mutex mutex_;
  std::condition_variable wanted_, left_;
  std::deque<std::shared_ptr<Work>> line_;
  std::vector<std::thread> threads_;
  size_t busy_ = 0, parked_ = 0;
  bool ending_ = false;
  /** True if the queue is not empty, for threads that check without the lock. */
  std::atomic<bool> hasWork_{false};
};

}  // namespace allpairs
