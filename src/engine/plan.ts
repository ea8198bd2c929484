// Plans a problem: chooses passes and tiles that fit in memory, or refuses before anything is allocated.

import type { Backend, JobShape, Purpose, SketchDepths, SparseShape } from '../backends/backend.js';
import { sparseBytes } from '../backends/sparse/packed-sparse.js';
import { MAX_FILTERED_ELEMENTS } from '../backends/sparse/row-filter.js';
import { MemoryError } from '../errors.js';
import { type Message, mention, say } from '../message.js';
import { bytesOfMarks, colsBeside, elementsOfRow, hasDiagonal, isSparse, type Problem, productsOf } from '../problem.js';
import { Passes } from './passes.js';
import { feedBytes } from './row-feed.js';
import { chooseTileRows, mostTiles } from './tile-plan.js';

export interface Plan {
  readonly shape: JobShape;
  readonly passes: Passes;
  readonly cols: number;
  readonly symmetric: boolean;
  /** Largest number of rows on either side of a pass. */
  readonly blockRows: number;
  /** Bytes that the call may still allocate. */
  readonly room: number;
  /** Bytes that it allocates outside of `room`. */
  readonly bytes: number;
}

/** What a call allocates for its result. */
export interface ResultSize {
  readonly bytes: number;
  /** Description of the result, for error messages. */
  readonly what: string;
  /** What to do if the result does not fit. */
  readonly advice: Message;
}

export interface Limits {
  readonly threads: number;
  /** Whether threads other than the calling one compute. */
  readonly onThreads: boolean;
  /** Memory of this machine in bytes. */
  readonly memoryBytes: number;
}

/** The depths if every pair is computed. */
export const NO_SKETCHES: SketchDepths = { short: 0, long: 0 };
/** Tiles may shrink to a quarter of the largest, to give every thread some, or to fit in little memory. */
const TILE_FRACTIONS = 4;

/**
 * Returns passes of at most `blockRows` rows on either side. Throws MemoryError if not even the smallest tiles fit in addition to the
 * result.
 */
export function makePlan(
  problem: Problem,
  purpose: Purpose,
  result: ResultSize,
  backend: Backend,
  limits: Limits,
  sketches: SketchDepths,
  mostBlockRows: number = Number.POSITIVE_INFINITY,
): Plan {
  const { x, y, dtype } = problem;
  const { onThreads } = limits;
  const cols = (y ?? x).rows;
  const step = backend.tileStep(dtype);
  const largestTile = backend.tileRows(dtype, x.depth, isSparse(problem) ? elementsOfRow(problem) : undefined);
  const smallestTile = Math.max(1, Math.floor(largestTile / TILE_FRACTIONS / step)) * step;
  const rows = Math.min(mostBlockRows, Math.max(x.rows, cols));
  const tileRows = chooseTileRows(rows, largestTile, smallestTile, limits.threads);
  // More threads would find no tile, but would need scratch memory and time to start.
  const threads = Math.min(limits.threads, mostTiles(x.rows, cols, smallestTile, y === undefined));
  const shape = {
    purpose,
    dtype,
    depth: x.depth,
    xRows: x.rows,
    yRows: y?.rows ?? 0,
    tileRows,
    threads,
    onThreads,
    sketches,
    grouping: problem.grouping?.kind,
    thresholds: problem.thresholds !== undefined,
  };
  const limit = Math.min(problem.memoryBudget, limits.memoryBytes);
  const beside = result.bytes + bytesOfMarks(problem) + feedBytes(x, step) + (y ? feedBytes(y, step) : 0);
  const room = limit - beside;
  const planWith = (tile: number) => fitPlan(problem, backend, { ...shape, tileRows: tile }, room, mostBlockRows);
  let plan = planWith(tileRows);
  if (!plan || plan.blockRows < mostBlockRows) {
    // Small tiles leave more memory for rows. Of plans with equally many passes, the one with larger tiles is faster.
    const other = planWith(smallestTile);
    if (!plan || (other && (other.passes.length < plan.passes.length || other.blockRows >= mostBlockRows))) plan = other;
  }
  if (plan) return { ...plan, bytes: plan.bytes + beside };
  throw tooLittle(
    beside + bytesOf(backend, leastShape(problem, backend, { ...shape, tileRows: smallestTile }, cols)),
    result,
    problem,
    limit,
  );
}

/** Throws MemoryError if `bytes`, which include the result, do not fit in the available memory. */
export function requireBytes(bytes: number, result: ResultSize, problem: Problem, memoryBytes: number): void {
  const limit = Math.min(problem.memoryBudget, memoryBytes);
  if (bytes > limit) throw tooLittle(bytes, result, problem, limit);
}

function tooLittle(bytes: number, result: ResultSize, { memoryBudget }: Problem, limit: number): MemoryError {
  const needed = `${bytes} bytes (${result.bytes} for ${result.what}, the rest to compute them)`;
  const available =
    limit === memoryBudget
      ? say`${mention.option('memoryBudget')} allows ${limit} bytes for it`
      : `the memory of this machine is ${limit} bytes`;
  return new MemoryError(bytes, say`this needs at least ${needed}, and ${available}.`, { advice: result.advice });
}

/**
 * Returns all rows in one pass if they fit in `room` bytes, otherwise blocks of as many rows as fit; undefined if not even one tile
 * fits.
 */
function fitPlan(problem: Problem, backend: Backend, shape: JobShape, room: number, mostBlockRows: number): Plan | undefined {
  const { dtype, depth, tileRows, sketches } = shape;
  const { x, y, rowStart, rowEnd, colStart } = problem;
  const symmetric = y === undefined;
  const cols = (y ?? x).rows;
  const region = { rowStart, rowEnd, colStart, cols, symmetric };
  const planOf = (planned: JobShape, blockRows: number): Plan => {
    const bytes = bytesOf(backend, planned);
    const passes = new Passes(region, blockRows);
    return { shape: planned, passes, cols, symmetric, blockRows, room: Math.max(0, room - bytes), bytes };
  };
  const whole = withRows(problem, backend, shape, rowsHeld(problem, tileRows));
  const inOnePass = Math.max(whole.xRows, whole.yRows) <= mostBlockRows;
  if (inOnePass && bytesOf(backend, whole) <= room && packedBytesOf(backend, whole) <= backend.packedLimit) {
    return planOf(whole, Number.POSITIVE_INFINITY);
  }
  const shapeWith = (blockRows: number) =>
    withRows(problem, backend, shape, { xRows: Math.min(blockRows, x.rows), yRows: Math.min(blockRows, cols) });
  const rowsIn = (tiles: number) => Math.min(tiles * tileRows, mostBlockRows);
  const packedRoom = Math.min(backend.packedLimit, room - backend.scratchBytes(leastShape(problem, backend, shape, cols)));
  // The largest number of tiles per block whose scratch also fits; scratch may grow with the rows of a block.
  let tiles = 0;
  const tilesInAll = Math.ceil(Math.max(1, x.rows, cols) / tileRows);
  const rowBytes = isSparse(problem) ? 1 : backend.packedBytes(dtype, 2, depth, sketches);
  let most = Math.max(0, Math.min(tilesInAll, Math.floor(packedRoom / rowBytes / tileRows)));
  while (tiles < most) {
    const middle = Math.ceil((tiles + most) / 2);
    const planned = shapeWith(rowsIn(middle));
    if (bytesOf(backend, planned) <= room && packedBytesOf(backend, planned) <= backend.packedLimit) tiles = middle;
    else most = middle - 1;
  }
  return tiles > 0 ? planOf(shapeWith(rowsIn(tiles)), rowsIn(tiles)) : undefined;
}

/** The rows of either operand if all are held. In a self-comparison, the rows that are not on the diagonal, or none. */
function rowsHeld(problem: Problem, tileRows: number): Pick<JobShape, 'xRows' | 'yRows'> {
  const xRows = problem.rowEnd - problem.rowStart;
  const beside = colsBeside(problem);
  // Column scratch also serves the tiles on the diagonal.
  const yRows = beside > 0 && hasDiagonal(problem) ? Math.max(beside, Math.min(tileRows, xRows)) : beside;
  return { xRows, yRows };
}

/** One tile of each operand at a time. */
function leastShape(problem: Problem, backend: Backend, shape: JobShape, cols: number): JobShape {
  return withRows(problem, backend, shape, {
    xRows: Math.min(shape.tileRows, shape.xRows),
    yRows: Math.min(shape.tileRows, cols),
  });
}

/** A shape with this many rows at a time. */
function withRows(
  problem: Problem,
  backend: Backend,
  shape: JobShape,
  { xRows, yRows }: Pick<JobShape, 'xRows' | 'yRows'>,
): JobShape {
  const filtered = isWorthFiltering(problem, shape.purpose, backend);
  return { ...shape, xRows, yRows, sparse: sparseShapeOf(problem, xRows, yRows, shape.tileRows, filtered) };
}

/** Returns the stored elements of this many rows at a time; undefined if the problem is not sparse. `filtered`: whether pairs may be excluded. */
export function sparseShapeOf(
  problem: Problem,
  xRows: number,
  yRows: number,
  tileRows: number,
  filtered: boolean,
): SparseShape | undefined {
  if (!isSparse(problem)) return undefined;
  const { x, y = x } = problem;
  return {
    xNonzeros: x.mostNonzeros(xRows),
    yNonzeros: yRows > 0 ? y.mostNonzeros(yRows) : 0,
    tileNonzeros: Math.max(x.mostNonzeros(tileRows), y.mostNonzeros(tileRows)),
    rowNonzeros: Math.max(x.mostNonzeros(1), y.mostNonzeros(1)),
    filtered,
    commonColumns: filtered ? x.commonColumns(y) : 0,
  };
}

/** Pairs for each stored element from which on putting the elements of rows in another order costs little beside them. */
const PAIRS_PER_ELEMENT = 256;

/** Whether a sparse problem may exclude pairs, and has so many that it may pay. */
function isWorthFiltering(problem: Problem, { kind }: Purpose, { filtersSparse }: Backend): boolean {
  const { pruning } = problem as Problem & { readonly pruning?: boolean };
  if (!pruning || !isSparse(problem) || !filtersSparse || kind !== 'pairs') return false;
  const { x, y } = problem;
  if (Math.max(x.mostNonzeros(1), y?.mostNonzeros(1) ?? 0) > MAX_FILTERED_ELEMENTS) return false;
  const elements = (x.rows + (y?.rows ?? 0)) * elementsOfRow(problem);
  return productsOf(problem) >= elements * PAIRS_PER_ELEMENT;
}

/** Returns the memory of the packed rows of a job in bytes. */
export function packedBytesOf(backend: Backend, shape: JobShape): number {
  const { dtype, xRows, yRows, depth, sketches, sparse } = shape;
  return sparse ? sparseBytes(shape, sparse) : backend.packedBytes(dtype, xRows + yRows, depth, sketches);
}

function bytesOf(backend: Backend, shape: JobShape): number {
  return packedBytesOf(backend, shape) + backend.scratchBytes(shape);
}
