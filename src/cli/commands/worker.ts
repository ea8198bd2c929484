import process from 'node:process';
import { workOnShards } from '../../cluster/queue/shard-worker.js';
import { type RedisOptions, requireRedis, withRedis } from '../redis-session.js';
import { WorkerReport } from '../worker-report.js';

export interface WorkerOptions extends RedisOptions {
  readonly threads?: number;
  readonly memory?: number;
  /** Seconds. */
  readonly stalledAfter: number;
  readonly untilEmpty?: boolean;
  readonly quiet?: boolean;
}

/** `allpairs worker`: computes shards of whatever job is in the queue. To be interrupted is how it ends. */
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
  // Others take the shard in hand as that of a worker that has died.
  if (!clean) process.exit(0);
}
