// The tiles of a grid on the GPU, in slices of work whose size pace.ts decides: each has one or more strips of tiles. Two slices are under
// way, so that one computes while the results of the other are read; an abort waits for no more than these.

import { DeviceError } from '../../errors.js';
import type { GridWork, MultiplyAdds, Sketching } from '../backend.js';
import { tileAt } from '../grid.js';
import type { Delivery, Order, Tile, TileGrid } from '../work.js';
import { MAP_READ, messageOf } from './device.js';
import { DISPATCHES_OF_STRIP, panelsOfProducts, recordSketches, recordSurvivors } from './filter.js';
import { createFinish } from './finish.js';
import type { JobMemory } from './memory.js';
import { Pace, SLICE_MS, type SliceWork, SOFTWARE_SLICE_MS, WORST } from './pace.js';
import { type Bound, beginCheck, Recorder } from './recorder.js';
import { FLAGS, PANEL_ROWS, STEP } from './shaders.js';
import type { TileFinish } from './tile-finish.js';

/** What reading a score takes, in multiply-adds. */
const WORK_PER_SCORE = 64;
/** The part of it that a tile ends with, and the same on a processor. */
const WORK_OF_FINISH = 48;
const SOFTWARE_WORK_OF_FINISH = 192;
/** The most dispatches that a tile ends with. */
const DISPATCHES_OF_FINISH = 8;
/** How long the reason for a loss may take to come. */
const LOSS_MS = 100;

/** A part of the work that is recorded whole. */
interface Unit extends SliceWork {
  /** What it does in any case, and panels of rows and columns that it may leave out. */
  readonly fixed: number;
  readonly panels: number;
  /** The tile that this ends; its finish is recorded too. */
  readonly ends: Tile | undefined;
  readonly record: (recorder: Recorder) => void;
}

/** Work that was submitted. */
interface Slice {
  readonly slot: GPUBuffer;
  readonly tiles: readonly Tile[];
  readonly fixed: number;
  readonly panels: number;
  readonly submitted: number;
  /** Resolves when what came of it can be read. */
  readonly done: Promise<unknown>;
}

export class GpuGrid implements GridWork {
  private readonly finishing: TileFinish;
  private units: Generator<Unit, void>;
  private next: Unit | undefined;
  private done = 0;
  private isStopped = false;
  private failure: unknown;
  private readonly pace: Pace;
  /** When the last slice ended. */
  private lastEnd = 0;
  /** Panels of rows and columns that had to be computed where pairs are excluded, of all; in the slices before, the last counting most. */
  private surviving = 1;
  private computedPanels = 0;
  private allPanels = 0;

  constructor(
    private readonly memory: JobMemory,
    private readonly grid: TileGrid,
    order: Order,
  ) {
    this.pace = new Pace(memory.device.software ? SOFTWARE_SLICE_MS : SLICE_MS);
    this.finishing = createFinish(memory, grid, order);
    this.units = this.allUnits();
  }

  /** Asynchronous calls, which are all that come here, start grids. */
  take(): never {
    throw new Error('the GPU computes no single tile');
  }

  finish(): Delivery | undefined {
    return this.finishing.last?.();
  }

  async start(_threads: number, receive: (delivery: Delivery) => void): Promise<boolean> {
    const unwatch = this.memory.device.watch((error) => {
      this.failure ??= error;
    });
    try {
      await this.memory.ready();
      this.finishing.begin?.();
      await this.compute(receive);
      if (!this.isStopped) await this.finishing.end?.();
      if (this.failure) throw this.failure;
    } catch (error) {
      throw await this.reasonOf(error);
    } finally {
      unwatch();
    }
    return true;
  }

  tilesDone(): number {
    return this.done;
  }

  multiplyAdds(): MultiplyAdds | undefined {
    const { depth, sketchDepth } = this.memory.layout;
    if (this.allPanels === 0) return undefined;
    const ofPanel = PANEL_ROWS ** 2;
    return [ofPanel * (this.computedPanels * depth + this.allPanels * sketchDepth), ofPanel * this.allPanels * depth];
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Until all is done, or stopped, or failed; then nothing is under way any more. */
  private async compute(receive: (delivery: Delivery) => void): Promise<void> {
    const free = [...this.memory.slots];
    const underWay: Slice[] = [];
    try {
      for (;;) {
        for (let slot = free.at(-1); slot && !this.isStopped && !this.failure; slot = free.at(-1)) {
          const slice = this.submit(slot);
          if (!slice) break;
          free.pop();
          underWay.push(slice);
        }
        const slice = underWay.shift();
        if (!slice) return;
        await slice.done;
        if (this.failure) throw this.failure;
        if (!this.isStopped) this.takeSlice(slice, receive);
        slice.slot.unmap();
        free.push(slice.slot);
      }
    } finally {
      await Promise.allSettled(underWay.map(({ done }) => done));
      for (const { slot } of underWay) slot.unmap();
    }
  }

  private takeSlice({ slot, tiles, fixed, panels, submitted }: Slice, receive: (delivery: Delivery) => void): void {
    const { finishing } = this;
    const now = performance.now();
    const took = now - Math.max(submitted, this.lastEnd);
    this.lastEnd = now;
    const bytes = slot.getMappedRange(0, finishing.bytesOf(tiles));
    const computed = panels > 0 ? (finishing.panelsOf?.(bytes, tiles) ?? panels) : 0;
    this.pace.measure(fixed + computed * this.panelWork, took);
    if (panels > 0) {
      this.surviving = (this.surviving + computed / panels) / 2;
      this.computedPanels += computed;
      this.allPanels += panels;
    }
    const again = finishing.again.length;
    for (const delivery of finishing.take(bytes, tiles)) receive(delivery);
    this.done += tiles.length - (finishing.again.length - again);
  }

  /** Multiply-adds of the scores of one panel of rows with one of columns, and what reading these takes. */
  private get panelWork(): number {
    return PANEL_ROWS ** 2 * (this.memory.layout.depth + WORK_PER_SCORE);
  }

  /** Undefined where nothing is left to submit. */
  private submit(slot: GPUBuffer): Slice | undefined {
    const { memory, finishing } = this;
    if (!this.peek()) return undefined;
    const endCheck = beginCheck(memory.device);
    const recorder = new Recorder(memory.device, memory.params);
    const tiles: Tile[] = [];
    const work = { likely: 0, most: 0, fixed: 0, panels: 0 };
    finishing.beginSlice?.(recorder);
    for (let unit = this.peek(); unit; unit = this.peek()) {
      const fits = unit.ends === undefined || finishing.fits(tiles, unit.ends);
      const isFull = !fits || !recorder.hasRoom(DISPATCHES_OF_STRIP + DISPATCHES_OF_FINISH);
      if (work.most > 0 && (isFull || !this.pace.fits(work, unit))) break;
      unit.record(recorder);
      if (unit.ends) {
        finishing.record(recorder, unit.ends, tiles, slot);
        tiles.push(unit.ends);
      }
      for (const key of WORK_KEYS) work[key] += unit[key];
      this.next = undefined;
    }
    finishing.endSlice?.(recorder, tiles, slot);
    recorder.submit();
    const done = Promise.all([slot.mapAsync(MAP_READ, 0, finishing.bytesOf(tiles)), endCheck()]);
    // It is waited for later.
    done.catch(() => {});
    return { ...work, slot, tiles, submitted: performance.now(), done };
  }

  private peek(): Unit | undefined {
    this.next ??= this.units.next().value ?? undefined;
    if (this.next) return this.next;
    const again = this.finishing.again.pop();
    if (!again) return undefined;
    this.units = this.tileUnits(again);
    return this.peek();
  }

  private *allUnits(): Generator<Unit, void> {
    yield* this.guardUnits('x');
    if (!this.grid.pass.diagonal) yield* this.guardUnits('y');
    for (let index = 0; index < this.grid.count; index++) yield* this.tileUnits(tileAt(this.grid, index));
  }

  /** The guards of rows that have none yet: what panels give with themselves. */
  private *guardUnits(operand: 'x' | 'y'): Generator<Unit, void> {
    const { memory } = this;
    const { layout, unguarded, [operand]: of } = memory;
    const panels = Math.ceil(unguarded[operand] / PANEL_ROWS);
    const sums = memory.bindSums(of, of);
    const guard = memory.bind('guard', memory.scores, of.guards);
    const most = Math.max(1, Math.floor(layout.tileRows / PANEL_ROWS)) ** 2;
    yield* this.panelUnits(panels, most, this.panelWork, (recorder, rowStart, count, isLast) => {
      if (isLast && !memory.sketching) unguarded[operand] = 0;
      const flags = FLAGS.selfPanels;
      this.recordSums(recorder, sums, { rowStart, colStart: rowStart, stride: PANEL_ROWS, flags }, 1, count, 0);
      recorder.dispatch(guard, { rowStart, stride: PANEL_ROWS }, count);
    });
    if (memory.sketching) yield* this.sketchUnits(operand, panels);
  }

  /** The sketches of the same rows, after their guards, which tell zero rows. */
  private *sketchUnits(operand: 'x' | 'y', panels: number): Generator<Unit, void> {
    const { memory } = this;
    const { layout, unguarded, [operand]: of } = memory;
    const { depths, squareSlack } = memory.sketching as Sketching;
    const work = PANEL_ROWS * layout.directionRows * (layout.depth + WORK_PER_SCORE);
    yield* this.panelUnits(panels, panelsOfProducts(memory), work, (recorder, rowStart, count, isLast) => {
      if (isLast) unguarded[operand] = 0;
      recordSketches(memory, depths, squareSlack, recorder, of, rowStart, count);
    });
  }

  /** Panels of rows, each with as much work, and at most so many at once. */
  private *panelUnits(
    panels: number,
    most: number,
    work: number,
    record: (recorder: Recorder, rowStart: number, count: number, isLast: boolean) => void,
  ): Generator<Unit, void> {
    for (let first = 0; first < panels; ) {
      const count = Math.min(most, panels - first, this.atOnce(work));
      const rowStart = first * PANEL_ROWS;
      first += count;
      const isLast = first === panels;
      yield {
        ...wholeWork(count * work),
        ends: undefined,
        record: (recorder) => record(recorder, rowStart, count, isLast),
      };
    }
  }

  /** A tile in strips of whole panels of rows. */
  private *tileUnits(tile: Tile): Generator<Unit, void> {
    const { memory } = this;
    const lowest = this.finishing.lowestOf?.(tile);
    if (lowest !== undefined) return yield* this.filteredUnits(tile, lowest);
    const sums = memory.bindSums(memory.x, memory[tile.colOperand]);
    const across = Math.ceil((tile.colEnd - tile.colStart) / PANEL_ROWS);
    const down = Math.ceil((tile.rowEnd - tile.rowStart) / PANEL_ROWS);
    const work = across * PANEL_ROWS ** 2 * (memory.layout.depth + WORK_PER_SCORE - WORK_OF_FINISH);
    const finishWork = down * across * PANEL_ROWS ** 2 * (memory.device.software ? SOFTWARE_WORK_OF_FINISH : WORK_OF_FINISH);
    for (let panel = 0; panel < down; ) {
      const count = Math.min(down - panel, this.atOnce(work));
      const first = panel;
      panel += count;
      const params = {
        rowStart: tile.rowStart + first * PANEL_ROWS,
        colStart: tile.colStart,
        stride: across * PANEL_ROWS,
        flags: tile.diagonal ? FLAGS.triangle : 0,
      };
      yield {
        ...wholeWork(count * work + (panel === down ? finishWork : 0)),
        ends: panel === down ? tile : undefined,
        record: (recorder) => this.recordSums(recorder, sums, params, across, count, first * PANEL_ROWS),
      };
    }
  }

  /** The same, but only scores of pairs that their sketches do not exclude. */
  private *filteredUnits(tile: Tile, lowest: number): Generator<Unit, void> {
    const { memory, panelWork } = this;
    const across = Math.ceil((tile.colEnd - tile.colStart) / PANEL_ROWS);
    const down = Math.ceil((tile.rowEnd - tile.rowStart) / PANEL_ROWS);
    const filterWork = across * PANEL_ROWS ** 2 * (memory.layout.sketchDepth + 2 * WORK_PER_SCORE);
    for (let first = 0; first < down; ) {
      const likely = filterWork + this.surviving * across * panelWork;
      const most = filterWork + across * panelWork;
      const count = Math.min(down - first, this.atOnce(Math.max(likely, most / WORST)));
      const strip = { tile, first, count };
      first += count;
      yield {
        likely: count * likely,
        most: count * most,
        fixed: count * filterWork,
        panels: tile.diagonal ? triangleOf(first) - triangleOf(first - count) : count * across,
        ends: first === down ? tile : undefined,
        record: (recorder) => recordSurvivors(memory, lowest, recorder, strip),
      };
    }
  }

  /** How many pieces of work a unit may have, so that a slice need not be much longer or shorter than it should. */
  private atOnce(work: number): number {
    return Math.max(1, Math.floor(this.pace.planned / 2 / work));
  }

  private recordSums(
    recorder: Recorder,
    sums: Bound,
    params: { rowStart: number; colStart: number; stride: number; flags: number },
    across: number,
    down: number,
    firstRow: number,
  ): void {
    const { depth } = this.memory.layout;
    recorder.dispatch(sums, { ...params, a: (depth * PANEL_ROWS) / 4, b: depth / STEP, c: firstRow }, across, down);
  }

  /** A loss shows first as whatever waited for the device; the reason comes a little later. */
  private async reasonOf(error: unknown): Promise<unknown> {
    if (this.failure) return this.failure;
    if (!(error instanceof Error) || !isOfDevice(error)) return error;
    await Promise.race([this.memory.device.gpu.lost, new Promise((resolve) => setTimeout(resolve, LOSS_MS))]);
    return this.failure ?? new DeviceError(`the GPU did not finish: ${messageOf(error)}`, { cause: error });
  }
}

const WORK_KEYS = ['likely', 'most', 'fixed', 'panels'] as const;

/** Of a unit that leaves nothing out. */
function wholeWork(work: number) {
  return { likely: work, most: work, fixed: work, panels: 0 };
}

/** Panels on and below the diagonal in the first `down` panels of rows. */
function triangleOf(down: number): number {
  return (down * (down + 1)) / 2;
}

function isOfDevice({ name }: Error): boolean {
  return ['AbortError', 'OperationError', 'GPUPipelineError', 'InvalidStateError'].includes(name);
}
