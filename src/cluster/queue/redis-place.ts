// Which Redis has the queue: a URL that is given, or that of the environment. The password is held where nothing prints it, and
// whatever is said goes by `shown` and `conceal`.

import process from 'node:process';
import { AllpairsError, ArgumentError } from '../../errors.js';

/** Redis cannot be reached or refuses; the message says why, and holds no secret. It has no cause: those hold what was sent. */
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
  /** As messages have it: without user and password. */
  readonly shown: string;
  readonly #login: RedisLogin;

  constructor(login: RedisLogin) {
    this.#login = login;
    const host = login.host.includes(':') ? `[${login.host}]` : login.host;
    this.shown = `${login.tls ? 'rediss' : 'redis'}://${host}:${login.port}${login.db > 0 ? `/${login.db}` : ''}`;
  }

  /** Holds the password: for the client alone. */
  get login(): RedisLogin {
    return this.#login;
  }

  /** `text` of others, such as a server that repeats what it was sent, without user and password. */
  conceal(text: string): string {
    const { username, password } = this.#login;
    const secrets = [password, password && encodeURIComponent(password), username === 'default' ? undefined : username];
    return secrets.reduce<string>((shown, secret) => (secret ? shown.replaceAll(secret, '***') : shown), text);
  }
}

/** The Redis of `url`, else of the environment; undefined where neither names one. Throws ArgumentError, without the URL. */
export function redisPlace(url: string | undefined, environment: NodeJS.ProcessEnv = process.env): RedisPlace | undefined {
  const given = url ?? environment.ALLPAIRS_REDIS_URL;
  if (given === undefined || given === '') return undefined;
  return new RedisPlace(parseRedisUrl(given, environment.ALLPAIRS_REDIS_PASSWORD));
}

function parseRedisUrl(text: string, passwordBeside: string | undefined): RedisLogin {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  // Not even a part of the text is told: a password that is not encoded makes a host, a path or a fragment of itself.
  if (!parsed)
    throw new ArgumentError('redis', `expected ${EXPECTED}`, { advice: 'in a password %-encode all but letters and digits' });
  const { protocol, hostname, port, pathname, search, hash } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new ArgumentError('redis', `expected ${EXPECTED}, got one that begins otherwise`);
  }
  const [, database] = /^\/?(\d{0,9})$/.exec(pathname) ?? [];
  if (!hostname || database === undefined || search || hash) {
    throw new ArgumentError('redis', `expected ${EXPECTED}: a host, a port and the number of a database, and no more`);
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
    throw new ArgumentError('redis', `expected ${EXPECTED}`, { advice: 'a % in it must be written as %25' });
  }
}
