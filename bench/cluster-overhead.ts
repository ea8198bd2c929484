// Measures what the queue and the parts cost compared with one process. Needs redis-server.
//
//     npx tsx bench/cluster-overhead.ts [rows] [depth] [shards]
//
// Compares one process with two threads to two workers with one thread each, on the same rows. The workers are waiting for shards when
// the clock starts. Runs alternate, times are medians, and the outputs are compared byte for byte.
//   alone     the whole process of allpairs topk (pairs, matrix) -o
//   shards    from enqueueing the shards to the last part
//   merge     the whole process of allpairs merge

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { openJob } from '../src/cluster/job/job.js';
import { ShardQueue } from '../src/cluster/queue/queue.js';
import { RedisLink } from '../src/cluster/queue/redis-link.js';
import { RedisPlace } from '../src/cluster/queue/redis-place.js';
import { writeNpy } from '../src/io/rows/npy-file.js';
import { Matrix } from '../src/rows/dense-matrix.js';
import { type Run, run } from '../test/cli/command.js';
import { startRedis } from '../test/cluster/redis.js';
import { randomRows } from '../test/random.js';
import { quantile } from './harness.js';
import { sameBytes } from './same-bytes.js';

const [rows = 20_000, depth = 768, count = 8] = process.argv.slice(2).map(Number);
const RUNS = 7;
const SHARDS = count;
const WORKERS = 2;

const QUESTIONS = [
  { name: 'top 10', ofJob: ['--top-k', '10'], alone: ['topk', '-k', '10'] },
  { name: 'pairs at 0.12', ofJob: ['--threshold', '0.12'], alone: ['pairs', '-t', '0.12'] },
  { name: 'matrix', ofJob: ['--matrix'], alone: ['matrix'] },
] as const;

const folder = await mkdtemp(join(tmpdir(), 'allpairs-overhead-'));
const redis = await startRedis();
const stops: (() => void)[] = [];
const workers: Promise<Run>[] = [];
const link = await RedisLink.connect(new RedisPlace({ host: '127.0.0.1', port: redis.port, db: 0 }), {
  onAway() {},
  onBack() {},
});
const queue = new ShardQueue(link);
try {
  const input = join(folder, 'rows.npy');
  const { data, shape } = randomRows(rows, depth);
  await writeNpy(input, new Matrix(data, shape));
  for (let worker = 0; worker < WORKERS; worker++) {
    const env = { ALLPAIRS_REDIS_URL: redis.url };
    const onStart = (child: { kill(signal: 'SIGTERM'): boolean }) => stops.push(() => child.kill('SIGTERM'));
    workers.push(run(['worker', '--threads', '1', '-q'], { env, onStart }));
  }
  for (const question of QUESTIONS) {
    const times: Record<'alone' | 'shards' | 'merge' | 'ratio', number[]> = { alone: [], shards: [], merge: [], ratio: [] };
    // The first round is a warm-up.
    for (let round = 0; round <= RUNS; round++) {
      const { alone, shards, merge } = await measure(input, question);
      if (round === 0) continue;
      times.alone.push(alone);
      times.shards.push(shards);
      times.merge.push(merge);
      times.ratio.push((shards + merge) / alone);
    }
    const at = (values: number[], q: number) =>
      quantile(
        values.sort((a, b) => a - b),
        q,
      );
    const shown = (values: number[]) =>
      `${Math.round(at(values, 0.5))} (${Math.round(at(values, 0.25))} to ${Math.round(at(values, 0.75))}) ms`;
    console.log(`${question.name}, ${rows} x ${depth}, ${SHARDS} shards, ${WORKERS} threads`);
    for (const name of ['alone', 'shards', 'merge'] as const) console.log(`  ${name.padEnd(7)} ${shown(times[name])}`);
    const overhead = (100 * (at(times.shards, 0.5) - at(times.alone, 0.5))) / at(times.alone, 0.5);
    console.log(
      `  overhead of shards ${overhead.toFixed(1)}%, with the merge ${(100 * (at(times.ratio, 0.5) - 1)).toFixed(1)}%`,
    );
  }
} finally {
  for (const stop of stops) stop();
  await Promise.all(workers);
  await queue.close();
  link.close();
  await redis.remove();
  await rm(folder, { recursive: true });
}

async function measure(input: string, { ofJob, alone: [command, ...args] }: (typeof QUESTIONS)[number]) {
  const [single, merged, place] = ['alone.npy', 'merged.npy', 'job'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const alone = await timed([command, input, ...args, '-o', single, '-q', '--threads', `${WORKERS}`]);
  await timed(['plan', input, ...ofJob, '--shards', `${SHARDS}`, '-o', place, '-q', '--json']);
  const job = await openJob(place);
  const started = performance.now();
  await queue.enqueue(place, job.manifest.id, [...job.manifest.shards.keys()], 1);
  while ((await job.partsDone()).size < job.manifest.shards.length) await wait(2);
  const shards = performance.now() - started;
  await job.close();
  const merge = await timed(['merge', place, '-o', merged, '-q']);
  if (!(await sameBytes(single, merged))) throw new Error('the outputs differ');
  await rm(place, { recursive: true });
  return { alone, shards, merge };
}

async function timed(args: readonly string[]): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await run(args);
  if (code !== 0) throw new Error(`allpairs ${args.join(' ')}: ${stderr}`);
  return performance.now() - started;
}
