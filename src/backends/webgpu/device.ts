// The adapter and its device: found by what the caller named, watched for errors and for its loss, requested again after that.

import { DeviceError, UnsupportedError } from '../../errors.js';
import { codeOf, KERNELS, type KernelName, PARAM_NAMES } from './shaders.js';

/** Of GPUBufferUsage and GPUMapMode, which are no globals in Node. */
export const USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;
export const MAP_READ = 1;

/** Bytes from the numbers of one dispatch to those of the next. */
export const PARAM_STEP = 256;

/** Names of adapters that compute on the processor, where `isFallbackAdapter` does not say so. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A device with its kernels. */
export class Device {
  /** The largest buffer that a kernel can be given whole. */
  readonly maxBindingBytes: number;
  private lost: DeviceError | undefined;
  private readonly failures = new Set<(error: DeviceError) => void>();
  private readonly kernels = new Map<KernelName, Kernel>();

  constructor(
    readonly gpu: GPUDevice,
    readonly description: string,
    /** True if it computes on the processor. */
    readonly software: boolean,
    sums: Kernel,
  ) {
    this.kernels.set('sums', sums);
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.limits;
    this.maxBindingBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    void gpu.lost.then(({ reason, message }) => {
      this.lost = new DeviceError(`the GPU was lost: ${message || reason}`, {
        advice: 'call again to request a new device; if that is lost, too, try a smaller memoryBudget',
      });
      this.fail(this.lost);
    });
    gpu.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.fail(new DeviceError(`the GPU rejected a command: ${event.error.message}`));
    });
  }

  /** Compiled when it is first needed. */
  kernel(name: KernelName): Kernel {
    const known = this.kernels.get(name);
    if (known) return known;
    const { layout, descriptor } = describeKernel(this.gpu, name, this.software);
    const kernel = { layout, pipeline: this.gpu.createComputePipeline(descriptor) };
    this.kernels.set(name, kernel);
    return kernel;
  }

  get isLost(): boolean {
    return this.lost !== undefined;
  }

  /** Calls `onFailure` when the device is lost or reports an error, until the function that this returns is called. */
  watch(onFailure: (error: DeviceError) => void): () => void {
    this.failures.add(onFailure);
    if (this.lost) onFailure(this.lost);
    return () => this.failures.delete(onFailure);
  }

  private fail(error: DeviceError): void {
    for (const onFailure of this.failures) onFailure(error);
  }
}

/** Of adapters that compute on the processor (`software`), or of those that do not. Rejects with an UnsupportedError where none fits. */
export async function openDevice(gpu: GPU, software: boolean): Promise<Device> {
  const adapter = await findAdapter(gpu, software);
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  } catch (error) {
    throw new UnsupportedError(`the adapter ${describe(adapter)} did not provide a device: ${messageOf(error)}`);
  }
  return new Device(device, `WebGPU on ${describe(adapter)}`, software, await compileSums(device, software));
}

async function findAdapter(gpu: GPU, software: boolean): Promise<GPUAdapter> {
  const requests: GPURequestAdapterOptions[] = software
    ? [{ forceFallbackAdapter: true }, {}]
    : [{ powerPreference: 'high-performance' }, {}];
  let refused: GPUAdapter | undefined;
  for (const request of requests) {
    const adapter = await gpu.requestAdapter(request).catch(() => null);
    if (adapter && isSoftware(adapter) === software) return adapter;
    refused ??= adapter ?? undefined;
  }
  if (!refused) throw new UnsupportedError(software ? 'WebGPU has no software adapter here' : 'WebGPU finds no adapter here');
  const name = describe(refused);
  if (software) throw new UnsupportedError(`the only adapter, ${name}, is hardware; 'webgpu' takes it`);
  throw new UnsupportedError(`the only adapter, ${name}, computes on the processor; 'webgpu-software' takes it, and is slow`);
}

function isSoftware({ info }: GPUAdapter): boolean {
  const { isFallbackAdapter, vendor, architecture, device, description } = info;
  return isFallbackAdapter || SOFTWARE.test([vendor, architecture, device, description].join(' '));
}

function describe({ info }: GPUAdapter): string {
  const { vendor, architecture, device, description } = info;
  const names = description ? [description] : [vendor, architecture, device];
  return names.filter((name) => name).join(' ') || 'an adapter without a name';
}

/** The kernel that all calls need, and that asks most of the device. */
async function compileSums(device: GPUDevice, software: boolean): Promise<Kernel> {
  const { layout, descriptor } = describeKernel(device, 'sums', software);
  try {
    return { layout, pipeline: await device.createComputePipelineAsync(descriptor) };
  } catch (error) {
    throw new UnsupportedError(`the GPU could not compile the kernels: ${messageOf(error)}`);
  }
}

function describeKernel(device: GPUDevice, name: KernelName, software: boolean) {
  const { bindings } = KERNELS[name];
  const entries = Array.from(bindings, (kind, binding) => {
    return { binding, visibility: COMPUTE, buffer: BINDINGS[kind as keyof typeof BINDINGS] };
  });
  const layout = device.createBindGroupLayout({ label: name, entries });
  const module = device.createShaderModule({ label: name, code: codeOf(name, software) });
  const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
  const descriptor = { label: name, layout: pipelineLayout, compute: { module, entryPoint: 'main' } };
  return { layout, descriptor };
}

/** Of GPUShaderStage. */
const COMPUTE = 4;

const BINDINGS: Readonly<Record<'r' | 'w' | 'u', GPUBufferBindingLayout>> = {
  r: { type: 'read-only-storage' },
  w: { type: 'storage' },
  u: { type: 'uniform', hasDynamicOffset: true, minBindingSize: 4 * PARAM_NAMES.length },
};

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
