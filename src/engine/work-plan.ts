// Reports what a call will do before it runs.

import type { Purpose } from '../backends/backend.js';
import { planTiles } from '../backends/grid.js';
import type { Pass } from '../backends/work.js';
import { isSparse, isWhole, type Problem, productsOf } from '../problem.js';
import type { WorkPlan } from '../results.js';
import { StoredRows } from '../rows/stored-rows.js';
import type { Plan } from './plan.js';
import type { Setting } from './setting.js';
import { Windows } from './windows.js';

/**
 * `resultBytes` is the size of the result, if known. `pruning` is the plan of the same call with the longest sketches, if it may have
 * any.
 */
export function describePlan(
  problem: Problem,
  plan: Plan,
  resultBytes: number | undefined,
  setting: Setting,
  pruning?: Plan,
): WorkPlan {
  const { passes, shape, symmetric, blockRows, bytes } = plan;
  let tiles = 0;
  for (const pass of passes) tiles += planTiles(pass, shape.tileRows, symmetric).count;
  return {
    backend: setting.backend.name,
    threads: shape.threads,
    multiplyAdds: productsOf(problem) * (isSparse(problem) ? problem.x.commonColumns(problem.y) : shape.depth),
    pruning: pruning || shape.sparse?.filtered ? 'auto' : 'off',
    passes: passes.length,
    blockRows: Math.max(1, Math.min(blockRows, Math.max(shape.xRows, shape.yRows))),
    tiles,
    tileRows: shape.tileRows,
    bytesRead: bytesRead(problem, plan, setting),
    resultBytes,
    memoryBytes: Math.max(bytes, pruning?.bytes ?? 0),
  };
}

/** What one call does, step after step. */
export function joinPlans(first: WorkPlan, second: WorkPlan): WorkPlan {
  return {
    ...second,
    threads: Math.max(first.threads, second.threads),
    multiplyAdds: first.multiplyAdds + second.multiplyAdds,
    pruning: first.pruning === 'auto' ? 'auto' : second.pruning,
    passes: first.passes + second.passes,
    blockRows: Math.max(first.blockRows, second.blockRows),
    tiles: first.tiles + second.tiles,
    bytesRead: first.bytesRead + second.bytesRead,
    memoryBytes: Math.max(first.memoryBytes, second.memoryBytes),
  };
}

/**
 * Rows that are read from storage, counted each time they are read. They are read once more for checking if they need several passes.
 */
function bytesRead(problem: Problem, plan: Plan, setting: Setting): number {
  const { x, y, zeroNonFinite } = problem;
  const cols = y ?? x;
  const rowsOfX = x instanceof StoredRows ? x : undefined;
  const rowsOfCols = cols instanceof StoredRows ? cols : undefined;
  const checked = (plan.passes.length > 1 || !isWhole(problem)) && !zeroNonFinite;
  let bytes = checked ? (rowsOfX?.storedBytes(x.rows) ?? 0) + (y ? (rowsOfCols?.storedBytes(cols.rows) ?? 0) : 0) : 0;
  let rowsFrom = -1;
  let colsFrom = -1;
  for (const pass of packedInTurn(plan, plan.shape.purpose, setting)) {
    if (pass.rowStart !== rowsFrom) bytes += rowsOfX?.storedBytes(pass.rowEnd - pass.rowStart) ?? 0;
    rowsFrom = pass.rowStart;
    if (pass.diagonal || pass.colStart === colsFrom) continue;
    bytes += rowsOfCols?.storedBytes(pass.colEnd - pass.colStart) ?? 0;
    colsFrom = pass.colStart;
  }
  return bytes;
}

/** The passes of a plan in packing order: pairs are computed window by window. */
function* packedInTurn(plan: Plan, purpose: Purpose, { backend }: Setting): Generator<Pass> {
  if (purpose.kind !== 'pairs' || plan.passes.length < 2) {
    yield* plan.passes;
    return;
  }
  const windows = new Windows(plan, backend.tileStep(plan.shape.dtype));
  for (let window = windows.current(); window; window = windows.current()) {
    yield* window.passes;
    windows.advance();
  }
}
