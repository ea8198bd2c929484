// How fast is x against y, beside OpenBLAS's matrix product alone, without normalising?
//
//     npx tsx bench/cross.ts                     4000 x 4000 x 768, two threads
//     npx tsx bench/cross.ts 2000x384            another size: as many rows of y as of x

import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cosineSimilarity, cosineSimilaritySync, runtimeInfo } from 'allpairs';
import { randomRows } from '../test/random.js';
import { backendsToMeasure, type Candidate, compare, printRows } from './harness.js';
import { PythonPeers } from './peers/python.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string' }, seconds: { type: 'string', default: '20' } },
});
const threads = Number(values.threads ?? Math.min(2, availableParallelism()));
const BASELINE = 'NumPy x @ y.T alone';
/** Rows whose scores are checked. */
const CHECKED_ROWS = 8;

const peers = await PythonPeers.start(threads, 'cross');
for (const size of positionals.length > 0 ? positionals : ['4000x768']) {
  const [rows, depth] = size.split('x').map(Number) as [number, number];
  const x = randomRows(rows, depth);
  await peers?.load(x.data, x.shape);
  const measured = await compare(candidatesFor(x), BASELINE, 2 * rows * rows * depth, Number(values.seconds));
  printRows(`${rows} x ${rows} x ${depth}, float32, ${threads} threads`, measured);
}
console.log(`\n${cpus()[0]?.model}, ${availableParallelism()} cores, ${runtimeInfo().runtime}`);
peers?.stop();

function candidatesFor(x: { data: Float32Array; shape: [number, number] }): Candidate[] {
  const [rows, depth] = x.shape;
  const y = { data: new Float32Array(x.data.length), shape: x.shape };
  for (let i = 0; i < rows; i++) y.data.set(x.data.subarray((rows - 1 - i) * depth, (rows - i) * depth), i * depth);
  const indices = Array.from({ length: CHECKED_ROWS }, (_, i) => Math.floor((i * rows) / CHECKED_ROWS));
  const some = indices.map((i) => x.data.subarray(i * depth, (i + 1) * depth));
  const truth = cosineSimilaritySync(some, y, { backend: 'reference', dtype: 'float64' }).data;
  const errorOf = (scores: ArrayLike<number>) =>
    truth.reduce((worst: number, score: number, i: number) => Math.max(worst, Math.abs(score - (scores[i] as number))), 0);
  const buffer = new Float32Array(rows * rows);
  const ours = backendsToMeasure().flatMap((backend) =>
    [undefined, buffer].map((out) => ({
      name: `allpairs ${backend}${out ? ', out' : ''}`,
      bound: 1e-6,
      error: async () => {
        const { data } = await cosineSimilarity(x, y, { backend, threads, out });
        return errorOf(indices.flatMap((i) => Array.from(data.subarray(i * rows, (i + 1) * rows))));
      },
      time: async (iterations: number) => {
        const start = performance.now();
        for (let i = 0; i < iterations; i++) await cosineSimilarity(x, y, { backend, threads, out });
        return (performance.now() - start) / 1000;
      },
    })),
  );
  const theirs = (peers?.methods ?? []).map((method) => ({
    name: method,
    // What is no cosine can be no wrong one.
    bound: method === BASELINE ? Number.POSITIVE_INFINITY : 5e-6,
    error: async () => errorOf((await peers?.rows(method, indices)) ?? []),
    time: (iterations: number) => peers?.time(method, iterations) ?? 0,
  }));
  return [...ours, ...theirs];
}
