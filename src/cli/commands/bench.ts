// `allpairs bench`: the speed of this machine, on every backend that runs here, without any other software.

import { availableParallelism, cpus } from 'node:os';
import { type BackendName, cosineSimilarity, cosineSimilaritySync, runtimeInfo, topK } from '../../index.js';
import { type Candidate, compare, indistinct, type Timed, timeCalls, timeSynchronousCalls } from '../interleaved-timing.js';
import { bold, dim, formatTable, print, printJson, wantsJson, yellow } from '../output.js';

export interface BenchOptions {
  readonly threads?: number;
  /** Time limit for each table. */
  readonly seconds: number;
  readonly json?: boolean;
}

const DENSE: readonly (readonly [rows: number, depth: number])[] = [
  [50, 64],
  [1000, 384],
  [4000, 768],
];
const TOP_K: readonly (readonly [rows: number, depth: number])[] = [[4000, 384]];
const K = 10;
/** Up to this many rows, the Sync call is measured, which does not wait for threads. */
const SYNCHRONOUS_ROWS = 100;
const CHECKED_ROWS = 8;
/** The error that the numeric contract allows. */
const BOUND = 1e-6;

type Input = { readonly data: Float32Array; readonly shape: readonly [rows: number, depth: number] };

export async function runBench(
  { threads = availableParallelism(), seconds, json }: BenchOptions,
  signal: AbortSignal,
): Promise<void> {
  const asJson = wantsJson({ json });
  const { runtime, backends } = runtimeInfo();
  const measured: BackendName[] = backends.flatMap(({ name, available, byName }) =>
    available && !byName && name !== 'reference' ? [name] : [],
  );
  const machine = { processor: cpus()[0]?.model.trim(), cores: availableParallelism(), threads, runtime };
  const told = Object.fromEntries(
    backends.flatMap(({ name, description }) => (measured.includes(name) ? [[name, description]] : [])),
  );
  const tables = [];
  for (const [call, sizes, candidatesOf] of [
    ['matrix', DENSE, matrixCandidates],
    ['top 10', TOP_K, topKCandidates],
  ] as const) {
    for (const [rows, depth] of sizes) {
      signal.throwIfAborted();
      const candidates = candidatesOf(madeRows(rows, depth), measured, threads);
      const timed = await compare(candidates, candidates[0]?.name ?? '', 2 * rows * rows * depth, { seconds });
      if (asJson) tables.push({ call, rows, depth, timed });
      else printTimes(`${call}, ${rows} x ${depth}`, timed);
    }
  }
  if (asJson) printJson({ ...machine, backends: told, tables });
  else
    print(
      dim(`\n${machine.processor}, ${machine.cores} cores, ${threads} threads, ${runtime}; ${Object.values(told).join('; ')}`),
    );
}

function matrixCandidates(x: Input, backends: readonly BackendName[], threads: number): Candidate[] {
  const [rows] = x.shape;
  const checked = checkedRows(x);
  const truth = checked.map((i) => scoresOf(x, i));
  const errorOf = ({ data }: { data: Float32Array | Float64Array }) =>
    largest(checked.map((i, at) => distance(truth[at] as Float64Array, data.subarray(i * rows, (i + 1) * rows))));
  return backends.map((backend): Candidate => {
    const call = () => cosineSimilarity(x, { backend, threads });
    const synchronous = () => cosineSimilaritySync(x, { backend });
    return rows <= SYNCHRONOUS_ROWS
      ? { name: backend, bound: BOUND, error: () => errorOf(synchronous()), time: timeSynchronousCalls(synchronous) }
      : { name: backend, bound: BOUND, error: async () => errorOf(await call()), time: timeCalls(call) };
  });
}

function topKCandidates(x: Input, backends: readonly BackendName[], threads: number): Candidate[] {
  const checked = checkedRows(x);
  const truth = checked.map((i) => {
    const others = scoresOf(x, i).filter((_, j) => j !== i);
    return others.sort().reverse().subarray(0, K);
  });
  return backends.map((backend): Candidate => {
    const call = () => topK(x, { k: K, backend, threads });
    const error = async () => {
      const { scores } = await call();
      return largest(checked.map((i, at) => distance(truth[at] as Float64Array, scores.subarray(i * K, (i + 1) * K))));
    };
    return { name: backend, bound: BOUND, error, time: timeCalls(call) };
  });
}

/** Returns the same rows in every run, with elements of either sign. */
function madeRows(rows: number, depth: number): Input {
  let state = 1;
  const data = new Float32Array(rows * depth);
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state / 2 ** 31;
  }
  return { data, shape: [rows, depth] };
}

function checkedRows({ shape: [rows] }: Input): number[] {
  return Array.from({ length: CHECKED_ROWS }, (_, i) => Math.floor((i * rows) / CHECKED_ROWS));
}

/** Returns the scores of one row with all rows, computed in float64 by plain loops. */
function scoresOf(x: Input, row: number): Float64Array {
  const depth = x.shape[1];
  const one = [x.data.subarray(row * depth, (row + 1) * depth)];
  return cosineSimilaritySync(one, x, { backend: 'reference', dtype: 'float64' }).data as Float64Array;
}

function distance(truth: Float64Array, scores: Float32Array | Float64Array): number {
  return truth.reduce((worst, score, i) => Math.max(worst, Math.abs(score - (scores[i] as number))), 0);
}

function largest(values: readonly number[]): number {
  return Math.max(...values);
}

function printTimes(title: string, timed: readonly Timed[]): void {
  print(`\n${bold(title)}`);
  const head = ['', 'median', 'quartiles', 'GF/s', 'error', 'runs'].map(dim);
  const rows = timed.map(({ name, medianMs, lowMs, highMs, gflops, error, samples }) => [
    name,
    formatMs(medianMs),
    `${formatMs(lowMs)} .. ${formatMs(highMs)}`,
    gflops.toFixed(1),
    error.toExponential(1),
    String(samples),
  ]);
  print(formatTable([head, ...rows], ['left', 'right', 'right', 'right', 'right', 'right']));
  for (const [one, other] of indistinct(timed)) print(yellow(`${one} and ${other}: too near to tell in this run`));
}

function formatMs(ms: number): string {
  return ms < 1 ? `${(1000 * ms).toFixed(1)} µs` : `${ms.toFixed(ms < 100 ? 2 : 0)} ms`;
}
