// A Redis server for one test, on a free port and in its own folder.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Why tests with Redis are skipped; undefined if they are not. */
export const redisRefusal: string | undefined =
  process.env.REQUIRE_REDIS === '1' || spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'there is no redis-server';

export interface TestRedis {
  /** The URL with the password, without a database. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** Starts again after `stop`, with the saved data. */
  start(): Promise<void>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
}

export async function startRedis(options: { password?: string; appendonly?: boolean } = {}): Promise<TestRedis> {
  const { password, appendonly = false } = options;
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  args.push('--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', 'always');
  if (password) args.push('--requirepass', password);
  const redis: TestRedis = {
    port,
    url: `redis://${password ? `:${encodeURIComponent(password)}@` : ''}127.0.0.1:${port}`,
    async start() {
      const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
      server = started;
      await new Promise<void>((resolve, reject) => {
        let log = '';
        started.stdout.on('data', (chunk: Buffer) => {
          log += chunk;
          if (log.includes('Ready to accept connections')) resolve();
        });
        started.once('error', reject);
        started.once('exit', () => reject(new Error(`redis-server ended: ${log}`)));
      });
    },
    async stop() {
      if (!server) return;
      const ended = server.exitCode === null ? once(server, 'exit') : undefined;
      server.kill('SIGTERM');
      await ended;
      server = undefined;
    },
    async remove() {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
