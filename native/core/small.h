// Computes a small dense problem at once: one call packs, multiplies and writes its rows on the calling thread.

#pragma once

#include <memory>

#include "job.h"

namespace allpairs {

/** Contiguous rows of float64 or float32. */
struct SmallRows {
  const void* at = nullptr;
  bool doubles = false;
  size_t count = 0;
};

/** The scores of x with y, or with itself if y has no rows. */
struct SmallProblem {
  const Kernels* kernels = nullptr;
  /** True if scores are float64. */
  bool doubles = false;
  size_t depth = 0;
  bool zeroNonFinite = false;
  SmallRows x, y;
};

/**
 * Writes all scores to `result`, rows x columns, with the memory of `job`. Returns false, without writing anything, if a row is
 * not finite or there is not enough memory.
 */
bool computeSmall(const std::shared_ptr<Job>& job, const SmallProblem& problem, void* result);

}  // namespace allpairs
