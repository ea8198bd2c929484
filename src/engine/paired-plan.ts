// Memory of scoring given pairs. Separate from the computation, which is loaded on demand.

import type { Backend, JobShape } from '../backends/backend.js';
import type { PairedProblem, Problem } from '../problem.js';
import { elementBytes } from '../rows/dtype.js';
import { listRows } from '../rows/listed-rows.js';
import type { AnyRows } from '../rows/stored-rows.js';
import { NO_SKETCHES, packedBytesOf, sparseShapeOf } from './plan.js';
import { feedBytes } from './row-feed.js';

/** Listed pairs are computed in parts of this size if memory is scarce. */
export const LEAST_LISTED = 64;

/** Returns the smallest memory that `computeListed` needs for this many pairs, including the result. */
export function leastBytesOfListed(problem: Problem, y: AnyRows, pairs: number, backend: Backend): number {
  return pairs * elementBytes(problem.dtype) + bytesOfListed(problem, y, Math.min(pairs, LEAST_LISTED), backend);
}

export function bytesOfListed(problem: Problem, y: AnyRows, pairs: number, backend: Backend): number {
  const numbers = new Uint32Array(pairs);
  return bytesOfPaired({ ...problem, x: listRows(problem.x, numbers), y: listRows(y, numbers) }, backend);
}

export function shapeOf(problem: PairedProblem, backend: Backend): JobShape {
  const { x, dtype } = problem;
  const panel = backend.panelRows(dtype);
  return {
    purpose: { kind: 'dense', detachable: false },
    dtype,
    depth: x.depth,
    xRows: panel,
    yRows: panel,
    tileRows: backend.tileStep(dtype),
    threads: 1,
    onThreads: false,
    sketches: NO_SKETCHES,
    sparse: sparseShapeOf(problem, panel, panel, panel, false),
  };
}

/** Returns the memory of the call in bytes, including the result. */
export function bytesOfPaired(problem: PairedProblem, backend: Backend): number {
  const { x, y, dtype } = problem;
  const shape = shapeOf(problem, backend);
  const working = packedBytesOf(backend, shape) + backend.scratchBytes(shape);
  return x.rows * elementBytes(dtype) + working + feedBytes(x, shape.xRows) + feedBytes(y, shape.yRows);
}
