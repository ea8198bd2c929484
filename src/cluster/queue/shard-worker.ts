// Takes shards from the queue, one at a time, until it is told to stop. The lock of the shard in hand is renewed on this thread,
// which never computes; where a worker ends without a word, its lock runs out and others take the shard.
//
// A shard is given up when it was begun as often as its tries say: attempts that failed and workers that ended with it count
// alike. One that is given back, because a worker is told to stop, has lost no try. Where a lock was lost meanwhile (Redis was
// away) the shard is computed to its end all the same: its part counts, and whoever has it now finds that part.

import { hostname } from 'node:os';
import process from 'node:process';
import type { Job } from 'bullmq';
import { ShardRunner } from '../shard-runner.js';
import { QUEUE, type ShardEntry, ShardQueue, TRIES } from './queue.js';
import type { RedisLink } from './redis-link.js';

export interface WorkOptions {
  readonly threads?: number | undefined;
  readonly memory?: number | undefined;
  /** Seconds without a word from a worker after which others take its shard. */
  readonly stalledAfter: number;
  /** Ends when nothing is waiting, delayed or in progress anywhere. */
  readonly untilEmpty: boolean;
  /** Takes no more shards, and gives the one in hand back. */
  readonly signal: AbortSignal;
}

export interface WorkEvents {
  onBegin(shard: ShardEntry): void;
  onProgress(shard: ShardEntry, progress: { done: number; total: number }): void;
  /** `computed`: false where its part was there already. */
  onFinished(shard: ShardEntry, computed: boolean, seconds: number): void;
  onFailed(shard: ShardEntry, reason: string, forGood: boolean): void;
  onGivenBack(shard: ShardEntry): void;
  /** Of the queue, not of a shard. */
  onTrouble(message: string): void;
}

/** What Redis is asked of an empty queue. */
const EMPTY_MS = 500;
const PROGRESS_MS = 1_000;
/** How long to try to give a shard back; after that others take it as that of a worker that has died. */
const GIVE_BACK_MS = 2_500;
const RETRY_MS = 1_000;
const LONGEST_REASON = 500;
/** The tries of an entry decide, not this. */
const MAX_STALLS = 1_000_000;

/** The queue's complaints that a shard in hand is another worker's by now. */
const LOST_LOCK = /renew lock|Missing (lock|key) for job|Lock mismatch|is not in the active state/;

/** As others see this worker. */
export function workerName(): string {
  return `${hostname()}:${process.pid}`;
}

/**
 * Resolves when stopped, or empty. False where Redis was away then and could not be told: its connections, which wait for it, may
 * hold the process up.
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
      const reason = `${ended} ${ended === 1 ? 'worker' : 'workers'} ended in the middle of it, without a word`;
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
        // Where its lock is lost it is somebody else's already.
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
    // First that no more is taken, then what is in hand goes back.
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

/** Writes the progress of a shard down for others to see: seldom, and never while the last is under way, as Redis may be away. */
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
      // Redis may be away: the question then waits.
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
