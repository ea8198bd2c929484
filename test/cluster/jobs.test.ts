// Jobs in shards give the same bytes as one machine, and damaged, missing or changed data is reported.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf } from '#src/cli/exit-codes.js';
import { openJob } from '#src/cluster/job/job.js';
import { decodeManifest, encodeManifest, type JobManifest } from '#src/cluster/job/manifest.js';
import { runShard } from '#src/cluster/job/run-shard.js';
import { writeNpy } from '#src/io/rows/npy-file.js';
import { Matrix } from '#src/rows/dense-matrix.js';
import { SOFTWARE_DRIVER } from '../backends/software-driver.js';
import { run } from '../cli/command.js';
import { randomRows } from '../random.js';
import { startFaultyS3 } from './fault-proxy.js';

const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));
const titles = fileURLToPath(new URL('../../examples/data/sentences.tsv', import.meta.url));
const digits = fileURLToPath(new URL('../../examples/data/digits.npy', import.meta.url));

let folder: string;
/** Files of rows, by name. */
const rows: Record<string, string> = { sentences, digits };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-jobs-'));
  for (const name of ['few', 'double', 'text', 'holes', 'none', 'one']) rows[name] = join(folder, `${name}.npy`);
  rows.text = join(folder, 'text.csv');
  const few = randomRows(90, 7);
  await writeNpy(rows.few as string, new Matrix(few.data, few.shape));
  await writeNpy(rows.double as string, new Matrix(Float64Array.from(randomRows(150, 33, 3).data), [150, 33]));
  await writeFile(
    rows.text,
    Array.from({ length: 60 }, (_, row) => `${Math.sin(row)},${Math.cos(3 * row)},${(row % 7) + 0.5}`).join('\n'),
  );
  const holes = few.data.slice();
  holes[50 * 7 + 3] = Number.NaN;
  await writeNpy(rows.holes as string, new Matrix(holes, few.shape));
  await writeNpy(rows.none as string, new Matrix(new Float32Array(0), [0, 5]));
  await writeNpy(rows.one as string, new Matrix(Float32Array.of(1, 2, 3), [1, 3]));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
const fresh = (extension = '') => join(folder, `made-${++made}${extension}`);

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args);
  expect([args, code, stderr]).toEqual([args, 0, '']);
  return stdout.toString();
}

/** Plans a job with `args` and returns its place. */
async function plan(args: readonly string[], place = fresh()): Promise<string> {
  await done('plan', ...args, '-o', place, '-q', '--json');
  return place;
}

async function shardsOf(place: string): Promise<number> {
  const job = await openJob(place);
  await job.close();
  return job.manifest.shards.length;
}

async function partsFolder(place: string): Promise<string> {
  const [id = ''] = await readdir(join(place, 'parts'));
  return join(place, 'parts', id);
}

async function partsOf(place: string): Promise<string[]> {
  return (await readdir(await partsFolder(place)).catch(() => [])).sort();
}

/** Runs all shards, several at a time, in an unusual order. */
async function runAll(place: string): Promise<void> {
  const left = Array.from({ length: await shardsOf(place) }, (_, index) => index).reverse();
  const worker = async (threads: number) => {
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      expect(await runShard(place, index, { threads })).toBe(true);
    }
  };
  await Promise.all([worker(1), worker(2), worker(3)]);
}

describe('a sharded job', () => {
  it.each([
    ['sentences', [], 'topk', 9, '.parquet'],
    ['digits', [], 'pairs', 13, '.npz'],
    ['digits', ['--copy'], 'matrix', 11, '.npy'],
    ['double', [], 'topk', 5, '.npy'],
    ['double', ['--against', 'double'], 'topk', 7, '.csv'],
    ['double', ['--against', 'double'], 'pairs', 7, '.jsonl'],
    ['double', ['--against', 'double', '--dtype', 'float32'], 'matrix', 7, '.npy'],
    ['text', [], 'pairs', 4, '.csv'],
    ['holes', ['--non-finite', 'zero'], 'topk', 5, '.npy'],
    ['few', ['--backend', 'wasm'], 'topk', 200, '.npy'],
    ['one', [], 'topk', 3, '.npy'],
    ['none', [], 'matrix', 3, '.npy'],
  ] as const)('of %s %j, %s: has the bytes of one machine', async (name, more, kind, shards, extension) => {
    const given = [rows[name] as string, ...more.map((word) => rows[word] ?? word)];
    const question = { topk: ['--top-k', '4'], pairs: ['--threshold', '0.6'], matrix: ['--matrix'] }[kind];
    const alone = { topk: ['-k', '4'], pairs: ['--threshold', '0.6'], matrix: [] }[kind];
    const place = await plan([...given, ...question, '--shards', `${shards}`]);
    await runAll(place);
    const [merged, single] = [fresh(extension), fresh(extension)];
    await done('merge', place, '-o', merged, '-q');
    await done(kind, ...given.filter((word) => word !== '--copy'), ...alone, '-o', single, '-q');
    expect((await readFile(merged)).equals(await readFile(single))).toBe(true);
    const job = await openJob(place);
    expect(job.manifest.x.within).toBe(name === 'text' || (more as readonly string[]).includes('--copy'));
  });

  it('adds names to the result and prints it in a pipe', async () => {
    const place = await plan([sentences, '--top-k', '2', '--shards', '3']);
    await runAll(place);
    const names = ['--labels', `${titles}:text`];
    expect(await done('merge', place, ...names, '-o', '-')).toBe(await done('topk', sentences, '-k', '2', ...names));
  });

  it('works with little memory', async () => {
    const place = await plan([sentences, '--threshold', '0.8', '--shards', '2']);
    for (const index of [0, 1]) await runShard(place, index, { memory: 12 * 2 ** 20, threads: 1 });
    const merged = fresh('.csv');
    await done('merge', place, '-o', merged, '-q');
    const single = fresh('.csv');
    await done('pairs', sentences, '--threshold', '0.8', '-o', single, '-q');
    expect(await readFile(merged, 'utf8')).toBe(await readFile(single, 'utf8'));
  });

  it('reads the shard number from the scheduler', async () => {
    const place = await plan([digits, '--top-k', '2', '--shards', '4']);
    for (const [at, name] of ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX', 'AWS_BATCH_JOB_ARRAY_INDEX'].entries()) {
      const { stderr } = await run(['run-shard', place], { env: { [name]: `${at}` } });
      expect(stderr).toBe(`shard ${at} of ${place}: done\n`);
    }
    const again = await run(['run-shard', place, '--index', '1']);
    expect([again.code, again.stderr]).toEqual([0, `shard 1 of ${place}: was done already\n`]);
    expect(await partsOf(place)).toEqual(['000000', '000001', '000002']);
  });

  it('writes the same bytes if two machines compute one shard at once', async () => {
    const place = await plan([digits, '--top-k', '2', '--shards', '2']);
    await Promise.all([0, 0, 0, 1].map((index) => runShard(place, index, {})));
    expect(await partsOf(place)).toEqual(['000000', '000001']);
  });

  it('stops at once when aborted and leaves no files', async () => {
    const place = await plan([digits, '--matrix', '--shards', '1']);
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(runShard(place, 0, { threads: 1, signal, onProgress })).rejects.toThrow('enough');
    expect(await partsOf(place)).toEqual([]);
    expect(await runShard(place, 0, {})).toBe(true);
  });
});

describe('planning a job', () => {
  it('reports the costs of the job', async () => {
    const costs = JSON.parse(await done('plan', digits, '--top-k', '10', '--shards', '20', '-o', fresh(), '--dry-run'));
    expect(costs).toMatchObject({ shards: 20, multiplyAdds: ((1797 * 1798) / 2) * 64 });
    expect(costs.balance).toBeLessThan(1.02);
    expect(costs.rate).toBeGreaterThan(1e6);
    expect(costs.bytesReadPerShard).toBeLessThan(1797 * 64 * 4);
    expect(costs.memoryBytes).toBeGreaterThan(costs.bytesReadPerShard);
  });

  it('writes nothing with --dry-run or if a row is not finite', async () => {
    const place = fresh();
    await done('plan', digits, '--matrix', '-o', place, '--dry-run');
    const { code, stderr } = await run(['plan', rows.holes as string, '--matrix', '-o', place]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('got NaN in row 50, column 3')]);
    expect((await readdir(folder)).includes(place)).toBe(false);
  });

  it('refuses contradictory or impossible requests', async () => {
    const there = await plan([digits, '--matrix', '--shards', '2']);
    for (const [args, code, message] of [
      [[digits, '-o', fresh()], 2, 'plan needs one of --top-k, --threshold and --matrix, but got none'],
      [[digits, '-o', fresh(), '--matrix', '--top-k', '2'], 2, 'but got 2'],
      [[digits, '-o', there, '--matrix'], 3, 'a job already exists'],
      [[digits, '-o', fresh(), '--matrix', '--against', sentences], 3, 'expected rows of length 64'],
      [[digits, '-o', fresh(), '--matrix', '--shards', '2000000'], 2, 'expected at most 1000000'],
      [[join(folder, 'no-such.npy'), '-o', fresh(), '--matrix'], 3, 'no such file'],
    ] as const) {
      const { code: came, stderr } = await run(['plan', ...args]);
      expect([args, came, stderr]).toEqual([args, code, expect.stringContaining(message)]);
    }
  });
});

describe('a job in a bucket', () => {
  it('gives the right result although one request in four fails', async () => {
    const s3 = await startFaultyS3({ faults: 0.25, seed: 11 });
    try {
      const inBucket = async (...args: string[]) => {
        const { code, stderr } = await run(args, { env: s3.environment });
        expect([args, code, stderr]).toEqual([args, 0, '']);
      };
      const runAndMerge = async (place: string, shards: number, output: string) => {
        const indices = Array.from({ length: shards }, (_, index) => index);
        await Promise.all(indices.map((index) => inBucket('run-shard', place, '--index', `${index}`, '--threads', '1', '-q')));
        await inBucket('merge', place, '-o', output, '-q');
      };
      const place = `s3://${s3.bucket}/runs/first`;
      // This leaves the rows in the bucket, where the second job uses them.
      await inBucket('plan', digits, '--top-k', '4', '--shards', '5', '-o', place, '-q', '--json');
      const [merged, single] = [fresh('.parquet'), fresh('.parquet')];
      await runAndMerge(place, 5, merged);
      await done('topk', digits, '-k', '4', '-o', single, '-q');
      expect((await readFile(merged)).equals(await readFile(single))).toBe(true);

      Object.assign(process.env, s3.environment);
      const job = await openJob(place);
      await job.close();
      const second = `s3://${s3.bucket}/runs/second`;
      await inBucket('plan', `${place}/${job.manifest.x.name}`, '--matrix', '--shards', '3', '-o', second, '-q', '--json');
      const [matrix, alone] = [fresh('.npy'), fresh('.npy')];
      await runAndMerge(second, 3, matrix);
      await done('matrix', digits, '-o', alone, '-q');
      expect((await readFile(matrix)).equals(await readFile(alone))).toBe(true);
      const { requests, ...failed } = s3.counts;
      expect(Object.values(failed).every((count) => count > 0)).toBe(true);
      expect(requests).toBeGreaterThan(60);
    } finally {
      await s3.close();
    }
  });
});

describe('a job command', () => {
  it('rejects a place without a job and a shard that does not exist', async () => {
    const place = await plan([digits, '--matrix', '--shards', '2']);
    for (const [args, code, message] of [
      [['run-shard', folder, '--index', '0'], 3, 'no job found'],
      [['run-shard', place, '--index', '2'], 3, 'expected a shard from 0 to 1'],
      [['run-shard', place], 2, 'run-shard needs --index, or one of the environment variables SLURM_ARRAY_TASK_ID'],
      [['merge', folder, '-o', fresh('.npy')], 3, 'no job found'],
      [['merge', place, '-o', fresh('.csv')], 2, 'expected a file name that ends in .npy'],
    ] as const) {
      const { code: came, stderr } = await run([...args]);
      expect([args, came, stderr]).toEqual([args, code, expect.stringContaining(message)]);
    }
  });

  it('refuses to merge while shards are missing', async () => {
    const place = await plan([digits, '--threshold', '0.9', '--shards', '5']);
    for (const index of [0, 3]) await runShard(place, index, {});
    const output = fresh('.csv');
    const { code, stderr } = await run(['merge', place, '-o', output]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('3 of 5 shards are not finished: 1-2,4')]);
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });

  it.each(['--top-k 3', '--threshold 0.8', '--matrix'])(
    'detects every damage to a part of %s and computes the part again',
    async (question) => {
      const place = await plan([digits, ...question.split(' '), '--shards', '3']);
      await runAll(place);
      const part = join(await partsFolder(place), '000001');
      const whole = await readFile(part);
      const flipped = (at: number) => {
        const copy = Buffer.from(whole);
        copy[at] = (whole[at] as number) ^ 4;
        return copy;
      };
      const damages = [
        ...Array.from({ length: 12 }, (_, at) => flipped(Math.floor((at / 12) * whole.length))),
        flipped(whole.length - 1),
        whole.subarray(0, whole.length - 40),
        whole.subarray(0, 1000),
        whole.subarray(0, 0),
        Buffer.concat([whole, Buffer.alloc(8)]),
        await readFile(join(await partsFolder(place), '000002')),
      ];
      const output = fresh(question === '--matrix' ? '.npy' : '.csv');
      for (const [at, damaged] of damages.entries()) {
        await writeFile(part, damaged);
        if (at % 4 === 0) {
          const { code, stderr } = await run(['merge', place, '-o', output]);
          expect([at, code, stderr]).toEqual([at, 3, expect.stringContaining(`run-shard ${place} --index 1`)]);
        }
        expect(await runShard(place, 1, {})).toBe(true);
        expect((await readFile(part)).equals(whole)).toBe(true);
      }
      expect((await readdir(folder)).some((name) => name.endsWith('.tmp'))).toBe(false);
    },
  );

  it('rejects rows that have changed since the job was planned', async () => {
    const input = fresh('.npy');
    const few = randomRows(3000, 100);
    await writeNpy(input, new Matrix(few.data, few.shape));
    const place = await plan([input, '--top-k', '2', '--shards', '1']);
    const bytes = await readFile(input);
    bytes[700_000] = (bytes[700_000] as number) ^ 1;
    await writeFile(input, bytes);
    const { code, stderr } = await run(['run-shard', place, '--index', '0']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('it has changed since the job was planned')]);
    await writeFile(input, bytes.subarray(0, 900_000));
    const { code: shorter, stderr: message } = await run(['run-shard', place, '--index', '0']);
    expect([shorter, message]).toEqual([
      3,
      expect.stringContaining('it had 1200128 bytes when the job was planned, and now it has 900000'),
    ]);
    await rm(input);
    const gone = await run(['run-shard', place, '--index', '0']);
    expect([gone.code, gone.stderr]).toEqual([
      3,
      expect.stringContaining(`${input}: this machine cannot find the rows of the job`),
    ]);
  });

  it('rejects kernels that are missing or round differently on this machine', async () => {
    const place = await plan([digits, '--matrix', '--shards', '2']);
    const path = join(place, 'job.json');
    const rewrite = async (change: object) => {
      const manifest = { ...decodeManifest(await readFile(path), path), ...change };
      await writeFile(path, encodeManifest(manifest as JobManifest));
      return run(['run-shard', place, '--index', '0']);
    };
    const missing = process.arch === 'x64' ? 'native-neon' : 'native-avx2';
    const { code, stderr } = await rewrite({ backend: missing });
    expect([code, stderr]).toEqual([1, expect.stringContaining(missing)]);
    const other = await rewrite({ backend: 'wasm', fingerprint: 'c0ffee' });
    expect([other.code, other.stderr]).toEqual([
      3,
      expect.stringContaining('backend "wasm" rounds differently on this machine'),
    ]);
  });

  it.skipIf(!SOFTWARE_DRIVER)('computes on a GPU with the bits of one machine, and rejects machines without it', async () => {
    const env = { VK_DRIVER_FILES: SOFTWARE_DRIVER as string };
    const by = ['--backend', 'webgpu-software'];
    const [place, whole, merged] = [fresh(), fresh('.npy'), fresh('.npy')];
    for (const args of [
      ['plan', rows.few as string, '--matrix', '--shards', '1', ...by, '-o', place, '-q'],
      ['run-shard', place, '--index', '0', '-q'],
      ['merge', place, '-o', merged, '-q'],
      ['matrix', rows.few as string, ...by, '-o', whole, '--memory', '1GiB', '-q'],
    ]) {
      const { code, stderr } = await run(args, { env });
      expect([args, code, stderr]).toEqual([args, 0, '']);
    }
    expect((await readFile(merged)).equals(await readFile(whole))).toBe(true);
    await rm(join(await partsFolder(place), (await partsOf(place))[0] as string));
    const without = { VK_DRIVER_FILES: join(folder, 'no-driver.json') };
    const { code, stderr } = await run(['run-shard', place, '--index', '0'], { env: without });
    expect([code, stderr]).toEqual([1, expect.stringContaining('WebGPU has no software adapter here')]);
  });

  it('rejects a manifest that is damaged or inconsistent', async () => {
    const place = await plan([digits, '--threshold', '0.9', '--shards', '2']);
    const path = join(place, 'job.json');
    const text = await readFile(path, 'utf8');
    const manifest = decodeManifest(Buffer.from(text), path);
    const { x } = manifest;
    const changed = (change: object) => encodeManifest({ ...manifest, ...change } as JobManifest);
    for (const bytes of [
      text.replace('0.9', '0.1'),
      text.slice(0, 100),
      '[]',
      'null',
      changed({ question: { kind: 'toString' } }),
      changed({ question: { kind: 'topk', k: 0 } }),
      changed({ dtype: 'float16' }),
      changed({ x: {} }),
      changed({ x: { ...x, layout: { ...x.layout, depth: 2 ** 40 } } }),
      changed({ x: { ...x, layout: { ...x.layout, rows: 2e6 } } }),
      changed({ x: { ...x, chunkBytes: 1e15 } }),
      changed({ shards: [] }),
      changed({ shards: manifest.shards.slice(1) }),
    ]) {
      await writeFile(path, bytes);
      const error = await openJob(place).then(
        (job) => job.close(),
        (reason: Error) => reason,
      );
      const what = String(bytes).slice(0, 200);
      expect([what, error?.message]).toEqual([what, expect.stringContaining(path)]);
      expect([what, exitCodeOf(error, new AbortController().signal)]).toEqual([what, 3]);
    }
    // Each command opens the job in the same way.
    for (const args of [
      ['run-shard', place, '--index', '0'],
      ['merge', place, '-o', fresh('.csv')],
    ]) {
      const { code, stderr } = await run(args);
      expect([code, stderr]).toEqual([3, expect.stringContaining(path)]);
    }
  });

  it('rejects an output that is an input, and an invalid place', async () => {
    const input = fresh('.npy');
    const few = randomRows(20, 4);
    await writeNpy(input, new Matrix(few.data, few.shape));
    const place = await plan([input, '--matrix', '--shards', '1']);
    await runAll(place);
    for (const [args, message] of [
      [['merge', place, '-o', input], 'that is an input'],
      [['plan', input, '--matrix', '-o', input], 'that is a file'],
    ] as const) {
      const { code, stderr } = await run([...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    const { code, stderr } = await run(['plan', input, '--matrix', '-o', 'gs://bucket/job']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('expected a folder or s3://bucket/prefix')]);
  });
});

describe('two plans for the same place', () => {
  it('create exactly one job, and it is complete', async () => {
    const place = fresh();
    const plans = [3, 4, 5].map((k) => run(['plan', digits, '--top-k', `${k}`, '--shards', '2', '--copy', '-o', place, '-q']));
    const codes = (await Promise.all(plans)).map(({ code }) => code);
    expect(codes.filter((code) => code === 0).length).toBe(1);
    await runAll(place);
    expect((await readdir(join(place, 'rows'))).length).toBe(2);
    await done('merge', place, '-o', fresh('.csv'), '-q');
  });

  it('do not share parts if the first job was removed before the second', async () => {
    const place = await plan([digits, '--top-k', '3', '--shards', '2']);
    await runAll(place);
    await rm(join(place, 'job.json'));
    await plan([digits, '--top-k', '3', '--shards', '2'], place);
    expect(JSON.parse(await done('status', place))).toMatchObject({ done: 0, missing: '0-1' });
  });
});
