// Runs jobs whose workers are killed, whose queue is restarted and whose shards are delivered twice, and compares their outputs byte by
// byte with those of one machine.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openJob } from '#src/cluster/job/job.js';
import { ShardQueue } from '#src/cluster/queue/queue.js';
import { RedisLink } from '#src/cluster/queue/redis-link.js';
import { redisPlace } from '#src/cluster/queue/redis-place.js';
import { type Run, type RunOptions, run } from '../cli/command.js';
import { BEFORE_SHARD } from '../cluster/queue-job.js';
import { startRedis, type TestRedis } from '../cluster/redis.js';
import { randomSource } from '../random.js';

export const TROUBLES = ['none', 'two workers are killed', 'Redis is started anew', 'shards come twice', 'all of it'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** The options of a job, and the same for one machine. */
export const QUESTIONS: Readonly<Record<string, readonly [ofJob: string[], ofOne: string[], output: string]>> = {
  topk: [['--top-k', '10'], ['topk', '-k', '10'], 'nearest.parquet'],
  pairs: [['--threshold', '0.7'], ['pairs', '-t', '0.7'], 'pairs.csv'],
  matrix: [['--matrix'], ['matrix'], 'matrix.npy'],
};

export interface Outcome {
  readonly shards: number;
  readonly seconds: number;
  readonly killed: number;
  /** Deliveries of shards that had been done. */
  readonly again: number;
}

const WORKERS = 4;

/**
 * Has four workers with one thread each compute `question` for the rows in `input` while `trouble` happens. Throws if anything fails, or if
 * the bytes differ from those in `reference`.
 */
export async function runCluster(
  input: string,
  question: keyof typeof QUESTIONS,
  reference: Buffer,
  trouble: Trouble,
  { shards, seed, folder: parent }: { shards: number; seed: number; folder: string },
): Promise<Outcome> {
  const random = randomSource(seed);
  const [ofJob, , output] = QUESTIONS[question] as (typeof QUESTIONS)['topk'] & {};
  const folder = await mkdtemp(join(parent, 'cluster-'));
  const place = join(folder, 'job');
  const redis = await startRedis({ password: 'a password', appendonly: true });
  const env = { ALLPAIRS_REDIS_URL: redis.url };
  try {
    await must(['plan', input, ...ofJob, '--shards', `${shards}`, '-o', place, '-q', '--json']);
    await must(['enqueue', place, '-q'], { env });
    // The last shards wait until all trouble has happened, however fast the others are.
    const held = join(folder, 'held');
    const faults = join(folder, 'faults.json');
    await writeFile(faults, JSON.stringify({ log: join(folder, 'log'), held, heldFrom: Math.floor(shards * 0.6) }));
    await writeFile(held, '');
    const started = performance.now();
    const workers = Array.from({ length: WORKERS }, () => startWorker({ ...env, FAULTS: faults, NODE_OPTIONS: BEFORE_SHARD }));
    const done = () => partsDone(place);
    const has = (what: Trouble) => trouble === what || trouble === 'all of it';
    let killed = 0;
    for (const worker of has('two workers are killed') ? workers.slice(0, 2) : []) {
      await reached(done, Math.ceil(shards * (0.1 + 0.4 * random())), workers);
      await wait(100 * random());
      if (worker.kill()) killed++;
    }
    if (has('Redis is started anew')) {
      await reached(done, Math.ceil(shards * 0.5), workers);
      await redis.stop();
      await wait(200);
      await redis.start();
    }
    const twice = has('shards come twice') ? [0, 1, shards - 1] : [];
    if (twice.length > 0) await deliverTwice(redis, place, twice);
    await rm(held);
    const ends = await Promise.all(workers.map(({ ended }) => ended));
    const seconds = (performance.now() - started) / 1000;
    for (const [at, { code, stderr }] of ends.entries()) {
      if (code !== 0 && !(code === null && at < killed)) throw new Error(`worker ${at} ended with ${code}: ${stderr}`);
    }
    const file = join(folder, output);
    await must(['merge', place, '-o', file, '-q']);
    if (!(await readFile(file)).equals(reference)) throw new Error(`${question}, ${trouble}: the bytes are others`);
    const again = ends.reduce((sum, { stderr }) => sum + (stderr.match(/was done already/g)?.length ?? 0), 0);
    return { shards: await done(), seconds, killed, again };
  } finally {
    await redis.remove();
    await rm(folder, { recursive: true });
  }
}

/** Returns what one machine writes. */
export async function referenceFor(input: string, question: keyof typeof QUESTIONS, folder: string): Promise<Buffer> {
  const [, [command = '', ...args], output] = QUESTIONS[question] as (typeof QUESTIONS)['topk'] & {};
  const file = join(folder, `alone-${output}`);
  await must([command, input, ...args, '-o', file, '-q']);
  const bytes = await readFile(file);
  await rm(file);
  return bytes;
}

async function must(args: readonly string[], options: RunOptions = {}): Promise<void> {
  const { code, stderr } = await run(args, options);
  if (code !== 0) throw new Error(`allpairs ${args.join(' ')} ended with ${code}: ${stderr}`);
}

interface StartedWorker {
  readonly ended: Promise<Run>;
  /** Returns false if it had ended. */
  kill(): boolean;
  isOver: boolean;
}

function startWorker(env: Record<string, string>): StartedWorker {
  let kill = () => false;
  const ended = run(['worker', '--threads', '1', '--stalled-after', '2', '--until-empty'], {
    env,
    onStart: (child) => {
      kill = () => child.exitCode === null && child.kill('SIGKILL');
    },
  });
  const worker = { ended, kill: () => kill(), isOver: false };
  ended.then(() => {
    worker.isOver = true;
  });
  return worker;
}

async function partsDone(place: string): Promise<number> {
  const job = await openJob(place);
  try {
    return (await job.partsDone()).size;
  } finally {
    await job.close();
  }
}

async function reached(done: () => Promise<number>, count: number, workers: readonly StartedWorker[]): Promise<void> {
  while ((await done()) < count && !workers.every(({ isOver }) => isOver)) await wait(5);
}

/** Queues shards that are finished or in progress. */
async function deliverTwice(redis: TestRedis, place: string, indices: readonly number[]): Promise<void> {
  const at = redisPlace(redis.url);
  if (!at) throw new Error('no Redis');
  const link = await RedisLink.connect(at, { onAway() {}, onBack() {} });
  const queue = new ShardQueue(link);
  try {
    // Under other names, because the queue holds each shard once.
    for (const index of indices) await queue.enqueue(place, `again-${index}`, [index], 3);
  } finally {
    await queue.close();
    link.close();
  }
}
