// How a problem will be computed: passes and tiles that fit the memory there is, or a refusal before anything is allocated.

import type { Backend, JobShape, Purpose } from '../backends/backend.js';
import type { Pass } from '../backends/work.js';
import { MemoryError } from '../errors.js';
import type { Problem } from './problem.js';
import { chooseTileRows, planPasses } from './tile-plan.js';

export interface Plan {
  readonly shape: JobShape;
  readonly passes: readonly Pass[];
  readonly cols: number;
  readonly symmetric: boolean;
  /** Bytes that the call may still allocate. */
  readonly room: number;
}

/** What a call allocates for its result. */
export interface ResultSize {
  readonly bytes: number;
  /** What these bytes are for, for people. */
  readonly what: string;
  /** What to do where they do not fit. */
  readonly advice: string;
}

export interface Limits {
  readonly threads: number;
  /** Whether threads other than the calling one compute. */
  readonly shared: boolean;
  /** Bytes of memory this machine has. */
  readonly memoryBytes: number;
}

/** Tiles may be a quarter of the largest, to give every thread some, or to fit little memory. */
const TILE_FRACTIONS = 4;

/** Throws MemoryError where not even the smallest tiles fit beside the result. */
export function makePlan(problem: Problem, purpose: Purpose, result: ResultSize, backend: Backend, limits: Limits): Plan {
  const { x, y, dtype } = problem;
  const { threads, shared } = limits;
  const cols = (y ?? x).rows;
  const step = backend.tileStep(dtype);
  const largestTile = backend.tileRows(dtype, x.depth);
  const smallestTile = Math.max(1, Math.floor(largestTile / TILE_FRACTIONS / step)) * step;
  const tileRows = chooseTileRows(Math.max(x.rows, cols), largestTile, smallestTile, threads);
  const shape = { purpose, dtype, depth: x.depth, xRows: x.rows, yRows: y?.rows ?? 0, tileRows, threads, shared };
  const limit = Math.min(problem.memoryBudget, limits.memoryBytes);
  const room = limit - result.bytes;
  const plan = fitPlan(problem, backend, shape, room) ?? fitPlan(problem, backend, { ...shape, tileRows: smallestTile }, room);
  if (plan) return plan;
  const bytes = result.bytes + bytesOf(backend, leastShape(shape, cols, smallestTile));
  const whose = limit === problem.memoryBudget ? 'memoryBudget' : 'memory of this machine';
  throw new MemoryError(
    bytes,
    `this needs at least ${bytes} bytes (${result.bytes} for ${result.what}, the rest to compute them), ` +
      `and the ${whose} is ${limit} bytes. ${result.advice}`,
  );
}

/** All rows in one pass if they fit `room` bytes, else in blocks of as many as do; undefined if not even a tile fits. */
function fitPlan(problem: Problem, backend: Backend, shape: JobShape, room: number): Plan | undefined {
  const { dtype, depth, tileRows } = shape;
  const { rows } = problem.x;
  const symmetric = problem.y === undefined;
  const cols = (problem.y ?? problem.x).rows;
  const whole = bytesOf(backend, shape);
  if (whole <= room && packedBytesOf(backend, shape) <= backend.packedLimit) {
    const passes = planPasses(rows, cols, symmetric, Number.POSITIVE_INFINITY);
    return { shape, passes, cols, symmetric, room: room - whole };
  }
  const least = leastShape(shape, cols, tileRows);
  const packedRoom = Math.min(backend.packedLimit, room - backend.scratchBytes(least));
  const blockRows = Math.floor(packedRoom / backend.packedBytes(dtype, 2, depth) / tileRows) * tileRows;
  if (blockRows < tileRows) return undefined;
  const blocks = { ...shape, xRows: Math.min(blockRows, rows), yRows: Math.min(blockRows, cols) };
  const passes = planPasses(rows, cols, symmetric, blockRows);
  return { shape: blocks, passes, cols, symmetric, room: Math.max(0, room - bytesOf(backend, blocks)) };
}

/** One tile of each operand at a time. */
function leastShape(shape: JobShape, cols: number, tileRows: number): JobShape {
  return { ...shape, tileRows, xRows: Math.min(tileRows, shape.xRows), yRows: Math.min(tileRows, cols) };
}

function packedBytesOf(backend: Backend, { dtype, xRows, yRows, depth }: JobShape): number {
  return backend.packedBytes(dtype, xRows + yRows, depth);
}

function bytesOf(backend: Backend, shape: JobShape): number {
  return packedBytesOf(backend, shape) + backend.scratchBytes(shape);
}
