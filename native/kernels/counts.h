// Decides which pairs count, by the groups of their rows. Has internal linkage, because code for different instruction sets
// includes it.

#pragma once

#include "table.h"

namespace allpairs {
namespace {

inline bool countsAsPair(const RowGroups& groups, size_t row, size_t col) {
  if (!groups.rows) return true;
  const uint32_t ofRow = groups.rows[row], ofCol = groups.cols[col];
  return (ofRow == ofCol) == groups.within && ofRow != NO_GROUP && ofCol != NO_GROUP;
}

}  // namespace
}  // namespace allpairs
