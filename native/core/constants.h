// Numbers that this code shares with JavaScript. src/backends/native/constants.ts compares them when the addon loads.

#pragma once

#include <stddef.h>

#include "../kernels/table.h"
#include "job.h"

namespace allpairs {

/** The names of Purpose, in order. */
constexpr const char* PURPOSES = "dense,pairs,top-k,histogram,tiles";
static_assert(int(Purpose::dense) == 0 && int(Purpose::pairs) == 1 && int(Purpose::topK) == 2 && int(Purpose::histogram) == 3 &&
                  int(Purpose::tiles) == 4,
              "PURPOSES has another order");

/** The names of Grouping, in order; the first is empty. */
constexpr const char* GROUPINGS = ",across,within";
static_assert(int(Grouping::none) == 0 && int(Grouping::across) == 1 && int(Grouping::within) == 2, "GROUPINGS has another order");

/** The facts of a tile's rows are indexed with 16 bits, and its histogram sums at most 2^29 scores. */
constexpr size_t MAX_TILE_ROWS = 16384;
static_assert(MAX_TILE_ROWS < NO_TWIN && MAX_TILE_ROWS * MAX_TILE_ROWS <= size_t(1) << 29, "a tile of more rows than its sums hold");

}  // namespace allpairs
