import { Buffer, constants } from 'node:buffer';
import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { loadNativeAddon } from './native-addon.js';
import { isAllowed } from './permissions.js';
import { type OnEnd, type Platform, READY, type Thread } from './platform.js';
import { workerSource } from './worker-source-node.js';

class NodeThread implements Thread {
  // Started from source, because a bundle has no worker file next to it. The process's own arguments are omitted, because some
  // (--input-type) prevent a worker from starting and none are needed.
  private readonly worker = new Worker(workerSource, { eval: true, execArgv: [] });
  private started = false;
  private onMessage: (message: unknown) => void = () => {};
  private onEnd: OnEnd = () => {};

  constructor() {
    this.worker.unref();
    this.worker.on('message', (message) => {
      if (message === READY) this.started = true;
      else this.onMessage(message);
    });
    this.worker.on('error', (error) => this.onEnd(error, this.started));
    this.worker.on('exit', (code) => this.onEnd(new Error(`it exited with code ${code}`), this.started));
  }

  post(message: unknown): void {
    this.worker.postMessage(message);
  }

  listen(onMessage: (message: unknown) => void, onEnd: OnEnd): void {
    this.onMessage = onMessage;
    this.onEnd = onEnd;
  }

  hold(): void {
    this.worker.ref();
  }

  letGo(): void {
    this.worker.unref();
  }

  stop(): void {
    void this.worker.terminate();
  }
}

/** Node, and runtimes that offer its modules: Bun, Deno. */
export const nodePlatform: Platform = {
  runtime: runtimeName(),
  architecture: process.arch,
  cores: availableParallelism,
  memoryBytes() {
    memoryBytes ??= readMemoryBytes();
    return memoryBytes;
  },
  threadRefusal: undefined,
  startThread: () => new NodeThread(),
  enableEngineFlag(flag) {
    try {
      setFlagsFromString(flag);
      return true;
    } catch {
      return false;
    }
  },
  environment: (name) => (isAllowed({ name: 'env', variable: name }) ? process.env[name] : undefined),
  allocate(bytes) {
    // Not cleared, which for several megabytes would take as long as computing them. Buffers beyond the limit of Buffer are cleared.
    if (bytes > constants.MAX_LENGTH) return new ArrayBuffer(bytes);
    const { buffer, byteLength } = Buffer.allocUnsafeSlow(bytes);
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : new ArrayBuffer(bytes);
  },
  loadNativeAddon,
  async loadGpu() {
    if (typeof navigator === 'object' && navigator.gpu) return navigator.gpu;
    gpu ??= await createGpu();
    return gpu;
  },
  yieldToEventLoop: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Created once, because each instance would search for drivers. */
let gpu: GPU | undefined;

async function createGpu(): Promise<GPU> {
  let create: typeof import('webgpu').create;
  try {
    ({ create } = await import('webgpu'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND') throw new Error('WebGPU in Node needs the package webgpu: npm install webgpu');
    throw new Error(`the package webgpu cannot be loaded: ${message}`);
  }
  return create([]);
}

/** Read once, because reading it takes longer than a small call. */
let memoryBytes: number | undefined;

function readMemoryBytes(): number {
  if (!isAllowed({ name: 'sys', kind: 'systemMemoryInfo' })) return Number.POSITIVE_INFINITY;
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun) return `Bun ${bun}`;
  return deno ? `Deno ${deno}` : `Node.js ${node}`;
}
