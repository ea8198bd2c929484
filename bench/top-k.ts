// How fast are the ten most similar rows of every row, beside FAISS, scikit-learn and usearch, which are exact too?
//
//     npx tsx bench/top-k.ts                    10000x384, two threads
//     npx tsx bench/top-k.ts 50000x384          another size

import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { cosineSimilaritySync, runtimeInfo, topK } from 'allpairs';
import { randomRows } from '../test/random.js';
import { backendsToMeasure, type Candidate, compare, printRows } from './harness.js';
import { PythonPeers } from './peers/python.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string' }, seconds: { type: 'string', default: '20' }, 'without-slow': { type: 'boolean' } },
});
const threads = Number(values.threads ?? Math.min(2, availableParallelism()));
const K = 10;
/** Rows whose scores are checked. */
const CHECKED_ROWS = 8;
/** FAISS at 50,000 rows takes ten seconds. */
const SLOW_SECONDS = 20;
const BASELINE = 'FAISS IndexFlatIP';

const peers = await PythonPeers.start(threads, 'top-k');
const usearch = values['without-slow'] ? undefined : await importUsearch();
for (const size of positionals.length > 0 ? positionals : ['10000x384']) {
  const [rows, depth] = size.split('x').map(Number) as [number, number];
  const x = randomRows(rows, depth);
  await peers?.load(x.data, x.shape);
  const measured = await compare(candidatesFor(x), BASELINE, 2 * rows * rows * depth, Number(values.seconds), SLOW_SECONDS);
  printRows(`top ${K} of ${rows} x ${depth}, float32, ${threads} threads`, measured);
}
console.log(`\n${cpus()[0]?.model}, ${availableParallelism()} cores, ${runtimeInfo().runtime}`);
peers?.stop();

interface Usearch {
  readonly MetricKind: { readonly Cos: unknown };
  exactSearch(
    data: Float32Array,
    queries: Float32Array,
    depth: number,
    count: number,
    metric: unknown,
    threads: number,
  ): { readonly distances: Float32Array };
}

async function importUsearch(): Promise<Usearch | undefined> {
  try {
    // Not among the project's own packages: the compiler must not look for it.
    const name = './peers/node_modules/usearch/javascript/dist/esm/usearch.js';
    return ((await import(name)) as { default: Usearch }).default;
  } catch {
    console.error('left out: usearch (see bench/peers/README.md)');
    return undefined;
  }
}

function candidatesFor(x: { data: Float32Array; shape: [number, number] }): Candidate[] {
  const [rows, depth] = x.shape;
  const indices = Array.from({ length: CHECKED_ROWS }, (_, i) => Math.floor((i * rows) / CHECKED_ROWS));
  const some = indices.map((i) => x.data.subarray(i * depth, (i + 1) * depth));
  const truth = indices.flatMap((row, i) => {
    const scores = cosineSimilaritySync([some[i] as Float32Array], x, { dtype: 'float64' }).data;
    return Array.from(scores, (score, j) => (j === row ? -2 : score))
      .sort((a, b) => b - a)
      .slice(0, K);
  });
  const errorOf = (scores: ArrayLike<number>) =>
    truth.reduce((worst, score, i) => Math.max(worst, Math.abs(score - (scores[i] as number))), 0);
  const timed = async (run: () => unknown, iterations: number) => {
    const start = performance.now();
    for (let i = 0; i < iterations; i++) await run();
    return (performance.now() - start) / 1000;
  };
  const ours = backendsToMeasure().map((backend) => {
    const run = () => topK(x, { k: K, backend, threads });
    const error = async () => {
      const { scores } = await run();
      return errorOf(indices.flatMap((i) => Array.from(scores.subarray(i * K, (i + 1) * K))));
    };
    return { name: `allpairs ${backend}`, bound: 1e-6, error, time: (iterations: number) => timed(run, iterations) };
  });
  const theirs = (peers?.methods ?? []).map((method) => ({
    name: method,
    bound: 5e-6,
    error: async () => errorOf((await peers?.rows(method, indices)) ?? []),
    time: (iterations: number) => peers?.time(method, iterations) ?? 0,
  }));
  const exact = usearch && (() => usearch.exactSearch(x.data, x.data, depth, K + 1, usearch.MetricKind.Cos, threads));
  const inNode = exact && {
    name: 'usearch exactSearch',
    bound: 5e-6,
    error: () => {
      const { distances } = exact();
      return errorOf(indices.flatMap((i) => Array.from(distances.subarray(i * (K + 1) + 1, (i + 1) * (K + 1)), (d) => 1 - d)));
    },
    time: (iterations: number) => timed(exact, iterations),
  };
  return [...ours, ...theirs, ...(inNode ? [inNode] : [])];
}
