import type { Platform, Thread } from './platform.js';

class WebThread implements Thread {
  private readonly worker = new Worker(new URL('../engine/worker-browser.js', import.meta.url), { type: 'module' });

  post(message: unknown): void {
    this.worker.postMessage(message);
  }

  listen(onMessage: (message: unknown) => void, onEnd: (reason: unknown) => void): void {
    this.worker.onmessage = (event) => onMessage(event.data);
    this.worker.onerror = (event) => onEnd(new Error(event.message || 'it could not be started'));
  }

  // A page's workers never keep it open.
  hold(): void {}
  letGo(): void {}

  stop(): void {
    this.worker.terminate();
  }
}

/** Threads need cross-origin isolation: without it no memory can be shared. Some browsers (WebKitGTK) share none even so. */
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
  v8Version: undefined,
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
  yieldToEventLoop: () =>
    new Promise((resolve) => {
      // setTimeout would wait 4 ms each time once nested.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    }),
};
