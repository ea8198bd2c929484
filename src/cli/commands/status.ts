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

/** `allpairs status`: shows the progress of a job's shards, once or until they are finished. Exits with 1 if some failed in the end. */
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
      // On a terminal, it is enough that the view continues.
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

/** Returns the exit code when nothing more will happen, because all shards are done or the queue contains only failed ones. */
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
