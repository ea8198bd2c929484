// Records what the GPU is to do next, and hands it over at once. The numbers of all dispatches lie in one buffer, which is written before
// they run.

import { DeviceError, MemoryError } from '../../errors.js';
import { type Device, PARAM_STEP } from './device.js';
import { MAX_DISPATCHES } from './layout.js';
import { type KernelName, PARAM_NAMES, type Params } from './shaders.js';

/** What a kernel is given, made once for a set of buffers. */
export interface Bound {
  readonly kernel: KernelName;
  readonly group: GPUBindGroup;
}

export class Recorder {
  private readonly encoder: GPUCommandEncoder;
  private readonly params = new Uint32Array((MAX_DISPATCHES * PARAM_STEP) / 4);
  private pass: GPUComputePassEncoder | undefined;
  private dispatches = 0;

  constructor(
    private readonly device: Device,
    private readonly paramBuffer: GPUBuffer,
  ) {
    this.encoder = device.gpu.createCommandEncoder();
  }

  /** Whether so many more dispatches fit. */
  hasRoom(dispatches: number): boolean {
    return this.dispatches + dispatches <= MAX_DISPATCHES;
  }

  dispatch({ kernel, group }: Bound, params: Partial<Params>, across: number, down = 1): void {
    if (across === 0 || down === 0) return;
    const offset = this.dispatches++ * PARAM_STEP;
    for (const [at, name] of PARAM_NAMES.entries()) this.params[offset / 4 + at] = params[name] ?? 0;
    this.pass ??= this.encoder.beginComputePass();
    this.pass.setPipeline(this.device.kernel(kernel).pipeline);
    this.pass.setBindGroup(0, group, [offset]);
    this.pass.dispatchWorkgroups(across, down);
  }

  clear(buffer: GPUBuffer, bytes: number): void {
    this.endPass();
    this.encoder.clearBuffer(buffer, 0, bytes);
  }

  copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, bytes: number): void {
    if (bytes === 0) return;
    this.endPass();
    this.encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, bytes);
  }

  submit(): void {
    this.endPass();
    const { queue } = this.device.gpu;
    queue.writeBuffer(this.paramBuffer, 0, this.params, 0, (this.dispatches * PARAM_STEP) / 4);
    queue.submit([this.encoder.finish()]);
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = undefined;
  }
}

const ERROR_KINDS = ['validation', 'internal', 'out-of-memory'] as const;

/**
 * Watches what the GPU is given until the function that this returns is called, whose promise rejects where the GPU lacks memory for it or
 * refuses it. Nothing may be awaited in between.
 */
export function beginCheck({ gpu }: Device): () => Promise<void> {
  for (const kind of ERROR_KINDS) gpu.pushErrorScope(kind);
  return async () => {
    const [noMemory, internal, invalid] = await Promise.all(ERROR_KINDS.map(() => gpu.popErrorScope()));
    if (noMemory) {
      throw new MemoryError(0, `the GPU is out of memory: ${noMemory.message}.`, {
        advice: 'Set a smaller memoryBudget to use less of it at a time.',
      });
    }
    const refused = invalid ?? internal;
    if (refused) throw new DeviceError(`the GPU rejected a command: ${refused.message}`);
  };
}

export function bind(device: Device, kernel: KernelName, paramBuffer: GPUBuffer, buffers: readonly GPUBuffer[]): Bound {
  const entries: GPUBindGroupEntry[] = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  entries.push({ binding: buffers.length, resource: { buffer: paramBuffer, size: 4 * PARAM_NAMES.length } });
  return { kernel, group: device.gpu.createBindGroup({ layout: device.kernel(kernel).layout, entries }) };
}
