// Lists of best scores: binary heaps with the worst entry at the root. Equal scores rank by lower index. Has internal linkage,
// because code for different instruction sets includes it.

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace allpairs {
namespace {

/** Returns whether an entry ranks below `score`, `index`. */
template <class T>
inline bool isWorse(T otherScore, uint32_t otherIndex, T score, uint32_t index) {
  return otherScore < score || (otherScore == score && otherIndex > index);
}

/** Adds an entry at the free position `at`. */
template <class T>
inline void siftUp(T* scores, uint32_t* indices, size_t at, T score, uint32_t index) {
  while (at > 0) {
    const size_t parent = (at - 1) / 2;
    // A parent ranks below its children, so stop as soon as it does.
    if (isWorse<T>(scores[parent], indices[parent], score, index)) break;
    scores[at] = scores[parent];
    indices[at] = indices[parent];
    at = parent;
  }
  scores[at] = score;
  indices[at] = index;
}

/** Replaces the root of a heap with `count` entries. */
template <class T>
inline void siftDown(T* scores, uint32_t* indices, size_t count, T score, uint32_t index) {
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= count) break;
    const size_t other = child + 1;
    if (other < count && !isWorse<T>(scores[child], indices[child], scores[other], indices[other])) child = other;
    if (!isWorse<T>(scores[child], indices[child], score, index)) break;
    scores[at] = scores[child];
    indices[at] = indices[child];
    at = child;
  }
  scores[at] = score;
  indices[at] = index;
}

}  // namespace
}  // namespace allpairs
