// The Redis connection of a command, from its options or the environment, open while the command runs.

import process from 'node:process';
import { ShardQueue } from '../cluster/queue/queue.js';
import { RedisLink } from '../cluster/queue/redis-link.js';
import { type RedisPlace, redisPlace } from '../cluster/queue/redis-place.js';
import { ArgumentError } from '../index.js';
import { UsageError } from './exit-codes.js';

export interface RedisOptions {
  readonly redis?: string;
}

/** Returns the configured Redis, or undefined if there is none. */
export function redisOf({ redis }: RedisOptions): RedisPlace | undefined {
  try {
    return redisPlace(redis);
  } catch (error) {
    throw error instanceof ArgumentError ? new UsageError(`--redis or ALLPAIRS_REDIS_URL: ${error.message}`) : error;
  }
}

export function requireRedis(options: RedisOptions): RedisPlace {
  const place = redisOf(options);
  if (!place) throw new UsageError('this command needs Redis; give --redis redis://host:6379, or set ALLPAIRS_REDIS_URL');
  return place;
}

/** Calls `use` with a connection. `say` is called once when Redis becomes unreachable and once when it is back. */
export async function withRedis<T>(
  place: RedisPlace,
  say: (text: string) => void,
  use: (link: RedisLink) => Promise<T>,
): Promise<T> {
  const link = await RedisLink.connect(place, {
    onAway: () => say(`lost the connection to Redis at ${place.shown}; waiting for it`),
    onBack: () => say(`reconnected to Redis at ${place.shown}`),
  });
  try {
    return await use(link);
  } finally {
    link.close();
  }
}

/** Calls `use` with the queue. An interrupt closes the connection, so nothing waits for an unreachable Redis. */
export function withQueue<T>(
  place: RedisPlace,
  say: (text: string) => void,
  signal: AbortSignal,
  use: (queue: ShardQueue) => Promise<T>,
): Promise<T> {
  return withRedis(place, say, async (link) => {
    if (signal.aborted) link.close();
    else signal.addEventListener('abort', () => link.close(), { once: true });
    const queue = new ShardQueue(link);
    try {
      return await use(queue);
    } finally {
      await queue.close();
    }
  });
}

/** Returns a function that prints additional information unless `quiet` is set. */
export function sayUnless(quiet: boolean | undefined): (text: string) => void {
  return (text) => {
    if (!quiet) process.stderr.write(`${text}\n`);
  };
}
