// A problem in the GPU's memory: normalises rows on the processor, and has the GPU pack them.

import { MemoryError } from '../../errors.js';
import type { RowSource } from '../../rows/row-source.js';
import type { GridWork, Job, JobShape, Sketching } from '../backend.js';
import type { Order, TileGrid } from '../work.js';
import { type Device, messageOf } from './device.js';
import { packDirections } from './filter.js';
import { GpuGrid } from './grid.js';
import { layoutOf } from './layout.js';
import { JobMemory } from './memory.js';
import { type Bound, beginCheck, Recorder } from './recorder.js';
import { PANEL_ROWS, STEP } from './shaders.js';
import { writeUnitRows } from './unit-rows.js';

export class GpuJob implements Job {
  readonly packBlock: number;
  private readonly memory: JobMemory;
  private readonly pack: { readonly x: Bound; readonly y: Bound };
  private readonly units: Float32Array;
  private wide: Float64Array | undefined;

  constructor(
    private readonly device: Device,
    private readonly shape: JobShape,
    maxBindingBytes: number,
  ) {
    const layout = layoutOf(shape, maxBindingBytes);
    const { packBlock, uploadRows, xRows, yRows } = layout;
    this.packBlock = packBlock;
    const panelBytes = 4 * Math.max(xRows, yRows) * layout.depth;
    if (panelBytes > maxBindingBytes) {
      throw new MemoryError(
        panelBytes,
        `these rows take ${panelBytes} bytes, but the GPU can bind at most ${maxBindingBytes}.`,
        {
          advice: 'Set a smaller memoryBudget to compute fewer rows at a time.',
        },
      );
    }
    const endCheck = beginCheck(device);
    try {
      this.units = new Float32Array(uploadRows * shape.depth);
      this.memory = new JobMemory(device, shape, layout);
      const { x, y, upload } = this.memory;
      this.pack = { x: this.memory.bind('pack', upload, x.panels), y: this.memory.bind('pack', upload, y.panels) };
    } catch (error) {
      void endCheck().catch(() => {});
      if (!(error instanceof RangeError)) throw error;
      throw new MemoryError(0, `could not allocate the memory of this call: ${messageOf(error)}.`, { cause: error });
    }
    this.memory.expect(endCheck());
  }

  setSketching(sketching: Sketching): void {
    const { device, memory } = this;
    memory.sketching = sketching;
    const endCheck = beginCheck(device);
    packDirections(memory, sketching);
    memory.expect(endCheck());
  }

  /** Its shapes are dense. */
  setColumnRanks(): void {}

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    const { device, memory, units } = this;
    const { depth } = this.shape;
    const { digits, zeros } = memory[operand];
    const count = to - from;
    const wide = () => {
      this.wide ??= new Float64Array(units.length);
      return this.wide;
    };
    const bad = writeUnitRows(source, from, to, at, { units, digits, zeros }, wide, zeroNonFinite);
    if (bad >= 0) return bad;
    memory.unguarded[operand] = Math.max(memory.unguarded[operand], at + count);
    const endCheck = beginCheck(device);
    device.gpu.queue.writeBuffer(memory.upload, 0, units, 0, count * depth);
    const recorder = new Recorder(device, memory.params);
    const params = { rows: count, rowStart: at, a: depth };
    recorder.dispatch(this.pack[operand], params, Math.ceil(depth / STEP), Math.ceil(count / PANEL_ROWS));
    recorder.submit();
    memory.expect(endCheck());
    return -1;
  }

  zeroRows(operand: 'x' | 'y', at: number, count: number): number[] {
    const { zeros } = this.memory[operand];
    return Array.from({ length: count }, (_, i) => i).filter((i) => zeros[at + i] === 1);
  }

  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void {
    const { groups: there, groupsHere } = this.memory[operand];
    groupsHere.set(groups, at);
    this.device.gpu.queue.writeBuffer(there, 4 * at, groups as Uint32Array<ArrayBuffer>);
  }

  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void {
    this.memory[operand].thresholds.set(thresholds, at);
  }

  openGrid(grid: TileGrid, order: Order): GridWork {
    return new GpuGrid(this.memory, grid, order);
  }

  release(): void {
    this.memory.release();
  }
}
