// One call from checked arguments to a full result: plan, pack, compute, for each pass. The same steps serve the Sync call
// (to the end at once), the calling thread of an asynchronous one (with turns for the event loop) and threads.

import type { Backend, Job, JobShape } from '../backends/backend.js';
import { writeTile } from '../epilogues/dense.js';
import { ArgumentError, MemoryError } from '../errors.js';
import { type DType, elementBytes, type ScoreArray, viewScores } from '../matrix/dtype.js';
import { findNonFinite } from '../matrix/non-finite.js';
import type { RowSource } from '../matrix/row-source.js';
import type { Platform } from '../platform/platform.js';
import { computeOnThreads } from './scheduler.js';
import type { ThreadPool } from './thread-pool.js';
import { chooseTileRows, type Pass, planPasses, planTiles, tileAt } from './tile-plan.js';

/** A checked problem. */
export interface Problem {
  readonly x: RowSource;
  /** Undefined where x is compared with itself. */
  readonly y: RowSource | undefined;
  readonly dtype: DType;
  readonly out: ScoreArray | undefined;
  readonly zeroNonFinite: boolean;
  readonly memoryBudget: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: { done: number; total: number }) => void) | undefined;
}

/** How a problem will be computed. */
interface Plan {
  readonly shape: JobShape;
  readonly passes: readonly Pass[];
  readonly cols: number;
  readonly symmetric: boolean;
}

/** On the calling thread, the event loop gets its turn this often. */
const TURN_MS = 8;

/** True where a problem is so short that an asynchronous call may compute it at once. */
export function isSmall(problem: Problem, backend: Backend): boolean {
  return workOf(problem) <= backend.smallWork;
}

/** Work of a problem in multiply-adds, or what takes as long. */
export function workOf({ x, y }: Problem): number {
  const pairs = y ? x.rows * y.rows : (x.rows * (x.rows + 1)) / 2;
  return pairs * (x.depth + WORK_PER_SCORE) + (x.rows + (y?.rows ?? 0)) * x.depth * WORK_PER_ELEMENT;
}

/** Writing a score, and reading and packing an element, in multiply-adds: small depths and thin results are mostly that. */
const WORK_PER_SCORE = 64;
const WORK_PER_ELEMENT = 16;

/** Computes on the calling thread without letting go of it. */
export function runSync(problem: Problem, backend: Backend, platform: Platform): ScoreArray {
  const steps = runHere(problem, makePlan(problem, backend, platform, 1, false), backend);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Computes on the calling thread, which goes on serving its event loop. */
export async function runInTurns(problem: Problem, backend: Backend, platform: Platform): Promise<ScoreArray> {
  const steps = runHere(problem, makePlan(problem, backend, platform, 1, false), backend);
  const turns = new Turns(platform);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (turns.due()) await turns.take();
  }
}

/** Packs on the calling thread in turns with its event loop, and computes on `threads` others. */
export async function runOnThreads(
  problem: Problem,
  backend: Backend,
  platform: Platform,
  pool: ThreadPool,
  threads: number,
): Promise<ScoreArray> {
  const plan = makePlan(problem, backend, platform, threads, true);
  const result = problem.out ?? allocate(problem, plan, true);
  const progress = new ProgressReport(problem, plan);
  const turns = new Turns(platform);
  const packing = new Packing(problem, plan, backend.createJob(plan.shape));
  try {
    for (const pass of plan.passes) {
      for (const _ of packing.pack(pass)) {
        problem.signal?.throwIfAborted();
        if (turns.due()) await turns.take();
      }
      const grid = planTiles(pass, plan.shape.tileRows, plan.symmetric);
      await computeOnThreads(pool, {
        backend: backend.name,
        job: packing.job,
        grid,
        result,
        cols: plan.cols,
        threads: Math.min(threads, grid.count),
        signal: problem.signal,
        onTiles: problem.onProgress && ((done) => progress.report(pass, done / grid.count)),
      });
      progress.report(pass, 1);
      progress.finish(pass);
    }
  } finally {
    packing.job.release();
  }
  return result;
}

/** Yields after each step that may take a millisecond or so. */
function* runHere(problem: Problem, plan: Plan, backend: Backend): Generator<void, ScoreArray> {
  const { signal } = problem;
  signal?.throwIfAborted();
  const result = problem.out ?? allocate(problem, plan, false);
  const progress = new ProgressReport(problem, plan);
  const packing = new Packing(problem, plan, backend.createJob(plan.shape));
  try {
    for (const pass of plan.passes) {
      for (const _ of packing.pack(pass)) {
        signal?.throwIfAborted();
        yield;
      }
      const grid = planTiles(pass, plan.shape.tileRows, plan.symmetric);
      for (let index = 0; index < grid.count; index++) {
        const tile = tileAt(grid, index);
        writeTile(result, plan.cols, pass, tile, packing.job.computeTile(tile));
        progress.report(pass, (index + 1) / grid.count);
        if (index + 1 === grid.count) break;
        yield;
        signal?.throwIfAborted();
      }
      progress.finish(pass);
    }
  } finally {
    packing.job.release();
  }
  return result;
}

/** Decides passes and tiles, and refuses what does not fit before any of it is allocated. */
function makePlan(problem: Problem, backend: Backend, platform: Platform, threads: number, shared: boolean): Plan {
  const { x, y, dtype } = problem;
  const cols = (y ?? x).rows;
  const largestTile = backend.tileRows(dtype);
  const smallestTile = largestTile / TILE_FRACTIONS;
  const tileRows = chooseTileRows(Math.max(x.rows, cols), largestTile, smallestTile, threads);
  const shape = { dtype, depth: x.depth, xRows: x.rows, yRows: y?.rows ?? 0, tileRows, threads, shared };
  const limit = Math.min(problem.memoryBudget, platform.memoryBytes());
  const plan =
    fitPlan(problem, backend, shape, limit) ?? fitPlan(problem, backend, { ...shape, tileRows: smallestTile }, limit);
  if (plan) return plan;
  const least = leastShape(shape, cols, smallestTile);
  throw tooLarge(problem, resultBytesOf(problem) + bytesOf(backend, least), limit);
}

/** Tiles may be a quarter of the largest, to give every thread some, or to fit little memory. */
const TILE_FRACTIONS = 4;

/** All rows in one pass if they fit `limit` bytes, else in blocks of as many as do; undefined if not even a tile fits. */
function fitPlan(problem: Problem, backend: Backend, shape: JobShape, limit: number): Plan | undefined {
  const { dtype, depth, tileRows } = shape;
  const { rows } = problem.x;
  const symmetric = problem.y === undefined;
  const cols = (problem.y ?? problem.x).rows;
  const room = limit - resultBytesOf(problem);
  if (bytesOf(backend, shape) <= room && packedBytesOf(backend, shape) <= backend.packedLimit) {
    return { shape, passes: planPasses(rows, cols, symmetric, Number.POSITIVE_INFINITY), cols, symmetric };
  }
  const least = leastShape(shape, cols, tileRows);
  const packedRoom = Math.min(backend.packedLimit, room - backend.scratchBytes(least));
  const blockRows = Math.floor(packedRoom / backend.packedBytes(dtype, 2, depth) / tileRows) * tileRows;
  if (blockRows < tileRows) return undefined;
  const blocks = { ...shape, xRows: Math.min(blockRows, rows), yRows: Math.min(blockRows, cols) };
  return { shape: blocks, passes: planPasses(rows, cols, symmetric, blockRows), cols, symmetric };
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

/** What a result of its own takes. */
function resultBytesOf({ x, y, dtype, out }: Problem): number {
  return out ? 0 : x.rows * (y ?? x).rows * elementBytes(dtype);
}

function allocate({ dtype, x, signal }: Problem, { cols }: Plan, shared: boolean): ScoreArray {
  signal?.throwIfAborted();
  const length = x.rows * cols;
  const bytes = length * elementBytes(dtype);
  try {
    return viewScores(dtype, shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes), 0, length);
  } catch (cause) {
    throw new MemoryError(bytes, `could not allocate ${bytes} bytes for the result. ${ADVICE}`, { cause });
  }
}

function tooLarge(problem: Problem, bytes: number, limit: number): MemoryError {
  const { x, y, dtype, memoryBudget } = problem;
  const whose = limit === memoryBudget ? 'memoryBudget' : 'memory of this machine';
  const parts = `${resultBytesOf(problem)} for ${x.rows} x ${(y ?? x).rows} ${dtype} scores, the rest to compute them`;
  return new MemoryError(bytes, `this needs at least ${bytes} bytes (${parts}), and the ${whose} is ${limit} bytes. ${ADVICE}`);
}

const ADVICE = 'Compare a part of the rows with all of them at a time (x.slice(0, 1000) against x, and so on).';

/** Fills a job with the rows of a pass. */
class Packing {
  private rowsFrom = -1;
  private colsFrom = -1;
  private checked: boolean;

  constructor(
    private readonly problem: Problem,
    plan: Plan,
    readonly job: Job,
  ) {
    // In one pass every row is packed, and so checked, before the first tile.
    this.checked = plan.passes.length <= 1 || problem.zeroNonFinite;
  }

  /** Yields after each block. Throws ArgumentError for the first row that is not finite. */
  *pack(pass: Pass): Generator<void> {
    const { x, y } = this.problem;
    if (!this.checked) {
      yield* this.check('x', x);
      if (y) yield* this.check('y', y);
      this.checked = true;
    }
    if (this.rowsFrom !== pass.rowFrom) yield* this.packOperand('x', x, 'x', pass.rowFrom, pass.rowTo);
    this.rowsFrom = pass.rowFrom;
    if (pass.diagonal || this.colsFrom === pass.colFrom) return;
    yield* this.packOperand('y', y ?? x, y ? 'y' : 'x', pass.colFrom, pass.colTo);
    this.colsFrom = pass.colFrom;
  }

  private *packOperand(operand: 'x' | 'y', source: RowSource, argument: string, from: number, to: number): Generator<void> {
    const { packBlock } = this.job;
    for (let row = from; row < to; row += packBlock) {
      const end = Math.min(row + packBlock, to);
      const bad = this.job.packRows(operand, source, row, end, row - from, this.problem.zeroNonFinite);
      if (bad >= 0) throw notFinite(argument, source, bad);
      yield;
    }
  }

  private *check(argument: string, source: RowSource): Generator<void> {
    const { packBlock } = this.job;
    for (let row = 0; row < source.rows; row += packBlock) {
      const bad = findNonFinite(source, row, Math.min(row + packBlock, source.rows));
      if (bad) throw notFinite(argument, source, bad.row);
      yield;
    }
  }
}

function notFinite(argument: string, source: RowSource, row: number): ArgumentError {
  const bad = findNonFinite(source, row, row + 1);
  return new ArgumentError(
    argument,
    `expected finite numbers in \`${argument}\`, got ${bad?.value} in row ${row}, column ${bad?.col}; ` +
      "nonFinite: 'zero' treats such rows as zero vectors",
  );
}

/** Turns parts of tiles into parts of the result. */
class ProgressReport {
  private readonly total: number;
  private before = 0;

  constructor(
    private readonly problem: Problem,
    private readonly plan: Plan,
  ) {
    this.total = problem.x.rows * plan.cols;
  }

  report(pass: Pass, part: number): void {
    const { onProgress } = this.problem;
    if (onProgress) onProgress({ done: Math.round(this.before + part * this.scoresOf(pass)), total: this.total });
  }

  finish(pass: Pass): void {
    this.before += this.scoresOf(pass);
  }

  private scoresOf(pass: Pass): number {
    const scores = (pass.rowTo - pass.rowFrom) * (pass.colTo - pass.colFrom);
    return this.plan.symmetric && !pass.diagonal ? 2 * scores : scores;
  }
}

/** Says when the event loop should have its turn. */
class Turns {
  private since = performance.now();

  constructor(private readonly platform: Platform) {}

  due(): boolean {
    return performance.now() - this.since > TURN_MS;
  }

  async take(): Promise<void> {
    await this.platform.yieldToEventLoop();
    this.since = performance.now();
  }
}
