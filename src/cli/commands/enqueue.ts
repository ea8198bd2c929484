import { openJob } from '../../cluster/job/job.js';
import { asInputError } from '../exit-codes.js';
import { formatCount, print, printJson, wantsJson } from '../output.js';
import { type RedisOptions, requireRedis, sayUnless, withQueue } from '../redis-session.js';

export interface EnqueueOptions extends RedisOptions {
  readonly tries: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `allpairs enqueue`: adds the unfinished shards of a job to the queue, including those that failed. */
export async function runEnqueue(place: string, options: EnqueueOptions, signal: AbortSignal): Promise<void> {
  const redis = requireRedis(options);
  const job = await openJob(place).catch((error) => {
    throw asInputError(error, place);
  });
  try {
    const { id, shards } = job.manifest;
    const done = await job.partsDone();
    const left = Array.from(shards, (_, index) => index).filter((index) => !done.has(index));
    const { added, again, queued } = await withQueue(redis, sayUnless(options.quiet), signal, (queue) =>
      queue.enqueue(place, id, left, options.tries),
    );
    const total = shards.length;
    if (wantsJson(options)) return printJson({ job: id, total, done: total - left.length, queued, added, again });
    if (options.quiet) return;
    const beside = [
      done.size > 0 && `${formatCount(total - left.length)} are done`,
      queued > 0 && `${formatCount(queued)} were in the queue already`,
      again > 0 && `${formatCount(again)} of them had failed`,
    ].filter((text) => text !== false);
    print(`enqueued ${formatCount(added)} of ${formatCount(total)} shards${beside.map((text) => `; ${text}`).join('')}`);
  } finally {
    await job.close();
  }
}
