// What groups of components take.

import type { GroupsProblem } from '../problem.js';
import { elementBytes } from '../rows/dtype.js';
import { listRows } from '../rows/listed-rows.js';
import { bytesOfPaired } from './paired.js';
import { requireBytes } from './plan.js';
import type { Needs, Setting } from './setting.js';

/** Of each row, beside two scores: its parent, a set, a group, and where it is compared with the row that represents it. */
const BYTES_PER_ROW = 48;

/** Throws MemoryError where what follows the pairs does not fit. */
export function needsOfGroups(problem: GroupsProblem, { backend, platform }: Setting): Needs {
  const { x } = problem;
  const { rows } = x;
  const size = {
    bytes: bytesHeld(problem),
    what: `the groups of ${rows} rows`,
    advice: 'Group a part of the rows at a time.',
  };
  const listed = x.rows === 0 ? x : listRows(x, new Uint32Array(rows));
  requireBytes(
    size.bytes + bytesOfPaired({ ...problem, x: listed, y: listed }, backend),
    size,
    problem,
    platform.memoryBytes(),
  );
  return { purpose: { kind: 'pairs' }, size };
}

function bytesHeld({ x, dtype }: GroupsProblem): number {
  return (BYTES_PER_ROW + 2 * elementBytes(dtype)) * x.rows;
}

/** Bytes that are left for what follows the pairs. */
export function leftOf(problem: GroupsProblem): number {
  return Math.max(1, problem.memoryBudget - bytesHeld(problem));
}
