// The threads of a process, shared by all who compute in it. Work waits in a line; a free thread takes a place at the first
// work that has one left. Threads are started when more places are wanted than there are threads, and end with the pool. A
// thread that waits for somebody outside is parked: another may be started in its stead, so that nobody's work waits for it.

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

/** Something that several threads can do together. */
class Work {
 public:
  virtual ~Work() = default;
  /** Does a share of it, until nothing is left or it is stopped. `place` is a number below the places that were asked for. */
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

  /** The pool of this process while anybody holds it. */
  static std::shared_ptr<Pool> ofProcess();

  /** Has `threads` threads share the work, as they become free. False where there is no thread and none can be started. */
  bool start(std::shared_ptr<Work> work, size_t threads);
  /** Takes work that was stopped out of the line; it is finished at once if no thread is in it. */
  void withdraw(const std::shared_ptr<Work>& work);
  /** The calling thread, one of the pool's, does nothing until `unpark`. */
  void park();
  void unpark();
  /** Does the work at once on the calling thread, which has the last place, with the help of up to `helpers` idle threads. */
  void doWithHelp(std::shared_ptr<Work> work, size_t helpers);

 private:
  void serve();
  /** Starts threads until `count` are not parked, or as many as the system gives. */
  void grow(size_t count);
  void shareOf(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Work>& work, size_t place);
  /** Lets no further thread into the work. */
  void close(Work& work);

  std::mutex mutex_;
  std::condition_variable wanted_, left_;
  std::deque<std::shared_ptr<Work>> line_;
  std::vector<std::thread> threads_;
  size_t busy_ = 0, parked_ = 0;
  bool ending_ = false;
  /** Whether the line is not empty, for those who look without the lock. */
  std::atomic<bool> hasWork_{false};
};

}  // namespace allpairs
