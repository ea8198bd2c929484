// The address of the Redis server, from a URL or the environment. The password is kept where nothing prints it: all messages use
// `shown` and `conceal`.

import process from 'node:process';
import { AllpairsError, ArgumentError } from '../../errors.js';

/**
 * Redis is unreachable or refuses. The message gives the reason and contains no secret. There is no cause, because causes hold what was
 * sent.
 */
export class RedisError extends AllpairsError {
  constructor(message: string) {
    super('ERR_ALLPAIRS_REDIS', message);
  }
}

/** What a client needs to connect. */
export interface RedisLogin {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: Record<string, never>;
}

const EXPECTED = 'a Redis URL, as in redis://host:6379/0 or rediss://user:password@host:6380';

export class RedisPlace {
  /** The address for messages, without user and password. */
  readonly shown: string;
  readonly #login: RedisLogin;

  constructor(login: RedisLogin) {
    this.#login = login;
    const host = login.host.includes(':') ? `[${login.host}]` : login.host;
    this.shown = `${login.tls ? 'rediss' : 'redis'}://${host}:${login.port}${login.db > 0 ? `/${login.db}` : ''}`;
  }

  /** Contains the password; only for the client. */
  get login(): RedisLogin {
    return this.#login;
  }

  /** Removes user and password from `text`, such as the message of a server that echoes what it was sent. */
  conceal(text: string): string {
    const { username, password } = this.#login;
    const secrets = [password, password && encodeURIComponent(password), username === 'default' ? undefined : username];
    return secrets.reduce<string>((shown, secret) => (secret ? shown.replaceAll(secret, '***') : shown), text);
  }
}

/**
 * Returns the Redis server of `url` or else of the environment; undefined if neither names one. Throws ArgumentError, which does not
 * contain the URL.
 */
export function redisPlace(url: string | undefined, environment: NodeJS.ProcessEnv = process.env): RedisPlace | undefined {
  const given = url ?? environment.ALLPAIRS_REDIS_URL;
  if (given === undefined || given === '') return undefined;
  return new RedisPlace(parseRedisUrl(given, environment.ALLPAIRS_REDIS_PASSWORD));
}

function parseRedisUrl(text: string, passwordBeside: string | undefined): RedisLogin {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  // Not even a part of the text is shown: without encoding, a password can look like a host, a path or a fragment.
  if (!parsed)
    throw new ArgumentError('redis', `expected ${EXPECTED}`, {
      advice: 'percent-encode all characters of the password except letters and digits',
    });
  const { protocol, hostname, port, pathname, search, hash } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new ArgumentError('redis', `expected ${EXPECTED}, got another scheme`);
  }
  const [, database] = /^\/?(\d{0,9})$/.exec(pathname) ?? [];
  if (!hostname || database === undefined || search || hash) {
    throw new ArgumentError('redis', `expected ${EXPECTED}, with a host, a port and a database number only`);
  }
  const username = decode(parsed.username);
  const password = decode(parsed.password) || passwordBeside;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    db: Number(database),
    ...(username && { username }),
    ...(password && { password }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ArgumentError('redis', `expected ${EXPECTED}`, { advice: 'write % as %25' });
  }
}
