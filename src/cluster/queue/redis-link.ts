// The connection to Redis and the packages that use it, which are loaded on demand. The first attempt to connect either succeeds or
// throws its reason. After that the connection restores itself however long Redis is unreachable. The outage is reported once, and
// commands wait.

import type { Redis } from 'ioredis';
import { UnsupportedError } from '../../errors.js';
import { RedisError, type RedisPlace } from './redis-place.js';

type Bullmq = typeof import('bullmq');

export interface RedisEvents {
  /** Redis no longer responds. */
  onAway(): void;
  onBack(): void;
}

const CONNECT_MS = 10_000;
/** Redis may be unreachable for long, and many workers may wait for it. */
const MAX_WAIT_MS = 2_000;

/** Error codes of a lost connection, which onAway reports anyway. */
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
  /** True while the connection to Redis is lost. */
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

  /** Connects. Throws RedisError if that fails, UnsupportedError if the packages are missing. */
  static async connect(place: RedisPlace, events: RedisEvents): Promise<RedisLink> {
    const { bullmq, Redis } = await loadPackages();
    // Connections that bullmq duplicates from this one share this state.
    const state = { connected: false, closing: false };
    const client = new Redis({
      ...place.login,
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      maxRetriesPerRequest: null,
      // The greeting of protocol 3 contains the password, which a server that does not know it would echo.
      protocol: 2,
      retryStrategy: (times) =>
        !state.connected || state.closing ? null : Math.min(50 * 2 ** times, MAX_WAIT_MS) * (0.5 + Math.random() / 2),
    });
    // The rejection only says that the connection is closed. A missing database does not even reject.
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

  /** Returns the text of a queue error for the user; undefined for connection errors, which are reported elsewhere. */
  troubleOf(error: unknown): string | undefined {
    const { message, code } = error as NodeJS.ErrnoException;
    if (this.away || this.state.closing || CONNECTION_CODES.has(String(code)) || CONNECTION_TEXTS.test(message))
      return undefined;
    return this.place.conceal(message);
  }

  /** Closes the connection at once and rejects waiting commands. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.state.closing = true;
    this.client.disconnect();
  }
}

/** Rejects after a while, because a server may accept the connection and then stay silent. */
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
    return new RedisError(`${shown} requires a password: set ALLPAIRS_REDIS_PASSWORD, or include it in the URL`);
  }
  if (/^WRONGPASS|invalid (username-)?password/i.test(message)) return new RedisError(`${shown}: wrong user or password`);
  if (/DB index/i.test(message)) return new RedisError(`${shown}: there is no such database`);
  if (/^(NOPERM|ERR|DENIED|MISCONF)/.test(message)) return new RedisError(`${shown}: ${place.conceal(message)}`);
  return new RedisError(`cannot reach Redis at ${shown}: ${place.conceal(code ?? (message || 'no answer'))}`);
}
