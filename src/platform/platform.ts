// What the engine needs from the runtime.

/** The first message of a worker entry; before it, the worker may still fail to start. */
export const READY = 'ready';

/** A thread started by the platform, running the engine's worker entry. */
export interface Thread {
  /** Sends a structured-cloneable message. */
  post(message: unknown): void;
  /** Receives messages, and the reason if the thread ends. Replaces the previous listener. */
  listen(onMessage: (message: unknown) => void, onEnd: OnEnd): void;
  /** While held, the thread keeps the process alive. */
  hold(): void;
  letGo(): void;
  stop(): void;
}

/** `started` is false if the thread never ran. */
export type OnEnd = (reason: unknown, started: boolean) => void;

export interface Platform {
  /** For example 'Node.js 20.20.2'. */
  readonly runtime: string;
  readonly architecture: string;
  /** Number of threads that the machine runs at once. */
  cores(): number;
  /** Returns how many bytes of memory this process could use, as far as known. */
  memoryBytes(): number;
  /** Why no threads can be started here, or undefined if they can. */
  readonly threadRefusal: string | undefined;
  /** Throws if the runtime refuses immediately. A thread may also end before it has started. */
  startThread(): Thread;
  /** Enables a feature of the JavaScript engine; returns false if this is impossible. */
  enableEngineFlag(flag: string): boolean;
  environment(name: string): string | undefined;
  /** Returns a buffer with arbitrary contents that will be overwritten completely. Throws if there is not enough memory. */
  allocate(bytes: number): ArrayBuffer;
  /** Loads the native addon. Throws an Error that says, for each possible location, why it was not loaded from there. */
  loadNativeAddon(): unknown;
  /** Returns the GPU object of WebGPU; rejects with an Error that says why it is missing. Older TypeScript has no type for it. */
  loadGpu(): Promise<unknown>;
  /** Resolves after a turn of the event loop. */
  yieldToEventLoop(): Promise<void>;
}
