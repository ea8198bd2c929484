#include "pages.h"

#include <stdint.h>
#include <stdlib.h>

#if defined(_WIN32)
#include <malloc.h>
#else
#include <sys/mman.h>
#endif

namespace allpairs {

namespace {

constexpr size_t LINE = 64;
constexpr size_t HUGE_PAGE = size_t(2) << 20;

void* allocate(size_t bytes, size_t alignment) {
#if defined(_WIN32)
  return _aligned_malloc(bytes, alignment);
#else
  void* at = nullptr;
  return posix_memalign(&at, alignment, bytes) == 0 ? at : nullptr;
#endif
}

}  // namespace

bool Block::reserve(size_t bytes) {
  if (bytes <= bytes_) return true;
  release();
  const bool large = bytes >= 2 * HUGE_PAGE;
  at_ = static_cast<char*>(allocate(bytes, large ? HUGE_PAGE : LINE));
  if (!at_) return false;
  bytes_ = bytes;
  if (large) adviseHugePages(at_, bytes_);
  return true;
}

void Block::release() {
#if defined(_WIN32)
  _aligned_free(at_);
#else
  free(at_);
#endif
  at_ = nullptr;
  bytes_ = 0;
}

void adviseHugePages(void* at, size_t bytes) {
#if defined(MADV_HUGEPAGE)
  // Only whole huge pages, because the memory next to them belongs to other code.
  const uintptr_t from = (reinterpret_cast<uintptr_t>(at) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  const uintptr_t to = (reinterpret_cast<uintptr_t>(at) + bytes) / HUGE_PAGE * HUGE_PAGE;
  if (from < to) madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
#else
  (void)at;
  (void)bytes;
#endif
}

}  // namespace allpairs
