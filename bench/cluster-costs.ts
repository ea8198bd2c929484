// Computes the costs of jobs as the number of rows grows, for the tables of docs/cluster.md.
//
//     npx tsx bench/cluster-costs.ts [rows.npy] [backend]
//
// Measures multiply-adds per second of one core for each question, on real rows of depth 768. Everything else is arithmetic with the
// planner's shards and the prices and speeds below.

import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { measureRate } from '../src/cluster/job/measure-rate.js';
import { cutShards, pairsOfShard, rowsOfShard } from '../src/cluster/job/shards.js';
import { type BackendName, openRows, runtimeInfo } from '../src/index.js';
import { quantile } from './harness.js';

const [file = '../shared/data/labse-10k.npy', name] = process.argv.slice(2);
const DEPTH = 768;
const K = 10;
/** US dollars per core and hour, on demand. Interruptible machines cost a third of that. */
const PRICE = 0.04;
/** Bytes per second that one worker receives from a bucket. */
const BANDWIDTH = 200e6;
const RUNS = 5;

const path = file.startsWith('../') ? fileURLToPath(new URL(`../${file}`, import.meta.url)) : file;
const x = await openRows(path);
if (x.depth !== DEPTH) throw new Error(`expected rows of ${DEPTH}, got ${x.depth}`);
const backend = (name ?? runtimeInfo().backend) as BackendName;
const signal = new AbortController().signal;

async function rateOf(question: Parameters<typeof measureRate>[0]['question']): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run < RUNS; run++)
    rates.push(await measureRate({ question, dtype: 'float32', backend }, x, undefined, signal));
  return quantile(
    rates.sort((a, b) => a - b),
    0.5,
  );
}

const rates = {
  'top 10': await rateOf({ kind: 'topk', k: K }),
  'pairs at 0.8': await rateOf({ kind: 'pairs', threshold: 0.8 }),
  matrix: await rateOf({ kind: 'matrix' }),
};
console.log(`one core, ${backend}, depth ${DEPTH}, billions of multiply-adds per second:`);
for (const [question, rate] of Object.entries(rates)) console.log(`  ${question.padEnd(13)} ${(rate / 1e9).toFixed(1)}`);

const rate = rates['top 10'];
const time = (seconds: number): string => {
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 120) return `${seconds.toPrecision(2)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toPrecision(2)} h`;
  if (seconds < 730 * 86400) return `${Math.round(seconds / 86400)} days`;
  return `${Math.round(seconds / 86400 / 365.25)} years`;
};
const bytes = (count: number): string => {
  const unit = count >= 1e15 ? 'PB' : count >= 1e12 ? 'TB' : count >= 1e9 ? 'GB' : 'MB';
  const value = count / { PB: 1e15, TB: 1e12, GB: 1e9, MB: 1e6 }[unit];
  return `${value >= 100 ? Math.round(value) : value.toPrecision(2)} ${unit}`;
};
const money = (dollars: number): string => {
  if (dollars < 0.01) return 'under $0.01';
  return dollars < 10 ? `$${dollars.toFixed(2)}` : `$${Number(dollars.toPrecision(2)).toLocaleString('en-US')}`;
};

console.log(
  '\n| rows | pairs | rows take | shards | core hours | one machine of 16 cores | 1,000 cores | a shard reads | all read | parts of top 10 | price |',
);
console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const [rows, count] of [
  [1e5, 16],
  [1e6, 100],
  [1e7, 4000],
  [1e8, 10_000],
  [1e9, 100_000],
] as const) {
  const shards = cutShards({ rows, cols: undefined }, count);
  const coreSeconds = (rows * (rows + 1) * DEPTH) / 2 / rate;
  const rowsRead = shards.map((shard) => rowsOfShard(shard, true));
  const largest = rowsRead.reduce((a, b) => Math.max(a, b));
  const all = rowsRead.reduce((sum, some) => sum + some, 0);
  const shardSeconds = (shards.map((shard) => pairsOfShard(shard, true)).reduce((a, b) => Math.max(a, b)) * DEPTH) / rate;
  // One core per worker, so as many shards at a time as there are cores.
  const cores = Math.min(1000, shards.length);
  const rounds = Math.ceil(shards.length / cores);
  const perShard = shardSeconds + (largest * DEPTH * 4) / BANDWIDTH;
  console.log(
    `| ${[
      `10^${Math.log10(rows)}`,
      `${(rows ** 2 / 2).toExponential(0).replace('e+', ' x 10^')}`,
      bytes(rows * DEPTH * 4),
      shards.length.toLocaleString('en-US'),
      Number((coreSeconds / 3600).toPrecision(2)).toLocaleString('en-US'),
      time(coreSeconds / 16),
      time(rounds * perShard),
      bytes(largest * DEPTH * 4),
      bytes(all * DEPTH * 4),
      bytes(all * K * 8),
      money((coreSeconds / 3600) * PRICE),
    ].join(' | ')} |`,
  );
}
await x.close();
