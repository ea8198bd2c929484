// Takes shards from the queue, one at a time, until it is stopped. The lock of the current shard is renewed on this thread, which never
// computes. If a worker dies, its lock expires and another worker takes the shard.
//
// A shard fails for good after as many starts as it has attempts; failed attempts and workers that died count alike. A shard that is
// returned because its worker was stopped loses no attempt. If a lock expires while Redis is unreachable, the shard is still finished:
// its part counts, and the next worker finds it.

import { hostname } from 'node:os';
import process from 'node:process';
import type { Job } from 'bullmq';
import { ShardRunner } from '../shard-runner.js';
import { QUEUE, type ShardEntry, ShardQueue, TRIES } from './queue.js';
import type { RedisLink } from './redis-link.js';

export interface WorkOptions {
  readonly threads?: number | undefined;
  readonly memory?: number | undefined;
  /** Seconds without a heartbeat before a shard is reassigned. */
  readonly stalledAfter: number;
  /** Stop when the queue has no waiting, delayed or active entries. */
  readonly untilEmpty: boolean;
  /** Stops taking shards and returns the current one to the queue. */
  readonly signal: AbortSignal;
}

export interface WorkEvents {
  onBegin(shard: ShardEntry): void;
  onProgress(shard: ShardEntry, progress: { done: number; total: number }): void;
  /** `computed` is false if the part already existed. */
  onFinished(shard: ShardEntry, computed: boolean, seconds: number): void;
  onFailed(shard: ShardEntry, reason: string, forGood: boolean): void;
  onGivenBack(shard: ShardEntry): void;
  /** A problem of the queue rather than of a shard. */
  onTrouble(message: string): void;
}

/** Time between checks of an empty queue. */
const EMPTY_MS = 500;
const PROGRESS_MS = 1_000;
/** How long to try to return a shard. After that its lock expires, as for a dead worker. */
const GIVE_BACK_MS = 2_500;
const RETRY_MS = 1_000;
const LONGEST_REASON = 500;
/** Effectively unlimited: the attempts of an entry decide. */
const MAX_STALLS = 1_000_000;

/** Errors that say that another worker has the shard by now. */
const LOST_LOCK = /renew lock|Missing (lock|key) for job|Lock mismatch|is not in the active state/;

/** The name that others see. */
export function workerName(): string {
  return `${hostname()}:${process.pid}`;
}

/**
 * Resolves when stopped, or when the queue is empty. False if Redis could not be told because it was unreachable: connections that wait
 * for it may then keep the process alive.
 */
export async function workOnShards(link: RedisLink, options: WorkOptions, events: WorkEvents): Promise<boolean> {
  const { Worker } = link.bullmq;
  const runner = new ShardRunner();
  const stop = new AbortController();
  const lockMs = options.stalledAfter * 1000;
  const worker = new Worker<ShardEntry, boolean>(QUEUE, (entry, token) => handle(entry, token), {
    connection: link.client,
    name: workerName(),
    concurrency: 1,
    lockDuration: lockMs,
    lockRenewTime: lockMs / 3,
    stalledInterval: lockMs / 2,
    maxStalledCount: MAX_STALLS,
    runRetryDelay: RETRY_MS,
  });
  const told = new Set<string>();
  worker.on('error', (error) => {
    const trouble = LOST_LOCK.test(error.message) ? undefined : link.troubleOf(error);
    if (trouble === undefined || told.has(trouble)) return;
    told.add(trouble);
    events.onTrouble(trouble);
  });

  async function handle(entry: Job<ShardEntry>, token: string | undefined): Promise<boolean> {
    const shard = entry.data;
    const tries = entry.opts.attempts ?? TRIES;
    const begun = entry.attemptsMade + entry.stalledCounter;
    if (begun >= tries) {
      const ended = entry.stalledCounter;
      const reason = `${ended} ${ended === 1 ? 'worker' : 'workers'} died while computing it`;
      events.onFailed(shard, reason, true);
      throw new link.bullmq.UnrecoverableError(reason);
    }
    if (!stop.signal.aborted) events.onBegin(shard);
    const started = performance.now();
    const tell = progressTeller(entry);
    try {
      const computed = await runner.run(
        { place: shard.place, index: shard.index, threads: options.threads, memory: options.memory },
        {
          signal: stop.signal,
          onProgress: (progress) => {
            tell(progress);
            events.onProgress(shard, progress);
          },
        },
      );
      events.onFinished(shard, computed, (performance.now() - started) / 1000);
      return computed;
    } catch (error) {
      if (stop.signal.aborted) {
        // If the lock has expired, another worker has the shard already.
        await entry.moveToWait(token).catch(() => {});
        events.onGivenBack(shard);
        throw new link.bullmq.WaitingError();
      }
      const reason = (error as Error).message.slice(0, LONGEST_REASON);
      const forGood = begun + 1 >= tries;
      events.onFailed(shard, reason, forGood);
      throw forGood ? new link.bullmq.UnrecoverableError(reason) : new Error(reason);
    }
  }

  let clean: boolean;
  try {
    await stopped(link, options);
  } finally {
    // First stop taking shards, then return the current one.
    const closing = worker.close();
    stop.abort();
    try {
      clean = await Promise.race([closing.then(() => true), after(GIVE_BACK_MS).then(() => false)]);
    } finally {
      await runner.close();
    }
  }
  return clean;
}

/** Reports the progress of a shard to the queue: rarely, and never while an update is pending, because Redis may be unreachable. */
function progressTeller(entry: Job<ShardEntry>): (progress: { done: number; total: number }) => void {
  let last = 0;
  let underWay = false;
  return ({ done, total }) => {
    const now = performance.now();
    if (underWay || now - last < PROGRESS_MS) return;
    last = now;
    underWay = true;
    entry
      .updateProgress(total > 0 ? Math.round((1000 * done) / total) / 1000 : 0)
      .catch(() => {})
      .finally(() => {
        underWay = false;
      });
  };
}

async function stopped(link: RedisLink, { signal, untilEmpty }: WorkOptions): Promise<void> {
  const told = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (!untilEmpty) return told;
  const queue = new ShardQueue(link);
  try {
    while (!signal.aborted) {
      // Waits while Redis is unreachable.
      const left = await Promise.race([queue.unfinished(), told]);
      if (left === undefined || left === 0) return;
      await Promise.race([after(EMPTY_MS), told]);
    }
  } finally {
    await queue.close();
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
