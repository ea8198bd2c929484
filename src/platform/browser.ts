import { type OnEnd, type Platform, READY, type Thread } from './platform.js';

/** Why workers do not start from their file, once this is known. */
let fileRefusal: string | undefined;

/**
 * Starts from the worker's file, which a strict policy of the page may allow while it forbids everything else. If the file is missing (not
 * every bundler copies it) or on another origin, starts from its source.
 */
class WebThread implements Thread {
  private worker: Worker | undefined;
  private started = false;
  private stopped = false;
  /** Messages sent before the worker has started, because a worker that fails to start loses them. */
  private posted: unknown[] = [];
  private onMessage: (message: unknown) => void = () => {};
  private onEnd: OnEnd = () => {};

  constructor() {
    if (fileRefusal !== undefined) {
      void this.startFromSource();
      return;
    }
    try {
      // A single expression, so that bundlers find the file.
      const worker = new Worker(new URL('../backends/tiled/worker-browser.js', import.meta.url), { type: 'module' });
      this.follow(worker, (reason) => {
        fileRefusal ??= reason;
        void this.startFromSource();
      });
    } catch (error) {
      fileRefusal ??= String(error);
      void this.startFromSource();
    }
  }

  private async startFromSource(): Promise<void> {
    try {
      const { workerSource } = await import('./worker-source-browser.js');
      if (this.stopped) return;
      const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
      this.follow(new Worker(url), (reason) => this.refuse(reason));
    } catch (error) {
      this.refuse(String(error));
    }
  }

  private refuse(reason: string): void {
    this.onEnd(new Error(`its file: ${fileRefusal}; its source: ${reason}`), false);
  }

  private follow(worker: Worker, onRefusal: (reason: string) => void): void {
    this.worker = worker;
    worker.onmessage = ({ data }) => {
      if (data !== READY) return this.onMessage(data);
      this.started = true;
      this.posted = [];
    };
    worker.onerror = (event) => {
      if (this.started) this.onEnd(new Error(event.message || 'it ended without a reason'), true);
      else if (!this.stopped) onRefusal(event.message || 'it could not be loaded');
      // Otherwise the console would report an uncaught error.
      event.preventDefault();
    };
    for (const message of this.posted) worker.postMessage(message);
  }

  post(message: unknown): void {
    if (!this.started) this.posted.push(message);
    this.worker?.postMessage(message);
  }

  listen(onMessage: (message: unknown) => void, onEnd: OnEnd): void {
    this.onMessage = onMessage;
    this.onEnd = onEnd;
  }

  // A page's workers never keep it open.
  hold(): void {}
  letGo(): void {}

  stop(): void {
    this.stopped = true;
    this.worker?.terminate();
  }
}

/** Threads need cross-origin isolation, because otherwise memory cannot be shared. Some browsers (WebKitGTK) share no memory even then. */
function refusalOfThreads(): string | undefined {
  if (!globalThis.crossOriginIsolated)
    return 'the page is not cross-origin isolated, so that memory cannot be shared between threads';
  if (typeof SharedArrayBuffer === 'undefined')
    return 'this browser has no SharedArrayBuffer, so that memory cannot be shared between threads';
  return undefined;
}

/** Browsers, in a page or in a worker. */
export const browserPlatform: Platform = {
  runtime: 'browser',
  architecture: 'unknown',
  cores: () => navigator.hardwareConcurrency || 1,
  memoryBytes: () => Number.POSITIVE_INFINITY,
  threadRefusal: refusalOfThreads(),
  startThread: () => new WebThread(),
  enableEngineFlag: () => false,
  environment: () => undefined,
  allocate: (bytes) => new ArrayBuffer(bytes),
  loadNativeAddon() {
    throw new Error('browsers load no native addons');
  },
  async loadGpu() {
    if (navigator.gpu) return navigator.gpu;
    throw new Error(
      globalThis.isSecureContext
        ? 'this browser has no WebGPU'
        : 'browsers offer WebGPU to pages from https: or localhost only',
    );
  },
  yieldToEventLoop: () =>
    new Promise((resolve) => {
      // Nested calls of setTimeout would wait 4 ms each.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    }),
};
