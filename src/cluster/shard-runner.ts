// Computes shards on a separate thread (shard-thread.ts), so that this one can always renew locks in the queue. The thread is kept
// between shards. If it dies, its shard fails with the reason, and the next shard gets a new thread.

import { Worker } from 'node:worker_threads';
import { ThreadError } from '../errors.js';

export interface ShardOrder {
  readonly place: string;
  readonly index: number;
  readonly threads?: number | undefined;
  readonly memory?: number | undefined;
}

export type ThreadRequest = { readonly kind: 'run'; readonly order: ShardOrder } | { readonly kind: 'abort' };

export type ThreadReply =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  /** `computed` is false if the part already existed. */
  | { readonly kind: 'finished'; readonly computed: boolean }
  | { readonly kind: 'failed'; readonly reason: string };

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { done: number; total: number }) => void;
}

/** Time that a thread gets to react to an abort. */
const ABORT_MS = 2_000;

interface ShardInHand extends RunOptions {
  readonly resolve: (computed: boolean) => void;
  readonly reject: (error: Error) => void;
}

export class ShardRunner {
  private thread: Worker | undefined;
  private inHand: ShardInHand | undefined;

  /** Computes one shard at a time. Returns false if the part already existed. */
  async run(order: ShardOrder, options: RunOptions): Promise<boolean> {
    options.signal.throwIfAborted();
    this.thread ??= this.start();
    const { thread } = this;
    let late: NodeJS.Timeout | undefined;
    const abort = () => {
      thread.postMessage({ kind: 'abort' } satisfies ThreadRequest);
      late = setTimeout(() => void thread.terminate(), ABORT_MS);
    };
    options.signal.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<boolean>((resolve, reject) => {
        this.inHand = { ...options, resolve, reject };
        thread.postMessage({ kind: 'run', order } satisfies ThreadRequest);
      });
    } finally {
      this.inHand = undefined;
      clearTimeout(late);
      options.signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    await this.thread?.terminate();
  }

  private start(): Worker {
    const thread = new Worker(new URL('../cluster/shard-thread.js', import.meta.url), { execArgv: [] });
    thread.on('message', (reply: ThreadReply) => {
      if (reply.kind === 'progress') this.inHand?.onProgress(reply);
      else if (reply.kind === 'finished') this.inHand?.resolve(reply.computed);
      else this.inHand?.reject(new Error(reply.reason));
    });
    // An exit follows an error; the first of the two has the better reason.
    const end = (reason: string) => {
      if (this.thread === thread) this.thread = undefined;
      this.inHand?.reject(new ThreadError(reason));
    };
    thread.on('error', (error: unknown) => end(`its thread ended: ${error instanceof Error ? error.message : String(error)}`));
    thread.on('exit', (code) => {
      if (this.thread === thread) end(`its thread ended with code ${code}`);
    });
    return thread;
  }
}
