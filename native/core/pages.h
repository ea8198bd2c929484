// Page-aligned memory: large blocks use huge pages if the system has them. Otherwise the first touch of new memory costs a page
// fault for every 4 KiB, which for a large result takes longer than computing it.

#pragma once

#include <stddef.h>

namespace allpairs {

/** Memory aligned to whole cache lines, with undefined contents. */
class Block {
 public:
  Block() = default;
  ~Block() { release(); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /** Makes space for `bytes`, with undefined contents; returns false if the system has no more memory. */
  bool reserve(size_t bytes);
  void release();
  char* at() const { return at_; }
  size_t bytes() const { return bytes_; }

 private:
  char* at_ = nullptr;
  size_t bytes_ = 0;
};

/** Requests huge pages for [at, at + bytes) before it is first touched. Does nothing if there are none. */
void adviseHugePages(void* at, size_t bytes);

}  // namespace allpairs
