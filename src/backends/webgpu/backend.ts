// The WebGPU backend: WGSL kernels (shaders.ts) on the GPU, by `navigator.gpu` or the package `webgpu` in Node. It loads asynchronously, with its device.

import { UnsupportedError } from '../../errors.js';
import { mention, say } from '../../message.js';
import type { DType } from '../../rows/dtype.js';
import type { Backend, Job, JobShape, PruningCosts, SketchDepths } from '../backend.js';
import { type Device, openDevice } from './device.js';
import { GpuJob } from './job.js';
import { packedBytesOf, scratchBytesOf, tileRowsFor } from './layout.js';
import { DEPTH_BLOCK, PANEL_ROWS } from './shaders.js';

/** Of the largest binding, what the rows of a job may fill. */
const PACKED_FRACTION = 7 / 8;

/**
 * docs/how-it-works.md derives these. A column of 128 rows is computed where one of its pairs is left, after it was copied; the scores of lists
 * are always computed.
 */
const HARDWARE_COSTS: PruningCosts = {
  leastWork: 2e13,
  leastWorkOfLists: Number.POSITIVE_INFINITY,
  comparing: 48,
  narrowing: undefined,
  verifying: 256,
  verifyingOfLists: Number.POSITIVE_INFINITY,
};
/** On a processor, listing the survivors of a tile takes as long as computing its scores. */
const SOFTWARE_COSTS: PruningCosts = { ...HARDWARE_COSTS, leastWork: Number.POSITIVE_INFINITY };

export interface GpuOptions {
  /** Only adapters that compute on the processor, or only those that do not. */
  readonly software: boolean;
  /** Less than there is, for tests: rows of the largest tile, and bytes of the largest binding. */
  readonly maxTileRows?: number | undefined;
  readonly maxBindingBytes?: number | undefined;
}

class WebGpuBackend implements Backend {
  /** No problem is so small that the calling thread computes it. */
  readonly smallWork = -1;
  readonly depthBlock = DEPTH_BLOCK;
  readonly filtersSparse = false;
  readonly servesSync = false;
  readonly needsSharedMemory = false;
  readonly threadRefusal = 'the GPU computes';
  /** Of a lost device the next. */
  private renewal: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private device: Device,
    private readonly gpu: GPU,
    private readonly options: GpuOptions,
  ) {}

  get pruningCosts(): PruningCosts {
    return this.options.software ? SOFTWARE_COSTS : HARDWARE_COSTS;
  }

  get description(): string {
    return this.device.description;
  }

  /** The last panel is padded, which takes the rest. */
  get packedLimit(): number {
    return PACKED_FRACTION * this.maxBindingBytes;
  }

  /** Requests the device again once it was lost. Rejects with an UnsupportedError where it does not come back. */
  ready(): Promise<void> | undefined {
    if (!this.device.isLost) return undefined;
    this.renewal ??= this.renew().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async renew(): Promise<void> {
    this.device = await openDevice(this.gpu, this.options.software);
  }

  tileRows(dtype: DType, depth: number, stored?: number): number {
    this.requireFloat32(dtype);
    this.requireDense(stored);
    const rows = tileRowsFor(depth, this.maxBindingBytes, this.options.software);
    return Math.min(rows, this.options.maxTileRows ?? rows);
  }

  tileStep(): number {
    return PANEL_ROWS;
  }

  panelRows(): number {
    return PANEL_ROWS;
  }

  packedBytes(_dtype: DType, rows: number, depth: number, { short }: SketchDepths): number {
    return packedBytesOf(rows, depth, short);
  }

  scratchBytes(shape: JobShape): number {
    return scratchBytesOf(shape, this.maxBindingBytes);
  }

  createJob(shape: JobShape): Job {
    this.requireFloat32(shape.dtype);
    this.requireDense(shape.sparse);
    return new GpuJob(this.device, shape, this.maxBindingBytes);
  }

  private get maxBindingBytes(): number {
    return Math.min(this.device.maxBindingBytes, this.options.maxBindingBytes ?? Number.POSITIVE_INFINITY);
  }

  private requireDense(sparse: unknown): void {
    if (sparse === undefined) return;
    throw new UnsupportedError(`backend '${this.name}' computes dense rows only, and these rows are sparse`, {
      advice: 'name another backend',
    });
  }

  private requireFloat32(dtype: DType): void {
    if (dtype === 'float32') return;
    throw new UnsupportedError(`backend '${this.name}' computes float32 scores only, and this call asks for float64`, {
      advice: say`pass ${mention.option('dtype', 'float32')}, or name another backend`,
    });
  }
}

/** Rejects with an UnsupportedError where there is no adapter. */
export async function createWebGpuBackend(name: string, gpu: GPU, options: GpuOptions): Promise<Backend> {
  return new WebGpuBackend(name, await openDevice(gpu, options.software), gpu, options);
}
