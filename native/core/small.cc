#include "small.h"

#include "task.h"

namespace allpairs {

namespace {

/** Up to this many rows, there is only one tile: its sums fit in the second-level cache. */
constexpr size_t ONE_TILE_ROWS = 256;
/** Otherwise tiles have the size of those in other dense jobs. */
constexpr size_t TILE_ROWS = 192;

/** Returns whether all rows are finite. */
bool packAll(const Job& job, const SmallRows& rows, bool y, bool zeroNonFinite) {
  const PackWork work = {&job, y, rows.at, rows.doubles, rows.count, 0, zeroNonFinite};
  for (size_t panel = 0; panel < work.panels(); panel++) {
    if (work.packPanel(panel, 0) >= 0) return false;
  }
  return true;
}

}  // namespace

bool computeSmall(const std::shared_ptr<Job>& job, const SmallProblem& problem, void* result) {
  const bool symmetric = problem.y.count == 0;
  Shape shape;
  shape.kernels = problem.kernels;
  shape.doubles = problem.doubles;
  shape.depth = problem.depth;
  shape.xRows = problem.x.count;
  shape.yRows = problem.y.count;
  const size_t panelRows = shape.panelRows(), most = shape.xRows > shape.yRows ? shape.xRows : shape.yRows;
  shape.tileRows = most <= ONE_TILE_ROWS ? (most + panelRows - 1) / panelRows * panelRows : TILE_ROWS;
  if (!job->configure(shape) || !packAll(*job, problem.x, false, problem.zeroNonFinite)) return false;
  if (!symmetric && !packAll(*job, problem.y, true, problem.zeroNonFinite)) return false;
  Grid grid;
  grid.passCols = symmetric ? shape.xRows : shape.yRows;
  grid.rowEnd = shape.xRows;
  grid.tileRows = shape.tileRows;
  grid.diagonal = grid.symmetric = symmetric;
  Order order;
  order.result = result;
  order.cols = grid.passCols;
  Task task(job, grid, order);
  for (size_t tile = 0; tile < task.tiles(); tile++) task.take(tile, 0);
  return true;
}

}  // namespace allpairs
