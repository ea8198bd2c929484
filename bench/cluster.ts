// How well jobs are cut: `npx tsx bench/cluster.ts`. The real planner, simulated workers; nothing is computed.
//
// Balance: the shard with the most work over the mean. Reading: the rows that a shard reads over those of a square block of as many
// scores, 2 sqrt(w), which is the least that a block of rows against a block of others can read; and over sqrt(2 w), the least that
// any set of rows needs to have w pairs, which no cutting into blocks reaches but on the diagonal.

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
 * Workers take the next shard when they are done with one; each has a speed of its own, and one in a hundred is half as fast as it
 * should be. How much later than at an even share of the work the last one ends.
 */
function lastOverMean(pairs: readonly number[], workers: number): number {
  const random = randomSource(7);
  const speeds = Array.from({ length: workers }, () => (random() < 0.01 ? 0.5 : 0.95 + 0.1 * random()));
  const busy = Float64Array.from(speeds, () => 0);
  const queue = [...pairs];
  for (const work of queue) {
    // The one that is free first takes it.
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
    `${lastOverMean(pairs, WORKERS).toFixed(3)} of an even share`,
  ]);
}
const widths = (lines[0] as string[]).map((_, column) => most(lines.map((line) => (line[column] as string).length)));
for (const line of lines) console.log(line.map((cell, column) => cell.padStart(widths[column] as number)).join('  '));
if (failed) {
  console.error('balance is to be under 1.1, reading under 1.3 of square blocks');
  process.exitCode = 1;
}
