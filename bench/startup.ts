// How long from the start of a process to its first small result, beside an empty process? Interleaved, medians.
//
//     npx tsx bench/startup.ts

import { execFileSync } from 'node:child_process';
import { quantile } from './harness.js';

const FIRST_RESULT = `
  import { cosineSimilaritySync } from 'allpairs';
  cosineSimilaritySync({ data: new Float32Array(50 * 64).fill(1), shape: [50, 64] });
`;
const SCRIPTS = { empty: '0', 'first 50 x 64 result': FIRST_RESULT };
const RUNS = 25;

const times = new Map<string, number[]>();
for (let run = 0; run <= RUNS; run++) {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    const start = performance.now();
    execFileSync(process.execPath, ['--input-type=module', '-e', script]);
    if (run > 0) times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
  }
}
const medians = [...times].map(([name, samples]) => {
  samples.sort((a, b) => a - b);
  console.log(
    `${name}: ${quantile(samples, 0.5).toFixed(1)} ms (${quantile(samples, 0.1).toFixed(1)} .. ${quantile(samples, 0.9).toFixed(1)})`,
  );
  return quantile(samples, 0.5);
});
console.log(`difference of the medians: ${((medians[1] ?? 0) - (medians[0] ?? 0)).toFixed(1)} ms`);
