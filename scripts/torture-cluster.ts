// Runs four workers on one machine, kills some of them and stops Redis, and compares the result with that of one process byte for byte.
//
//     npm run torture-cluster -- rows.npy [rounds]         10,000 rows take a few minutes

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { QUESTIONS, referenceFor, runCluster, TROUBLES } from '../test/torture/cluster.js';

const [input, rounds = '3'] = process.argv.slice(2);
if (!input) throw new Error('usage: npm run torture-cluster -- rows.npy [rounds]');
const SHARDS = 60;

const folder = await mkdtemp(join(tmpdir(), 'allpairs-torture-'));
try {
  for (const question of Object.keys(QUESTIONS)) {
    const reference = await referenceFor(resolve(input), question, folder);
    for (const trouble of TROUBLES) {
      for (let seed = 1; seed <= (trouble === 'none' ? 1 : Number(rounds)); seed++) {
        const outcome = await runCluster(resolve(input), question, reference, trouble, { shards: SHARDS, seed, folder });
        const { shards, seconds, killed, again } = outcome;
        const facts = `${shards} shards in ${seconds.toFixed(1)} s, ${killed} workers killed, ${again} shards delivered again`;
        console.log(`${question.padEnd(7)} ${trouble.padEnd(23)} seed ${seed}: the same bytes; ${facts}`);
      }
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
