// Compares sparse rows with the sparse product of SciPy: the ten nearest of TF-IDF rows (groups of three letters in company-like
// names), and all pairs at or above 0.8. Runs alternate, and times are medians; on a busy machine compare CPU time.
//
//     npx tsx bench/sparse.ts            20,000 names, two threads
//     npx tsx bench/sparse.ts 200000     more names; also components at 0.85, without SciPy above 50,000
//
// Needs SciPy and scikit-learn (bench/peers/python.ts explains how to install them).

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { groups, pairs, topK } from 'allpairs';
import { quantile } from './harness.js';
import { PYTHON } from './peers/python.js';

const RUNS = 3;
const THREADS = 2;
const THRESHOLD = 0.8;
/** SciPy takes minutes for more. */
const MAX_PEER_NAMES = 50_000;

const names = Number(process.argv[2] ?? 20_000);
const folder = await mkdtemp(join(tmpdir(), 'allpairs-sparse-'));

interface Time {
  readonly seconds: number;
  readonly cpu: number;
  readonly found: number;
}

async function python(...args: string[]): Promise<unknown> {
  const script = fileURLToPath(new URL('peers/sparse.py', import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON, [script, ...args]);
  return JSON.parse(stdout);
}

async function timed(run: () => Promise<number>): Promise<Time> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const found = await run();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6, found };
}

async function bytesOf(name: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(join(folder, name));
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

try {
  const { shape } = (await python('make', folder, `${names}`)) as { shape: [number, number] };
  const x = {
    indptr: new Int32Array(await bytesOf('indptr')),
    indices: new Int32Array(await bytesOf('indices')),
    data: new Float64Array(await bytesOf('data')),
    shape,
  };
  console.log(`${shape[0]} names, ${shape[1]} columns, ${x.data.length} stored elements`);
  const asPeer = (...args: string[]) =>
    python(args[0] as string, folder, JSON.stringify(shape), ...args.slice(1)) as Promise<Time>;
  const options = (dtype: 'float32' | 'float64', backend: 'native' | 'wasm') => ({ dtype, backend, threads: THREADS });
  const candidates: [string, () => Promise<Time>][] = [];
  for (const [name, asked] of [
    ['native, float32', options('float32', 'native')],
    ['native, float64', options('float64', 'native')],
    ['wasm, float32', options('float32', 'wasm')],
  ] as const) {
    candidates.push([`topK, ${name}`, () => timed(async () => (await topK(x, { k: 10, ...asked })).shape[0])]);
    for (const pruning of ['auto', 'off'] as const) {
      const label = pruning === 'off' ? ', pruning off' : '';
      const run = async () => (await pairs(x, { threshold: THRESHOLD, pruning, ...asked })).length;
      candidates.push([`pairs, ${name}${label}`, () => timed(run)]);
    }
  }
  if (names <= MAX_PEER_NAMES) {
    candidates.push(['topK, SciPy', () => asPeer('topk')], ['pairs, SciPy', () => asPeer('pairs', `${THRESHOLD}`)]);
  } else {
    const asked = { threshold: 0.85, memoryBudget: 2 ** 30, ...options('float32', 'native') };
    candidates.push(['groups, native, float32', () => timed(async () => (await groups(x, asked)).groups.length)]);
    const whole = { ...asked, pruning: 'off' } as const;
    candidates.push(['groups, native, float32, pruning off', () => timed(async () => (await groups(x, whole)).groups.length)]);
  }
  const times = new Map<string, Time[]>(candidates.map(([name]) => [name, []]));
  for (let run = 0; run < RUNS; run++) for (const [name, time] of candidates) times.get(name)?.push(await time());
  const median = (all: readonly Time[], of: 'seconds' | 'cpu') =>
    quantile(
      all.map((time) => time[of]).sort((a, b) => a - b),
      0.5,
    );
  for (const [name, all] of times) {
    const figures = `${median(all, 'seconds').toFixed(2)} s, ${median(all, 'cpu').toFixed(2)} s of CPU time`;
    console.log(`${name.padEnd(38)} ${figures}, found ${all[0]?.found}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
