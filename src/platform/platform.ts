// What the engine needs from the runtime it runs in.

/** What a worker entry posts before anything else: until then it may still fail to start. */
export const READY = 'ready';

/** A thread started by the platform, running the engine's worker entry. */
export interface Thread {
  /** Sends a structured-cloneable message. */
  post(message: unknown): void;
  /** Receives messages, and the reason if the thread ends. Replaces the earlier listener. */
  listen(onMessage: (message: unknown) => void, onEnd: OnEnd): void;
  /** While held, the thread keeps the process alive. */
  hold(): void;
  letGo(): void;
  stop(): void;
}

/** `started` is false if the thread never ran. */
export type OnEnd = (reason: unknown, started: boolean) => void;

export interface Platform {
  /** 'Node.js 20.20.2', say. */
  readonly runtime: string;
  readonly architecture: string;
  /** How many threads the machine runs at once. */
  cores(): number;
  /** Bytes of memory that this process could have, as far as known. */
  memoryBytes(): number;
  /** Why no threads can be started here, or undefined if they can. */
  readonly threadRefusal: string | undefined;
  /** Throws where the runtime refuses at once. A thread may also end before it has started. */
  startThread(): Thread;
  /** Turns on a feature of the JavaScript engine; false where that cannot be done. */
  enableEngineFlag(flag: string): boolean;
  environment(name: string): string | undefined;
  /** A buffer that will be overwritten whole: what is in it until then is arbitrary. Throws where there is no memory. */
  allocate(bytes: number): ArrayBuffer;
  /** The native addon; throws an Error that says, for each place where it could be, why it is not loaded from there. */
  loadNativeAddon(): unknown;
  /** The GPU object of WebGPU; rejects with an Error that gives the reason why it is missing. Older TypeScript has no type for it. */
  loadGpu(): Promise<unknown>;
  /** Resolves after the event loop has had its turn. */
  yieldToEventLoop(): Promise<void>;
}
