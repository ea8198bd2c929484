// The connection to Redis, and the packages that speak to it, loaded when there is a queue. It is made once, or the reason is
// thrown; after that it comes back by itself however long Redis is away, which is told once, and commands wait meanwhile.

import type { Redis } from 'ioredis';
import { UnsupportedError } from '../../errors.js';
import { RedisError, type RedisPlace } from './redis-place.js';

type Bullmq = typeof import('bullmq');

export interface RedisEvents {
  /** Redis does not answer any more. */
  onAway(): void;
  onBack(): void;
}

const CONNECT_MS = 10_000;
/** Redis may be away for long, with many that wait for it. */
const MAX_WAIT_MS = 2_000;

/** How errors say that the connection is the matter, which onAway tells anyway. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);
const CONNECTION_TEXTS =
  /connection is closed|connection is not|ETIMEDOUT|ECONN|EAI_AGAIN|socket closed|^LOADING|^UNBLOCKED|blocking/i;

export class RedisLink {
  /** True from when Redis is lost until it is back. */
  away = false;
  private closed = false;

  private constructor(
    readonly place: RedisPlace,
    readonly bullmq: Bullmq,
    readonly client: Redis,
    readonly state: { closing: boolean },
    events: RedisEvents,
  ) {
    client.on('close', () => {
      if (this.away || this.state.closing) return;
      this.away = true;
      events.onAway();
    });
    client.on('ready', () => {
      if (!this.away) return;
      this.away = false;
      events.onBack();
    });
  }

  /** Connects. Throws RedisError where that fails, UnsupportedError without the packages. */
  static async connect(place: RedisPlace, events: RedisEvents): Promise<RedisLink> {
    const { bullmq, Redis } = await loadPackages();
    // Connections that are made of this one, to wait for shards, share what it is told here.
    const state = { connected: false, closing: false };
    const client = new Redis({
      ...place.login,
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      maxRetriesPerRequest: null,
      // Its greeting holds the password, which servers that do not know it would send back.
      protocol: 2,
      retryStrategy: (times) =>
        !state.connected || state.closing ? null : Math.min(50 * 2 ** times, MAX_WAIT_MS) * (0.5 + Math.random() / 2),
    });
    // The promise says no more than that it is closed; and a database that is not there is no reason for it not to go on.
    let reason: NodeJS.ErrnoException | undefined;
    client.on('error', (error: NodeJS.ErrnoException) => {
      reason ??= error;
    });
    try {
      await soon(client.connect().then(() => client.ping()));
      if (reason) throw reason;
    } catch (error) {
      client.disconnect();
      throw refusal(place, reason ?? (error as NodeJS.ErrnoException));
    }
    state.connected = true;
    return new RedisLink(place, bullmq, client, state, events);
  }

  /** What an error of the queue has to say to people; undefined where it is the connection's, of which they hear otherwise. */
  troubleOf(error: unknown): string | undefined {
    const { message, code } = error as NodeJS.ErrnoException;
    if (this.away || this.state.closing || CONNECTION_CODES.has(String(code)) || CONNECTION_TEXTS.test(message))
      return undefined;
    return this.place.conceal(message);
  }

  /** Ends the connection at once; commands that still wait are rejected. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.state.closing = true;
    this.client.disconnect();
  }
}

/** A server that takes the connection may say nothing more. */
async function soon(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), CONNECT_MS);
  });
  answer.catch(() => {});
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function loadPackages() {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch {
    throw new UnsupportedError('the queue needs the packages bullmq and ioredis:', { advice: 'npm install bullmq ioredis' });
  }
}

function refusal(place: RedisPlace, { message, code }: NodeJS.ErrnoException): RedisError {
  const { shown } = place;
  if (/^NOAUTH/.test(message)) {
    return new RedisError(`${shown} wants a password: set ALLPAIRS_REDIS_PASSWORD, or put it into the URL`);
  }
  if (/^WRONGPASS|invalid (username-)?password/i.test(message)) return new RedisError(`${shown}: wrong user or password`);
  if (/DB index/i.test(message)) return new RedisError(`${shown}: there is no such database`);
  if (/^(NOPERM|ERR|DENIED|MISCONF)/.test(message)) return new RedisError(`${shown}: ${place.conceal(message)}`);
  return new RedisError(`cannot reach the Redis at ${shown}: ${place.conceal(code ?? (message || 'no answer'))}`);
}
