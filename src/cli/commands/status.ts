import process from 'node:process';
import { type Job, openJob } from '../../cluster/job/job.js';
import type { ShardQueue } from '../../cluster/queue/queue.js';
import { readShardStates, type ShardStates } from '../../cluster/queue/shard-states.js';
import { asInputError } from '../exit-codes.js';
import { wantsJson } from '../output.js';
import { type RedisOptions, redisOf, withQueue } from '../redis-session.js';
import { ShardView } from '../shard-view.js';

export interface StatusOptions extends RedisOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

const LOOK_EVERY_MS = 1_000;

/** `allpairs status`: how far the shards of a job are, once or until they are done. Exits with 1 where, in the end, some failed. */
export async function runStatus(place: string, options: StatusOptions, signal: AbortSignal): Promise<void> {
  const redis = redisOf(options);
  const job = await openJob(place).catch((error) => {
    throw asInputError(error, place);
  });
  const watch = options.watch === true;
  const view = new ShardView({ job: job.manifest.id, json: wantsJson(options), queued: redis !== undefined, watch });
  try {
    if (!redis) return await look(job, undefined, view, watch, signal);
    let away = false;
    const say = (text: string) => {
      away = !away;
      // On a terminal it is enough that the view continues.
      view.say(away || wantsJson(options) ? text : undefined);
    };
    await withQueue(redis, say, signal, (queue) => look(job, queue, view, watch, signal));
  } finally {
    await job.close();
  }
}

async function look(
  job: Job,
  queue: ShardQueue | undefined,
  view: ShardView,
  watch: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const states = await readShardStates(job, queue);
    signal.throwIfAborted();
    view.update(states);
    if (!watch) return;
    const end = endOf(states);
    if (end !== undefined) {
      process.exitCode = end;
      return;
    }
    await nextLook(signal);
  }
}

/** The exit code where nothing more will come: all is done, or the queue has only failed ones left. */
function endOf({ shards, counts }: ShardStates): number | undefined {
  if (counts.done === shards.length) return 0;
  return counts.failed > 0 && counts.active + counts.waiting + counts.delayed === 0 ? 1 : undefined;
}

function nextLook(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, LOOK_EVERY_MS);
    signal.addEventListener('abort', abort, { once: true });
  });
}
