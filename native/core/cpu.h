// Finds the kernels that this processor can run.

#pragma once

#include <vector>

#include "../kernels/table.h"

namespace allpairs {

/** A build of the kernels, and whether this processor and its system can run it. */
struct Candidate {
  const Kernels* kernels;
  bool runs;
};

/** Returns every build in this binary, best first. */
const std::vector<Candidate>& candidates();

/** Returns the build of that name if it runs here, or null. */
const Kernels* findKernels(const char* name);

}  // namespace allpairs
