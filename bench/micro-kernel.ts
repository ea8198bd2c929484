// Measures how close the micro-kernel comes to the arithmetic peak of 128-bit WASM on data in the first-level cache, and how close the
// macro-kernel comes on a tile.
//
//     npx tsx bench/micro-kernel.ts

import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bindKernels, compileKernels, type Kernels, probeKernelBuild } from '#src/backends/wasm/kernels.js';
import { nodePlatform } from '#src/platform/node.js';
import { quantile } from './harness.js';

interface GramKernels extends Kernels {
  gramColumnF32: (
    a: number,
    b: number,
    sums: number,
    stride: number,
    rows: number,
    panelBytes: number,
    depth: number,
    add: boolean,
  ) => void;
  gramColumnF64: GramKernels['gramColumnF32'];
}

const build = probeKernelBuild(nodePlatform);
const peak = await compilePeak();
const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536 });
const kernels = bindKernels(compileKernels(build, false), memory) as GramKernels;
new Float32Array(memory.buffer).forEach((_, i, all) => {
  all[i] = Math.sin(i);
});

const A = 1 << 20;
const B = 2 << 20;
const SUMS = 4 << 20;
const DEPTH = 256;
const TILE = 192;

const ITERATIONS = 10_000;
/** The number of chains in fma-peak.as.ts. */
const PEAK_CHAINS = 10;
const WARM_UP_MS = 1000;
const SAMPLES = 300;
const top = measure(() => peak(ITERATIONS, 0.999, 0.5), ITERATIONS * PEAK_CHAINS * 8);
print('128-bit FMA peak', top);
print(`micro-kernel, 12 x 12 x ${DEPTH}, ${build}`, column(kernels, 'gramColumnF32', 12, 48));
print(`column of a tile, ${TILE} x 12 x ${DEPTH}, ${build}`, column(kernels, 'gramColumnF32', TILE, 48));
print(
  `float64, column of a tile, ${TILE} x 6 x ${DEPTH}, ${build}`,
  2 * column(kernels, 'gramColumnF64', TILE, 48),
  'of the float64 peak, doubled',
);
/** GF/s of one column of a tile. */
function column(from: GramKernels, name: 'gramColumnF32' | 'gramColumnF64', rows: number, stepBytes: number): number {
  const cols = stepBytes / (name === 'gramColumnF32' ? 4 : 8);
  return measure(() => from[name](A, B, SUMS, stepBytes, rows, DEPTH * stepBytes, DEPTH, false), 2 * rows * cols * DEPTH);
}

/** Median GF/s over many samples, after the optimised code has taken over. */
function measure(run: () => void, flops: number): number {
  const repeat = Math.max(1, Math.ceil(5e7 / flops));
  const rates: number[] = [];
  const warm = performance.now() + WARM_UP_MS;
  for (let samples = 0; samples < SAMPLES; ) {
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run();
    const end = performance.now();
    if (end < warm) continue;
    rates.push((flops * repeat) / (end - start) / 1e6);
    samples++;
  }
  return quantile(
    rates.sort((a, b) => a - b),
    0.5,
  );
}

function print(name: string, gflops: number, of = 'of the peak'): void {
  console.log(
    `${name.padEnd(52)} ${gflops.toFixed(1).padStart(6)} GF/s  ${((100 * gflops) / top).toFixed(0).padStart(4)} % ${of}`,
  );
}

async function compilePeak(): Promise<(iterations: number, first: number, second: number) => number> {
  const { default: asc } = await import('assemblyscript/asc');
  const file = join(tmpdir(), `allpairs-fma-peak-${process.pid}.wasm`);
  const source = fileURLToPath(new URL('fma-peak.as.ts', import.meta.url));
  const { error } = await asc.main(
    [
      source,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--enable',
      'relaxed-simd',
      '--baseDir',
      '/',
      '-o',
      file,
    ],
    {},
  );
  if (error) throw error;
  const { instance } = await WebAssembly.instantiate(await readFile(file));
  return instance.exports.peak as (iterations: number, first: number, second: number) => number;
}
