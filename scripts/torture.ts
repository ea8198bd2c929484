// Kills runs at random moments (kill -9), resumes them, and compares their outputs with those of undisturbed runs.
//
//     npm run torture [-- --runs 100 --seed 1]

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killRuns } from '../test/torture/kills.js';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } } });
const runs = Number(values.runs);
const folder = await mkdtemp(join(tmpdir(), 'allpairs-torture-'));
try {
  const kills = await killRuns(folder, runs, Number(values.seed), (done) => {
    if (done % 10 === 0) console.log(`${done} of ${runs}`);
  });
  console.log(`${kills.runs} runs killed ${kills.kills} times, ${kills.resumed} times continued: all bytes equal`);
} finally {
  await rm(folder, { recursive: true });
}
