// A small dense problem at once: its rows are packed, multiplied and written by one call, on the calling thread.

#pragma once

#include <memory>

#include "job.h"

namespace allpairs {

/** Rows one after another, of float64 or float32. */
struct SmallRows {
  const void* at = nullptr;
  bool doubles = false;
  size_t count = 0;
};

/** The scores of x with y, or with itself where y has no rows. */
struct SmallProblem {
  const Kernels* kernels = nullptr;
  /** Whether scores are float64. */
  bool doubles = false;
  size_t depth = 0;
  bool zeroNonFinite = false;
  SmallRows x, y;
};

/**
 * Writes all scores to `result`, rows x columns, with the memory of `job`. False, and nothing is written, where a row is not finite, or there is
 * no memory for it.
 */
bool computeSmall(const std::shared_ptr<Job>& job, const SmallProblem& problem, void* result);

}  // namespace allpairs
