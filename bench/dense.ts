// How fast is the dense matrix, beside the formula in PyTorch and NumPy, scikit-learn, and the plain methods in TypeScript?
//
//     npm run bench                     three sizes, two threads
//     npm run bench -- 10000x768        another size
//     npm run bench -- --without-slow   without the plain methods in TypeScript
//     npm run bench -- --json           the figures as JSON

import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cosineSimilarity, cosineSimilaritySync, type Matrix, runtimeInfo } from 'allpairs';
import { randomRows } from '../test/random.js';
import { backendsToMeasure, type Candidate, compare, printRows, type Row } from './harness.js';
import { matrixFormula, normaliseThenMultiply, perPairLoop } from './methods.js';
import { PythonPeers } from './peers/python.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    threads: { type: 'string' },
    seconds: { type: 'string', default: '15' },
    'without-slow': { type: 'boolean' },
  },
});
const sizes = (positionals.length > 0 ? positionals : ['50x64', '1000x384', '4000x768']).map(
  (size) => size.split('x').map(Number) as [number, number],
);
const threads = Number(values.threads ?? Math.min(2, availableParallelism()));

/** Rows whose scores are checked against float64, spread over the matrix. */
const CHECKED_ROWS = 8;
const FLOAT32_BOUND = 1e-6;
/** The plain formula in float32 has no bound of its own; this much it keeps on such data. */
const RIVAL_BOUND = 5e-6;
const BASELINE = 'PyTorch formula';
const MOST_PLAIN_ROWS = 4000;

const peers = await PythonPeers.start(threads, 'dense');
const report: { size: string; rows: Row[] }[] = [];
for (const [rows, depth] of sizes) {
  const size = `${rows} x ${depth}`;
  const x = randomRows(rows, depth);
  await peers?.load(x.data, x.shape);
  const measured = await compare(
    candidatesFor(x),
    peers?.methods.includes(BASELINE) ? BASELINE : 'matrix formula, TypeScript',
    2 * rows * rows * depth,
    Number(values.seconds),
  );
  report.push({ size, rows: measured });
  if (!values.json) printRows(`${size}, float32, ${threads} threads`, measured);
}
if (values.json) console.log(JSON.stringify({ environment: environment(), report }, null, 2));
else console.log(`\n${Object.values(environment()).join(', ')}`);
peers?.stop();

function candidatesFor(x: { data: Float32Array; shape: [number, number] }): Candidate[] {
  const [rows, depth] = x.shape;
  const indices = Array.from({ length: Math.min(CHECKED_ROWS, rows) }, (_, i) => Math.floor((i * rows) / CHECKED_ROWS));
  const someRows = indices.map((i) => x.data.subarray(i * depth, (i + 1) * depth));
  const truth = cosineSimilaritySync(someRows, x, { backend: 'reference', dtype: 'float64' }).data;
  const errorOf = (scores: ArrayLike<number>) =>
    truth.reduce((worst: number, score: number, i: number) => Math.max(worst, Math.abs(score - (scores[i] as number))), 0);
  const pick = (data: Float32Array | Float64Array) =>
    indices.flatMap((i) => Array.from(data.subarray(i * rows, (i + 1) * rows)));

  const synchronous = (name: string, run: () => Float32Array | Float64Array, bound: number): Candidate => ({
    name,
    bound,
    error: () => errorOf(pick(run())),
    time: (iterations) => {
      const start = performance.now();
      for (let i = 0; i < iterations; i++) run();
      return (performance.now() - start) / 1000;
    },
  });
  const asynchronous = (name: string, run: () => Promise<Matrix>): Candidate => ({
    name,
    bound: FLOAT32_BOUND,
    error: async () => errorOf(pick((await run()).data)),
    time: async (iterations) => {
      const start = performance.now();
      for (let i = 0; i < iterations; i++) await run();
      return (performance.now() - start) / 1000;
    },
  });

  const ours = backendsToMeasure().flatMap((backend) => {
    const sync = synchronous(`allpairs ${backend}, sync`, () => cosineSimilaritySync(x, { backend }).data, FLOAT32_BOUND);
    const async = asynchronous(`allpairs ${backend}, ${threads} threads`, () => cosineSimilarity(x, { backend, threads }));
    const one = asynchronous(`allpairs ${backend}, 1 thread`, () => cosineSimilarity(x, { backend, threads: 1 }));
    // As a program that computes again and again would: without first touch of new memory.
    const out = new Float32Array(rows * rows);
    const again = asynchronous(`allpairs ${backend}, ${threads} threads, out`, () =>
      cosineSimilarity(x, { backend, threads, out }),
    );
    return rows <= 100 ? [sync] : [async, again, one, sync];
  });
  const theirs = (peers?.methods ?? []).map((method) => ({
    name: method,
    bound: RIVAL_BOUND,
    error: async () => errorOf((await peers?.rows(method, indices)) ?? []),
    time: (iterations: number) => peers?.time(method, iterations) ?? 0,
  }));
  // At more rows these take minutes.
  if (rows > MOST_PLAIN_ROWS || values['without-slow']) return [...ours, ...theirs];
  return [
    ...ours,
    ...theirs,
    synchronous('normalise and multiply, TypeScript', () => normaliseThenMultiply(x), RIVAL_BOUND),
    synchronous('matrix formula, TypeScript', () => matrixFormula(x), RIVAL_BOUND),
    synchronous('loop over pairs, TypeScript', () => perPairLoop(x), RIVAL_BOUND),
  ];
}

function environment() {
  const { runtime, backends } = runtimeInfo();
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: `${availableParallelism()} cores`,
    runtime,
    native: backends.find(({ name }) => name === 'native')?.description ?? '',
    wasm: backends.find(({ name }) => name === 'wasm')?.description ?? '',
    python: Object.entries(peers?.versions ?? {})
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  };
}
