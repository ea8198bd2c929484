// Measures how well jobs are cut, with the real planner and simulated workers: `npx tsx bench/cluster.ts`. Computes no scores.
//
// Balance is the work of the largest shard divided by the mean. Reading compares the rows that a shard reads with two bounds: 2 sqrt(w)
// rows of a square block with w scores, the least for one block of rows against another, and sqrt(2 w), the least for any set of rows
// with w pairs, which blocks reach only on the diagonal.

import { cutShards, pairsOfShard, rowsOfShard } from '../src/cluster/job/shards.js';
import { randomSource } from '../test/random.js';

const WORKERS = 1000;
const DEPTH = 768;

interface Cut {
  readonly pairs: number[];
  readonly read: number[];
}

function cut(rows: number, cols: number | undefined, count: number): Cut {
  const symmetric = cols === undefined;
  const shards = cutShards({ rows, cols }, count);
  return {
    pairs: shards.map((shard) => pairsOfShard(shard, symmetric)),
    read: shards.map((shard) => rowsOfShard(shard, symmetric)),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));

/**
 * Returns how much later the last worker finishes than with perfectly even work. Workers take the next shard when they have finished
 * one. Each has its own speed, and one in a hundred is half as fast as the others.
 */
function lastOverMean(pairs: readonly number[], workers: number): number {
  const random = randomSource(7);
  const speeds = Array.from({ length: workers }, () => (random() < 0.01 ? 0.5 : 0.95 + 0.1 * random()));
  const busy = Float64Array.from(speeds, () => 0);
  const queue = [...pairs];
  for (const work of queue) {
    // The next shard goes to the worker that is free first.
    let first = 0;
    for (let worker = 1; worker < workers; worker++) if ((busy[worker] as number) < (busy[first] as number)) first = worker;
    busy[first] = (busy[first] as number) + work / (speeds[first] as number);
  }
  const even = pairs.reduce((sum, work) => sum + work, 0) / speeds.reduce((sum, speed) => sum + speed, 0);
  return most(Array.from(busy)) / even;
}

const lines = [
  ['rows', 'against', 'shards', 'balance', 'read/square', 'most', 'read/any', 'GB a shard', `last of ${WORKERS} workers`],
];
let failed = false;
for (const [rows, cols, shards] of [
  [1e5, undefined, WORKERS],
  [1e6, undefined, WORKERS],
  [1e7, undefined, WORKERS],
  [1e8, undefined, WORKERS],
  [1e7, undefined, 10 * WORKERS],
  [1e7, undefined, 40 * WORKERS],
  [1e7, 1e6, WORKERS],
  [1e7, 1e6, 10 * WORKERS],
] as const) {
  const { pairs, read } = cut(rows, cols, shards);
  const square = 2 * Math.sqrt(mean(pairs));
  const balance = most(pairs) / mean(pairs);
  const worst = most(read) / square;
  failed ||= balance >= 1.1 || worst >= 1.3;
  lines.push([
    rows.toExponential(0),
    cols?.toExponential(0) ?? 'itself',
    String(pairs.length),
    balance.toFixed(4),
    (mean(read) / square).toFixed(3),
    worst.toFixed(3),
    (mean(read) / Math.sqrt(2 * mean(pairs))).toFixed(3),
    ((most(read) * DEPTH * 4) / 1e9).toFixed(2),
    `${lastOverMean(pairs, WORKERS).toFixed(3)}x even work`,
  ]);
}
const widths = (lines[0] as string[]).map((_, column) => most(lines.map((line) => (line[column] as string).length)));
for (const line of lines) console.log(line.map((cell, column) => cell.padStart(widths[column] as number)).join('  '));
if (failed) {
  console.error('balance must be below 1.1, and reading below 1.3 of square blocks');
  process.exitCode = 1;
}
