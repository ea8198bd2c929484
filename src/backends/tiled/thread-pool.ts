// Threads that outlive the calls they work for. A call leases as many as it needs and waits while others compute, because more threads than
// cores would slow all of them down. Idle threads do not keep the process alive.

import { ThreadError } from '../../errors.js';
import type { Platform, Thread } from '../../platform/platform.js';

interface Waiting {
  readonly count: number;
  readonly resolve: (threads: Thread[]) => void;
  readonly reject: (reason: unknown) => void;
}

export class ThreadPool {
  readonly #idle: Thread[] = [];
  readonly #waiting: Waiting[] = [];
  #busy = 0;
  #failure: string | undefined;

  constructor(private readonly platform: Platform) {}

  /** Why threads cannot be started, once this is known. */
  get refusal(): string | undefined {
    return this.platform.threadRefusal ?? this.#failure;
  }

  /**
   * Resolves with up to `count` threads that no other call uses until `giveBack`; with fewer if the runtime starts no more, and with none
   * if it starts none. Calls are served in order. Rejects with the signal's reason if the signal is aborted first.
   */
  lease(count: number, signal: AbortSignal | undefined): Promise<Thread[]> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const settled = () => signal?.removeEventListener('abort', giveUp);
      const waiting: Waiting = {
        count,
        resolve: (threads) => {
          settled();
          resolve(threads);
        },
        reject: (reason) => {
          settled();
          reject(reason);
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.reject(signal?.reason);
        this.#serve();
      };
      signal?.addEventListener('abort', giveUp);
      this.#waiting.push(waiting);
      this.#serve();
    });
  }

  /** Ends a lease; `lost` of its threads have ended and are not among `threads`. */
  giveBack(threads: readonly Thread[], lost: number): void {
    this.#busy -= threads.length + lost;
    for (const thread of threads) {
      thread.letGo();
      thread.listen(
        () => {},
        () => this.#forget(thread),
      );
      this.#idle.push(thread);
    }
    this.#serve();
  }

  #serve(): void {
    const limit = this.platform.cores();
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#busy > 0 && this.#busy + next.count > limit) return;
      this.#waiting.shift();
      this.#startUpTo(next.count);
      const threads = this.#idle.splice(-next.count);
      this.#busy += threads.length;
      next.resolve(threads);
    }
  }

  /** Starts threads until `count` are idle or the runtime refuses. */
  #startUpTo(count: number): void {
    try {
      while (this.#idle.length < count && this.refusal === undefined) this.#idle.push(this.platform.startThread());
    } catch (reason) {
      this.refuse(reason);
    }
  }

  /** Remembers why a thread did not start, so that calls do without threads; not while others are running. */
  refuse(reason: unknown): void {
    if (this.#idle.length + this.#busy > 0) return;
    this.#failure = `threads cannot be started here: ${messageOf(reason)}`;
  }

  #forget(thread: Thread): void {
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** Returns the error of a call that lost a thread for `reason`. */
export function threadEnded(reason: unknown): ThreadError {
  return new ThreadError(`a computing thread ended before its work was done: ${messageOf(reason)}`, { cause: reason });
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
