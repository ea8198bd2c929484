// A Redis queue of shards that wait for a worker: one queue for all jobs, and one entry per shard. The name of an entry consists of its
// job and shard number, so enqueueing a shard twice adds it once. An entry is removed when its shard is finished; the parts, not the
// queue, record what is finished. Entries that have used up their attempts stay, with the reason, until they are enqueued again.

import type { Job, JobsOptions, Queue } from 'bullmq';
import { absolutePlace } from '../storage/open-storage.js';
import type { RedisLink } from './redis-link.js';
import { RedisError } from './redis-place.js';

export const QUEUE = 'allpairs';

/** Default number of attempts per shard. */
export const TRIES = 3;

/** Contents of an entry. */
export interface ShardEntry {
  /** Absolute path of a folder, or s3://... */
  readonly place: string;
  readonly job: string;
  readonly index: number;
}

/** A shard that a worker is computing. */
export interface ActiveShard {
  /** Finished fraction of its work, from 0 to 1. */
  readonly done: number;
  readonly worker: string | undefined;
  /** Start time in milliseconds since the epoch, as Date.now() returns it. */
  readonly since: number | undefined;
}

/** The state of each shard that the queue knows, at one moment. */
export interface QueueSnapshot {
  readonly waiting: ReadonlySet<number>;
  readonly delayed: ReadonlySet<number>;
  readonly active: ReadonlyMap<number, ActiveShard>;
  /** Failed shards with their reasons. */
  readonly failed: ReadonlyMap<number, string>;
}

export interface Enqueued {
  readonly added: number;
  /** How many of the added shards had failed before. */
  readonly again: number;
  /** Shards that were in the queue already: waiting, delayed or active. */
  readonly queued: number;
}

const ADDED_AT_ONCE = 1_000;
const BACKOFF_MS = 1_000;
/** Failed entries of abandoned jobs expire eventually. */
const FAILED_KEPT_SECONDS = 30 * 24 * 3600;
/** Redis keeps a stream of events; it is trimmed to about this length. */
const EVENTS_KEPT = 1_000;

export class ShardQueue {
  private readonly queue: Queue<ShardEntry>;
  private readonly reasons = new Map<string, string>();

  constructor(private readonly link: RedisLink) {
    this.queue = new link.bullmq.Queue<ShardEntry>(QUEUE, {
      connection: link.client,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    // Callers get rejections, and the link reports that Redis is unreachable.
    this.queue.on('error', () => {});
  }

  /** Adds those of `indices` that are not in the queue, and adds failed ones again. */
  async enqueue(place: string, job: string, indices: readonly number[], tries: number): Promise<Enqueued> {
    return this.telling(async () => {
      const { waiting, delayed, active, failed } = await this.indicesOf(job);
      const there = new Set([...waiting, ...delayed, ...active]);
      const wanted = indices.filter((index) => !there.has(index));
      const again = wanted.filter((index) => failed.has(index));
      // Retrying the entry would keep its count of workers that died.
      for (let from = 0; from < again.length; from += ADDED_AT_ONCE) {
        await Promise.all(again.slice(from, from + ADDED_AT_ONCE).map((index) => this.queue.remove(entryName(job, index))));
      }
      for (let from = 0; from < wanted.length; from += ADDED_AT_ONCE) {
        const some = wanted.slice(from, from + ADDED_AT_ONCE);
        await this.queue.addBulk(
          some.map((index) => ({
            name: 'shard',
            data: { place: absolutePlace(place), job, index },
            opts: entryOptions(job, index, tries),
          })),
        );
      }
      return { added: wanted.length, again: again.length, queued: indices.length - wanted.length };
    });
  }

  /** Returns the state of each shard of a job. */
  async snapshot(job: string): Promise<QueueSnapshot> {
    return this.telling(async () => {
      const { waiting, delayed, active, failed } = await this.indicesOf(job);
      const running = await Promise.all([...active].map(async (index) => [index, await this.activeShard(job, index)] as const));
      const reasons = await Promise.all(
        [...failed].map(async ([index, at]) => [index, await this.reasonOf(job, index, at)] as const),
      );
      return {
        waiting: new Set(waiting),
        delayed: new Set(delayed),
        active: new Map(running),
        failed: new Map(reasons),
      };
    });
  }

  /** Returns the number of unfinished entries of all jobs. */
  async unfinished(): Promise<number> {
    return this.telling(() => this.queue.getJobCountByTypes('waiting', 'delayed', 'active'));
  }

  async close(): Promise<void> {
    await this.queue.close().catch(() => {});
  }

  /** Reads all lists in one transaction. Otherwise a shard that moves between two reads would be in none of them. */
  private async indicesOf(job: string) {
    const [wait, delayed, active, failed] = ['wait', 'delayed', 'active', 'failed'].map((name) => this.queue.toKey(name)) as [
      string,
      string,
      string,
      string,
    ];
    const answers = await this.link.client
      .multi()
      .lrange(wait, 0, -1)
      .zrange(delayed, '0', '-1')
      .lrange(active, 0, -1)
      .zrange(failed, '0', '-1', 'WITHSCORES')
      .exec();
    const namesIn = (list: number) => {
      const [error, names] = answers?.[list] ?? [];
      if (error) throw error;
      return (names ?? []) as string[];
    };
    const indicesIn = (list: number) => namesIn(list).flatMap((name) => indexOf(job, name) ?? []);
    const failures = namesIn(3);
    const failedAt = new Map<number, string>();
    for (let i = 0; i < failures.length; i += 2) {
      const index = indexOf(job, failures[i] as string);
      if (index !== undefined) failedAt.set(index, failures[i + 1] as string);
    }
    return { waiting: indicesIn(0), delayed: indicesIn(1), active: indicesIn(2), failed: failedAt };
  }

  private async activeShard(job: string, index: number): Promise<ActiveShard> {
    const entry: Job<ShardEntry> | undefined = await this.queue.getJob(entryName(job, index));
    const { progress } = entry ?? {};
    return { done: typeof progress === 'number' ? progress : 0, worker: entry?.processedBy, since: entry?.processedOn };
  }

  /** Cached for each failure, because there may be many and callers poll every second. */
  private async reasonOf(job: string, index: number, at: string): Promise<string> {
    const key = `${entryName(job, index)}@${at}`;
    const known = this.reasons.get(key);
    if (known !== undefined) return known;
    const entry: Job<ShardEntry> | undefined = await this.queue.getJob(entryName(job, index));
    const reason = entry?.failedReason ?? 'unknown';
    this.reasons.set(key, reason);
    return reason;
  }

  /** Throws errors from Redis again, without the data that was sent. */
  private async telling<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw new RedisError(`${this.link.place.shown}: ${this.link.place.conceal((error as Error).message)}`);
    }
  }
}

function entryName(job: string, index: number): string {
  return `${job}-${index}`;
}

/** Returns the number of a shard of `job`; undefined if the entry belongs to another job. */
function indexOf(job: string, name: string): number | undefined {
  const rest = name.startsWith(`${job}-`) ? name.slice(job.length + 1) : '';
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
}

function entryOptions(job: string, index: number, tries: number): JobsOptions {
  return {
    jobId: entryName(job, index),
    attempts: tries,
    // What made one shard fail, such as a file server, may make all fail at once; jitter spreads the retries.
    backoff: { type: 'exponential', delay: BACKOFF_MS, jitter: 0.5 },
    removeOnComplete: true,
    removeOnFail: { age: FAILED_KEPT_SECONDS },
    stackTraceLimit: 0,
  };
}
