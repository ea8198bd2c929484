// Finds the problem size from which threads pay off. This determines `smallWork` of a backend.
//
//     npx tsx bench/crossover.ts            or with the name of a backend

import type { BackendName } from 'allpairs';
import { BackendSelection } from '#src/backends/select.js';
import { checkDenseCall } from '#src/check.js';
import { computeDense, computeDenseSync } from '#src/engine/dense.js';
import { nodePlatform } from '#src/platform/node.js';
import { workOf } from '#src/problem.js';
import { randomRows } from '../test/random.js';
import { quantile } from './harness.js';

const RUNS = 60;
const backend = new BackendSelection(nodePlatform).chooseSync(process.argv[2] as BackendName | undefined);
console.log('size                   work   calling thread   2 threads');
for (const [rows, depth] of [
  [50, 64],
  [150, 64],
  [200, 128],
  [200, 384],
  [300, 384],
  [400, 384],
  [500, 384],
  [700, 384],
  [1000, 384],
] as const) {
  const call = checkDenseCall(randomRows(rows, depth), undefined, undefined);
  const here: number[] = [];
  const there: number[] = [];
  for (let run = 0; run < RUNS + 10; run++) {
    const start = performance.now();
    computeDenseSync(call, { backend, platform: nodePlatform, threads: undefined });
    const between = performance.now();
    await computeDense(call, { backend, platform: nodePlatform, threads: 2 });
    if (run < 10) continue;
    here.push(between - start);
    there.push(performance.now() - between);
  }
  const [median, threaded] = [here, there].map((times) =>
    quantile(
      times.sort((a, b) => a - b),
      0.5,
    )
      .toFixed(3)
      .padStart(10),
  );
  console.log(
    `${`${rows} x ${depth}`.padEnd(12)} ${workOf(call).toExponential(1).padStart(13)}   ${median} ms  ${threaded} ms`,
  );
}
