// Measures what the calls without a matrix cost compared with the matrix. The pairs threshold is the score that one pair in 10,000
// reaches.
//
//     npx tsx bench/matrixless.ts               10000x384 random rows, two threads
//     npx tsx bench/matrixless.ts rows.npy      the rows of a file; groups at 0.95

import { availableParallelism } from 'node:os';
import { cosineSimilarity, groups, histogram, pairs, type Rows, readNpy, topK } from 'allpairs';
import { randomRows } from '../test/random.js';
import { type Candidate, compare, printRows } from './harness.js';

const file = process.argv[2];
const x: Rows & { shape: readonly number[] } = file?.endsWith('.npy')
  ? await readNpy(file)
  : randomRows(...((file ?? '10000x384').split('x').map(Number) as [number, number]));
const [rows, depth] = x.shape as [number, number];
const threads = Math.min(2, availableParallelism());
const { edges, atOrAbove, total } = await histogram(x, { bins: 20_000 });
const at = atOrAbove.findIndex((count) => count <= total / 10_000);
const threshold = edges[at] as number;
const kept = atOrAbove[at] as number;
const out = new Float32Array(rows * rows);
console.log(`${kept} of ${total} pairs at or above ${threshold.toFixed(4)}`);

/** `wrong` is the difference from the histogram. */
function candidate(name: string, run: () => Promise<unknown>, wrong: () => Promise<number>): Candidate {
  const time = async (iterations: number) => {
    const start = performance.now();
    for (let i = 0; i < iterations; i++) await run();
    return (performance.now() - start) / 1000;
  };
  return { name, bound: 0, error: wrong, time };
}

/** Everything here is timed more than once. */
const SLOW_SECONDS = 60;
const BASELINE = 'matrix, into a buffer';
const similar = threshold > 0.95 ? threshold : 0.95;
const candidates = [
  candidate(
    BASELINE,
    () => cosineSimilarity(x, { out, threads }),
    async () => {
      const { data } = await cosineSimilarity(x, { out, threads });
      let count = 0;
      for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) if ((data[i * rows + j] as number) >= threshold) count++;
      return Math.abs(count - kept);
    },
  ),
  candidate(
    'topK, k = 10',
    () => topK(x, { k: 10, threads }),
    async () => Math.abs((await topK(x, { k: 10, threads })).indices.length - 10 * rows),
  ),
  candidate(
    'pairs',
    () => pairs(x, { threshold, threads }),
    async () => Math.abs((await pairs(x, { threshold, threads })).length - kept),
  ),
  candidate(
    'pairs at 0.95',
    () => pairs(x, { threshold: similar, threads }),
    async () => 0,
  ),
  candidate(
    'groups at 0.95',
    () => groups(x, { threshold: similar, threads }),
    async () => Math.min(0, (await groups(x, { threshold: similar, threads })).groups.length),
  ),
  candidate(
    'histogram',
    () => histogram(x, { threads }),
    async () => Math.abs((await histogram(x, { threads })).total - total),
  ),
];
printRows(
  `${rows} x ${depth}, float32, ${threads} threads`,
  await compare(candidates, BASELINE, 2 * rows * rows * depth, { seconds: 20, slowSeconds: SLOW_SECONDS }),
);
