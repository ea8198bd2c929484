// Shards through a queue, with a real Redis server and worker processes, some of which are killed.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ShardQueue } from '#src/cluster/queue/queue.js';
import { RedisLink } from '#src/cluster/queue/redis-link.js';
import { redisPlace } from '#src/cluster/queue/redis-place.js';
import type { Run } from '../cli/command.js';
import { until } from '../until.js';
import { QueueJob, type StartedProcess } from './queue-job.js';
import { redisRefusal, startRedis, type TestRedis } from './redis.js';

const PASSWORD = 'hid/den:secret';
const SECRET = /hid(\/|%2F)den|secret/i;

let redis: TestRedis;
let database = 0;
const jobs: QueueJob[] = [];
const processes: StartedProcess[] = [];

beforeAll(async () => {
  if (!redisRefusal) redis = await startRedis({ password: PASSWORD });
});
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL');
  for (const job of jobs.splice(0)) await job.remove();
});
afterAll(() => redis?.remove());

/** A job with its own queue. */
async function createJob(shards: number, url = `${redis.url}/${++database % 16}`): Promise<QueueJob> {
  const job = await QueueJob.create(shards, url);
  jobs.push(job);
  return job;
}

function work(job: QueueJob, ...args: string[]): StartedProcess {
  const started = job.worker(...args);
  processes.push(started);
  return started;
}

function expectNoSecret(...runs: readonly Run[]): void {
  for (const { stdout, stderr } of runs) expect(stdout.toString() + stderr).not.toMatch(SECRET);
}

describe.skipIf(redisRefusal)(`the queue${redisRefusal ? ` (skipped: ${redisRefusal})` : ''}`, () => {
  it('finishes all shards although a worker is killed and Redis restarts meanwhile', async () => {
    const own = await startRedis({ password: PASSWORD, appendonly: true });
    try {
      const job = await createJob(40, own.url);
      // The last shards wait until Redis is reachable again, however fast the others are.
      await job.breaks({ every: 100, heldFrom: 25 });
      await job.hold(true);
      await job.command('enqueue', job.place);
      const watching = job.start('status', job.place, '--watch');
      const [first, ...others] = Array.from({ length: 3 }, () => work(job, '--stalled-after', '2', '--until-empty'));
      await until('some are done', async () => (await job.done()) >= 5);
      first?.child.kill('SIGKILL');
      await until('more are done', async () => (await job.done()) >= 10);
      await own.stop();
      const away = await Promise.race([sleep(300), ...others.map(({ ended }) => ended)]);
      expect(away, 'no worker ends because Redis is away').toBeUndefined();
      await own.start();
      await job.hold(false);
      const runs = await Promise.all([...others, watching].map(({ ended }) => ended));
      expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(await job.done()).toBe(40);
      for (const { stderr } of runs) {
        const notes = stderr.split('\n').filter((line) => line !== '' && !/^shard \d+ of \w+: (done in|was done)/.test(line));
        expect(notes).toEqual([expect.stringContaining('lost the connection'), expect.stringContaining('reconnected')]);
      }
      expect(JSON.parse(runs[2]?.stdout.toString().trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ total: 40, done: 40 });
      expectNoSecret(...runs, await (first as StartedProcess).ended);
      expect((await job.status()).waiting).toBe(0);
    } finally {
      await own.remove();
    }
  });

  it('holds each unfinished shard once, however often it is enqueued', async () => {
    const job = await createJob(5);
    const enqueue = async () => JSON.parse((await job.command('enqueue', job.place)).stdout.toString());
    expect((await Promise.all([enqueue(), enqueue()])).every(({ total }) => total === 5)).toBe(true);
    expect(await enqueue()).toMatchObject({ added: 0, queued: 5 });
    expect(await job.status()).toMatchObject({ waiting: 5, done: 0, missing: '' });
    expect(await work(job, '--until-empty').ended).toMatchObject({ code: 0 });
    expect((await job.begun()).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(await enqueue()).toMatchObject({ added: 0, queued: 0, done: 5 });
  });

  it('completes a shard whose part already exists without computing it', async () => {
    const job = await createJob(1);
    await job.command('enqueue', job.place);
    await work(job, '--until-empty').ended;
    const link = await RedisLink.connect(redisPlace(job.redis) as NonNullable<ReturnType<typeof redisPlace>>, {
      onAway() {},
      onBack() {},
    });
    const queue = new ShardQueue(link);
    await queue.enqueue(job.place, job.id, [0], 3);
    await queue.close();
    link.close();
    const { code, stderr } = await work(job, '--until-empty').ended;
    expect([code, stderr]).toEqual([0, `shard 0 of ${job.id}: was done already\n`]);
  });

  it('continues without shards that keep failing, and retries them when they are enqueued again', async () => {
    const job = await createJob(6);
    await job.breaks({ poisoned: [2], exits: [4] });
    await job.command('enqueue', job.place, '--tries', '2');
    const { code, stderr } = await work(job, '--until-empty').ended;
    expect(code).toBe(0);
    expect(stderr.match(/shard 2 of \w+: failed.*/g)).toEqual([
      `shard 2 of ${job.id}: failed, to be tried again: TypeError: shard 2 is poisoned`,
      `shard 2 of ${job.id}: failed for good: TypeError: shard 2 is poisoned`,
    ]);
    const failed = [
      { shard: 2, reason: 'TypeError: shard 2 is poisoned' },
      { shard: 4, reason: 'its thread ended with code 7' },
    ];
    expect(await job.status()).toMatchObject({ done: 4, failed });
    expect((await job.command('status', job.place, '--watch')).code).toBe(1);

    await job.breaks({});
    const again = await job.command('enqueue', job.place);
    expect(JSON.parse(again.stdout.toString())).toMatchObject({ added: 2, again: 2 });
    await work(job, '--until-empty').ended;
    expect((await job.command('status', job.place, '--watch')).code).toBe(0);
  });

  it('gives up a shard whose workers always die', async () => {
    const job = await createJob(3);
    await job.breaks({ kills: [1] });
    await job.command('enqueue', job.place, '--tries', '2');
    const codes: (number | null)[] = [];
    do codes.push((await work(job, '--stalled-after', '2', '--until-empty').ended).code);
    while (codes.at(-1) !== 0 && codes.length < 5);
    expect(codes).toEqual([null, null, 0]);
    const reason = '2 workers died while computing it';
    expect(await job.status()).toMatchObject({ done: 2, failed: [{ shard: 1, reason }] });
  });

  it('gets a shard back at once from a stopped worker without losing an attempt', async () => {
    const job = await createJob(1);
    await job.hold(true);
    await job.command('enqueue', job.place, '--tries', '1');
    const stopped = work(job);
    await until('it is begun', async () => (await job.begun()).length === 1);
    expect((await job.status()).active).toMatchObject([{ shard: 0, worker: expect.stringMatching(/:\d+$/) }]);
    stopped.child.kill('SIGTERM');
    expect(await stopped.ended).toMatchObject({ code: 0, stderr: `shard 0 of ${job.id}: given back to the queue\n` });
    expect(await job.status()).toMatchObject({ waiting: 1, active: [] });
    await job.hold(false);
    await work(job, '--until-empty').ended;
    expect(await job.done()).toBe(1);
  });

  it('lets a worker stop while Redis is unreachable', async () => {
    const own = await startRedis();
    try {
      const job = await createJob(1, own.url);
      await job.hold(true);
      await job.command('enqueue', job.place);
      const stopped = work(job, '-q');
      await until('it is begun', async () => (await job.begun()).length === 1);
      await own.stop();
      stopped.child.kill('SIGINT');
      expect(await stopped.ended).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await own.remove();
    }
  });

  it('keeps a shard with a worker whose computing thread is blocked for longer than the lock', async () => {
    const job = await createJob(1);
    await job.breaks({ blocks: { 0: 4500 } });
    await job.command('enqueue', job.place);
    const workers = [1, 2].map(() => work(job, '--stalled-after', '2', '--until-empty'));
    const runs = await Promise.all(workers.map(({ ended }) => ended));
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(await job.begun()).toEqual([0]);
  });

  it('reports why Redis is unreachable, without secrets', async () => {
    const job = await createJob(1);
    const on = (url: string) => job.command('enqueue', job.place, '--redis', url);
    const { port } = redis;
    const runs = await Promise.all([
      on(`redis://me:secret@127.0.0.1:${port}`),
      on(`redis://127.0.0.1:${port}`),
      on('redis://me:secret@127.0.0.1:1'),
      on(`${redis.url}/9999`),
      on('secret'),
    ]);
    expectNoSecret(...runs);
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 1, 1, 2]);
    expect(runs.map(({ stderr }) => stderr)).toEqual([
      `error: redis://127.0.0.1:${port}: wrong user or password\n`,
      expect.stringContaining('requires a password'),
      'error: cannot reach Redis at redis://127.0.0.1:1: ECONNREFUSED\n',
      expect.stringContaining('no such database'),
      expect.stringContaining('expected a Redis URL'),
    ]);
  });
});
