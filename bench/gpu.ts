// How fast is the GPU? Effective TFLOP/s (2 N² D / time, as if every score were computed) of the kernel, the matrix, top-10 and pairs, and PyTorch
// on the same card: `npx tsx bench/gpu.ts`. `--quick` takes few rows, `--rows` and `--depth` other sizes, and `--backend webgpu-software` rehearses it
// without a GPU. `--peak 67` is the card's float32 peak in TFLOP/s if the script does not know the card. Answers are compared with the default
// backend's before anything is timed. On Linux it needs a Vulkan driver, libvulkan1 and, for PyTorch, a python3 with torch.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BackendName, cosineSimilarity, histogram, pairs, runtimeInfo, topK } from 'allpairs';
import { randomRows } from '../test/random.js';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    backend: { type: 'string', default: 'webgpu' },
    peak: { type: 'string' },
    rows: { type: 'string' },
    depth: { type: 'string' },
    repeats: { type: 'string', default: '3' },
  },
});
const backend = given.backend as BackendName;
const depth = Number(given.depth ?? (given.quick ? 64 : 768));
const few = given.quick ? 600 : 20_000;
const many = Number(given.rows ?? (given.quick ? 1000 : 100_000));
const repeats = Number(given.repeats);

/** Float32 TFLOP/s of cards, without tensor cores, as their makers give them. */
const PEAKS: readonly (readonly [RegExp, number])[] = [
  [/H[12]00/, 67],
  [/A100/, 19.5],
  [/L40S/, 91.6],
  [/\bL4\b/, 30.3],
  [/\bA10\b/, 31.2],
  [/\bT4\b/, 8.1],
  [/RTX 4090/, 82.6],
];
let peak = given.peak === undefined ? undefined : Number(given.peak);

interface Timed {
  readonly what: string;
  readonly rows: number;
  readonly ms: number;
}

async function timed(what: string, rows: number, call: () => Promise<unknown>): Promise<Timed> {
  await call();
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return { what, rows, ms: times.sort((a, b) => a - b)[Math.floor(repeats / 2)] as number };
}

/** Throws where the GPU finds other rows for some of them than the default backend, or scores that differ by more than 2e-6. */
async function compareAnswers(): Promise<void> {
  const x = randomRows(few, depth, 1);
  const queries = { data: x.data.slice(0, 50 * depth), shape: [50, depth] };
  const [got, want] = [await topK(queries, x, { k: 10, backend }), await topK(queries, x, { k: 10 })];
  let worst = 0;
  for (const [at, score] of got.scores.entries()) worst = Math.max(worst, Math.abs(score - (want.scores[at] as number)));
  const differing = got.indices.filter((index, at) => index !== want.indices[at]).length;
  console.log(`top-10 of 50 rows: scores differ by ${worst.toExponential(1)} at most, ${differing} of 500 places`);
  if (worst > 2e-6 || differing > 5) throw new Error('the answers differ');
}

function print({ what, rows, ms }: Timed, of: string): void {
  const rate = (2 * rows * rows * depth) / ms / 1e9;
  // Scores of x with itself are computed once for both triangles.
  const ofPeak =
    peak !== undefined && of === 'allpairs' ? `, ${((50 * rate) / peak).toPrecision(2)} % of the peak in work done` : '';
  console.log(`${of}: ${what}, ${rows} x ${depth}: ${ms.toFixed(1)} ms, ${rate.toPrecision(3)} effective TFLOP/s${ofPeak}`);
}

await compareAnswers();
const adapter = runtimeInfo().backends.find(({ name }) => name === backend)?.description ?? '';
peak ??= PEAKS.find(([name]) => name.test(adapter))?.[1];
console.log(`${adapter}, ${peak === undefined ? 'float32 peak unknown: pass --peak' : `float32 peak ${peak} TFLOP/s`}`);
const x = randomRows(few, depth, 1);
const large = randomRows(many, depth, 2);
const out = new Float32Array(few * few);
print(await timed('histogram (the kernel, nothing comes back)', few, () => histogram(x, { bins: 20, backend })), 'allpairs');
print(
  await timed('histogram (the kernel, nothing comes back)', many, () => histogram(large, { bins: 20, backend })),
  'allpairs',
);
print(await timed('matrix, to memory that was used before', few, () => cosineSimilarity(x, { out, backend })), 'allpairs');
print(await timed('top-10', many, () => topK(large, { k: 10, backend })), 'allpairs');
print(await timed('pairs at 0.9', many, () => pairs(large, { threshold: 0.9, backend })), 'allpairs');

const script = fileURLToPath(new URL('peers/torch_gpu.py', import.meta.url));
const { stdout, stderr, status } = spawnSync('python3', [script, `${few}`, `${many}`, `${depth}`, `${repeats}`], {
  encoding: 'utf8',
});
if (status === 0) for (const line of JSON.parse(stdout) as Timed[]) print(line, 'PyTorch');
else console.log(`PyTorch was not measured: ${(stderr || 'python3 did not start').trim().split('\n').at(-1)}`);
