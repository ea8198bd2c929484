// Memory by the page: large blocks on huge pages where the system has them. First touch of fresh memory costs a page fault
// for every 4 KiB otherwise, which for a large result takes longer than computing it.

#pragma once

#include <stddef.h>

namespace allpairs {

/** Memory aligned to whole cache lines, its contents not set. */
class Block {
 public:
  Block() = default;
  ~Block() { release(); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /** Makes room for `bytes`, whose contents are then unknown; false where the system has none left. */
  bool reserve(size_t bytes);
  void release();
  char* at() const { return at_; }
  size_t bytes() const { return bytes_; }

 private:
  char* at_ = nullptr;
  size_t bytes_ = 0;
};

/** Asks for huge pages under what lies in [at, at + bytes), before it is first touched. Does nothing where there are none. */
void adviseHugePages(void* at, size_t bytes);

}  // namespace allpairs
