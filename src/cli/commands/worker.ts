import process from 'node:process';
import { workOnShards } from '../../cluster/queue/shard-worker.js';
import { type RedisOptions, requireRedis, withRedis } from '../redis-session.js';
import { WorkerReport } from '../worker-report.js';

export interface WorkerOptions extends RedisOptions {
  readonly threads?: number;
  readonly memory?: number;
  /** Time in seconds. */
  readonly stalledAfter: number;
  readonly untilEmpty?: boolean;
  readonly quiet?: boolean;
}

/** `allpairs worker`: computes shards of any job in the queue until it is interrupted. */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { threads, memory, stalledAfter, untilEmpty = false, quiet } = options;
  const redis = requireRedis(options);
  const report = new WorkerReport(quiet);
  let clean = true;
  try {
    clean = await withRedis(redis, report.say, (link) =>
      workOnShards(link, { threads, memory, stalledAfter, untilEmpty, signal }, report),
    );
  } finally {
    report.clear();
  }
  // Other workers take over its shard, as they do if a worker dies.
  if (!clean) process.exit(0);
}
