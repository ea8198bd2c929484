// Memory of connected components.

import type { GroupsProblem, Problem } from '../problem.js';
import { elementBytes } from '../rows/dtype.js';
import { listRows } from '../rows/listed-rows.js';
import { needsOfHistogram } from './histogram-plan.js';
import { leastBytesOfListed } from './paired-plan.js';
import { requireBytes } from './plan.js';
import { type Needs, planRun, type Setting } from './setting.js';

/** Bytes per row, in addition to two scores: its parent, a set, a group, and the comparison with its representative. */
const BYTES_PER_ROW = 48;

/** Throws MemoryError if the steps after finding the pairs do not fit. */
export function needsOfGroups(problem: GroupsProblem, setting: Setting): Needs {
  const { backend, platform } = setting;
  const { x, explain } = problem;
  const { rows } = x;
  const size = {
    bytes: bytesHeld(problem),
    what: `the groups of ${rows} rows`,
    advice: 'Group a part of the rows at a time.',
  };
  requireBytes(size.bytes + leastBytesOfListed(problem, x, rows, backend), size, problem, platform.memoryBytes());
  if (explain) {
    // The worst case: all rows in one group.
    const among = { ...amongRows(new Uint32Array(rows), problem, leftOf(problem)), bins: 1, checkpoint: undefined };
    planRun(among, needsOfHistogram(among, setting), setting);
  }
  return { purpose: { kind: 'pairs' }, size };
}

function bytesHeld({ x, dtype }: GroupsProblem): number {
  return (BYTES_PER_ROW + 2 * elementBytes(dtype)) * x.rows;
}

/** Returns the bytes that are left for the steps after finding the pairs. */
export function leftOf(problem: GroupsProblem): number {
  return Math.max(1, problem.memoryBudget - bytesHeld(problem));
}

/** The comparison of some rows of x with each other, in which all pairs count. */
export function amongRows<T extends Problem>(rows: Uint32Array, problem: T, memoryBudget: number): T {
  const x = listRows(problem.x, rows);
  const part = { x, y: undefined, rowStart: 0, rowEnd: rows.length, colStart: 0 };
  return { ...problem, ...part, grouping: undefined, thresholds: undefined, memoryBudget, onProgress: undefined };
}
