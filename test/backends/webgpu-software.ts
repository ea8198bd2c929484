// WebGPU on the processor in Node, through the package `webgpu` and the driver that comes with Debian's Chromium.

import { createWebGpuBackend, type GpuOptions } from '#src/backends/webgpu/backend.js';
import { nodePlatform } from '#src/platform/node.js';
import { SOFTWARE_DRIVER } from './software-driver.js';

if (SOFTWARE_DRIVER) process.env.VK_DRIVER_FILES = SOFTWARE_DRIVER;

/** Small tiles, so that even few rows have several. */
export const MAX_TILE_ROWS = 256;

/** Tests change these. */
export const options: { -readonly [Name in keyof GpuOptions]: GpuOptions[Name] } = {
  software: true,
  maxTileRows: MAX_TILE_ROWS,
};

/** The device of the backend that was requested last. */
export let device: GPUDevice;

async function create() {
  const gpu = (await nodePlatform.loadGpu()) as GPU;
  const watched = {
    async requestAdapter(request?: GPURequestAdapterOptions) {
      const adapter = await gpu.requestAdapter(request);
      if (!adapter) return null;
      const { info, limits } = adapter;
      const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
        device = await adapter.requestDevice(descriptor);
        return device;
      };
      return { info, limits, requestDevice };
    },
  };
  return createWebGpuBackend('webgpu-software', watched as unknown as GPU, options);
}

/** Returns the backend, or why it cannot run here; REQUIRE_WEBGPU makes that an error. */
export const software = await create().then(
  (backend) => ({ backend, missing: undefined }),
  (error: Error) => ({ backend: undefined, missing: error.message }),
);
if (software.missing && process.env.REQUIRE_WEBGPU) throw new Error(`WebGPU is required: ${software.missing}`);
