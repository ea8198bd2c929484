// The protocol with which the method was published: a new process calls each method once and then a hundred times, and the mean counts.
// Compilers have seen little of the code by then, as in scripts or servers that make few calls.

import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quantile, type Timed } from '../src/cli/interleaved-timing.js';
import { backendsToMeasure, CheckedRows, FLOAT32_BOUND, RIVAL_BOUND } from './harness.js';
import type { RowBlock } from './methods.js';
import { type FreshTimes, PythonPeers } from './peers/python.js';
import type { TimesTable } from './report.js';
import type { BenchRun } from './section.js';

const CALLS = 100;
const WARM_UP = 5000;
const PROCESSES = 10;
const REST_MS = 200;
const BASELINE = 'PyTorch formula';
const RIVALS = ['PyTorch formula', 'NumPy formula', 'scikit-learn'];
const CHILD = fileURLToPath(new URL('fresh-call.mjs', import.meta.url));

interface Sample extends FreshTimes {
  readonly error: number;
}

interface Way {
  readonly name: string;
  readonly bound: number;
  readonly start: () => Promise<Sample>;
}

/** Returns three tables: calls after the first, first calls, and calls after thousands. */
export async function freshProcesses(run: BenchRun, x: RowBlock & { data: Float32Array }): Promise<TimesTable[]> {
  const [rows, depth] = x.shape;
  const path = join(tmpdir(), `allpairs-fresh-${process.pid}.f32`);
  await writeFile(path, x.data);
  const checked = new CheckedRows(x);
  const ways: Way[] = backendsToMeasure().map((backend) => ({
    name: `allpairs ${backend}`,
    bound: FLOAT32_BOUND,
    start: async () => {
      const args = [CHILD, path, String(rows), String(depth), String(CALLS), String(WARM_UP)];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, ALLPAIRS_BACKEND: backend },
        maxBuffer: 2 ** 26,
      });
      const { scores, ...times } = JSON.parse(stdout) as FreshTimes & { scores: string };
      const bytes = new Uint8Array(Buffer.from(scores, 'base64'));
      return { ...times, error: checked.errorOfMatrix(new Float32Array(bytes.buffer)) };
    },
  }));
  for (const name of RIVALS) {
    const first = await PythonPeers.start(run, 'original', name);
    first?.stop();
    if (!first) continue;
    ways.push({
      name,
      bound: RIVAL_BOUND,
      start: async () => {
        const peers = (await PythonPeers.start(run, 'original', name)) as PythonPeers;
        await peers.load(x);
        const times = await peers.timeFresh(name, CALLS, WARM_UP);
        const error = checked.errorOfRows(await peers.rows(name, checked.indices));
        peers.stop();
        return { ...times, error };
      },
    });
  }
  const samples = ways.map(() => [] as Sample[]);
  for (let round = 0; round < (run.quick ? 1 : PROCESSES); round++) {
    for (const [at, { name, bound, start }] of ways.entries()) {
      // The previous process may still be ending.
      await setTimeout(REST_MS);
      const sample = await start();
      if (!(sample.error <= bound)) throw new Error(`${name} is off by ${sample.error}; at most ${bound} counts as an answer`);
      samples[at]?.push(sample);
    }
  }
  await rm(path);
  const table = (id: string, title: string, field: keyof FreshTimes): TimesTable => {
    const baseline = ways.find(({ name }) => name === BASELINE)?.name ?? (ways[0] as Way).name;
    const base = samples[ways.findIndex(({ name }) => name === baseline)]?.map((sample) => sample[field]) ?? [];
    return {
      kind: 'times',
      id,
      title,
      baseline,
      rows: ways.map(({ name }, at) => timed(name, samples[at] ?? [], field, base)),
    };
  };
  return [
    table(
      `${rows}x${depth} fresh`,
      `${rows} x ${depth} in a fresh process: the mean of ${CALLS} calls after the first`,
      'seconds',
    ),
    table(`${rows}x${depth} warm`, `${rows} x ${depth} in such a process, after ${WARM_UP} calls more`, 'warmSeconds'),
    table(`${rows}x${depth} first`, `${rows} x ${depth}: the first call of a process, after its imports`, 'firstSeconds'),
  ];
}

function timed(name: string, samples: readonly Sample[], field: keyof FreshTimes, base: readonly number[]): Timed {
  const sorted = (values: number[]) => values.sort((a, b) => a - b);
  const times = sorted(samples.map((sample) => 1000 * sample[field]));
  const ratios = sorted(samples.map((sample, round) => (base[round] ?? Number.NaN) / sample[field]));
  return {
    name,
    medianMs: quantile(times, 0.5),
    lowMs: quantile(times, 0.25),
    highMs: quantile(times, 0.75),
    samples: times.length,
    error: Math.max(...samples.map(({ error }) => error)),
    ratio: quantile(ratios, 0.5),
    gflops: 0,
  };
}
