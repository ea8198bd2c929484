// Runs one call from its plan to the last tile: packs and computes, pass by pass. The same steps serve synchronous calls, the calling
// thread of asynchronous ones (in turns with its event loop) and threads. The epilogue decides what happens to a tile.

import type { Backend, GridWork, Job, Sketching } from '../backends/backend.js';
import { planTiles } from '../backends/grid.js';
import type { Order, Pass, TileGrid } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';
import type { Platform } from '../platform/platform.js';
import { isSparse, type Problem, workOf } from '../problem.js';
import { ranksOfColumns } from '../rows/column-ranks.js';
import type { Checkpoint } from '../saved-state.js';
import { CheckpointClock, type Resumable } from './checkpoint.js';
import { Packing } from './packing.js';
import { withNext } from './passes.js';
import type { Plan } from './plan.js';
import { ProgressReport } from './progress-report.js';
import { inOneGo, inTurns, type Steps } from './turns.js';
import { watch } from './watch.js';
import { type Window, Windows } from './windows.js';

/** True if a problem is so small that threads would not speed it up. */
export function isSmall(problem: Problem, backend: Backend): boolean {
  return workOf(problem) <= backend.smallWork;
}

export class Run {
  readonly progress: ProgressReport;
  readonly #job: Job;
  readonly #packing: Packing;

  constructor(
    readonly problem: Problem,
    readonly plan: Plan,
    private readonly backend: Backend,
    private readonly platform: Platform,
    sketching: Sketching | undefined,
  ) {
    this.#job = backend.createJob(plan.shape);
    if (sketching) this.#job.setSketching(sketching);
    if (plan.shape.sparse?.filtered && isSparse(problem)) this.#job.setColumnRanks(ranksOfColumns(problem.x, problem.y));
    const progress = new ProgressReport(problem);
    const onZeroRows = problem.onProgress && ((count: number) => progress.addZeroRows(count));
    this.#packing = new Packing(problem, plan, this.#job, onZeroRows);
    this.progress = progress;
  }

  /** Grids begin at multiples of this row. */
  get tileStep(): number {
    return this.backend.tileStep(this.problem.dtype);
  }

  /** The tiles of a pass. */
  #grid(pass: Pass): TileGrid {
    return planTiles(pass, this.plan.shape.tileRows, this.plan.symmetric);
  }

  /** Computes every pass on the calling thread, synchronously. */
  wholeSync(collector: Collector<Order>): void {
    const { signal } = this.problem;
    for (const pass of this.plan.passes) {
      inOneGo(signal, this.#packing.pack(pass));
      const grid = this.#grid(pass);
      inOneGo(signal, this.#tiles(this.#job.openGrid(grid, collector.order), grid, collector));
      this.progress.add(grid);
    }
    this.progress.finish();
  }

  /** Computes every pass; with a checkpoint, in windows, saving `found` between them. */
  async whole(collector: Collector<Order>, checkpoint?: Checkpoint, found?: Resumable): Promise<void> {
    if (checkpoint && found) return this.#inWindows(collector, new CheckpointClock(checkpoint, found, this.problem.rowStart));
    for (const [pass, next] of withNext(this.plan.passes)) {
      const grid = this.#grid(pass);
      await this.pack(pass, next);
      await this.compute(grid, collector);
      this.progress.add(grid);
    }
    this.progress.finish();
  }

  async #inWindows(collector: Collector<Order>, clock: CheckpointClock): Promise<void> {
    const windows = new Windows(this.plan, this.tileStep, clock.work);
    for (let window = windows.current(); window; window = windows.current()) {
      try {
        await this.computeWindow(window, collector);
      } catch (error) {
        if (this.problem.signal?.aborted) await clock.saveLast();
        throw error;
      }
      this.addWindow(window);
      await clock.tick(window.end);
      windows.advance();
    }
    this.progress.finish();
  }

  /** Computes the rows of a window with all their columns. */
  async computeWindow(window: Window, collector: Collector<Order>, signal = this.problem.signal): Promise<void> {
    for (const [pass, next] of withNext(window.passes)) {
      await this.pack(pass, next, signal);
      await this.compute(this.#windowGrid(pass, window), collector, signal);
    }
  }

  /** Counts the scores of a window as done. */
  addWindow(window: Window): void {
    for (const pass of window.passes) this.progress.add(this.#windowGrid(pass, window));
  }

  #windowGrid(pass: Pass, { rowStart, rowEnd, tileRows }: Window): TileGrid {
    return planTiles(pass, tileRows, this.plan.symmetric, rowStart, rowEnd);
  }

  /** Prepares the grids of a pass. `next` is the pass that will be packed next, if known. */
  pack(pass: Pass, next?: Pass, signal: AbortSignal | undefined = this.problem.signal): Promise<void> {
    return this.inTurns(this.#packing.pack(pass, next), signal);
  }

  /** Computes the tiles of a grid whose pass has been packed. */
  async compute(
    grid: TileGrid,
    collector: Collector<Order>,
    signal: AbortSignal | undefined = this.problem.signal,
  ): Promise<void> {
    signal?.throwIfAborted();
    const work = this.#job.openGrid(grid, collector.order);
    const onThreads = (this.plan.shape.onThreads || !this.backend.servesSync) && grid.count > 0;
    if (onThreads && (await this.#onThreads(work, grid, collector, signal))) this.progress.report(grid, grid.count);
    else await this.inTurns(this.#tiles(work, grid, collector), signal);
    this.progress.count(work.multiplyAdds());
  }

  /** Resolves to false without having computed anything if no thread could be started. */
  async #onThreads(
    work: GridWork,
    grid: TileGrid,
    collector: Collector<Order>,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { problem, plan, progress } = this;
    const onTiles = problem.onProgress && ((done: number) => progress.report(grid, done));
    const control = { stop: () => work.stop(), tilesDone: () => work.tilesDone() };
    let started = true;
    await watch({ collector, signal, onTiles }, control, async (receive) => {
      started = await work.start(Math.min(plan.shape.threads, grid.count), receive);
      const last = started ? work.finish() : undefined;
      if (last) receive(last);
    });
    return started;
  }

  /** Drives steps on the calling thread, in turns with its event loop. */
  inTurns<T>(steps: Steps<T>, signal: AbortSignal | undefined = this.problem.signal): Promise<T> {
    return inTurns(this.platform, signal, steps);
  }

  release(): void {
    this.#job.release();
  }

  /** Computes every tile on the calling thread. */
  *#tiles(work: GridWork, grid: TileGrid, collector: Collector<Order>): Steps<void> {
    for (let index = 0; index < grid.count; index++) {
      const delivery = work.take(index);
      if (delivery) collector.receive(delivery);
      this.progress.report(grid, index + 1);
      yield;
    }
    const last = work.finish();
    if (last) collector.receive(last);
  }
}
