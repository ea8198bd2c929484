// The kernels that every call needs: finds the build that this engine accepts, compiles it once, and binds it to a memory.

import { UnsupportedError } from '../../errors.js';
import type { Host } from '../backend.js';
import { binaries } from './binaries.js';
import { binaryIn, compileIn, type KernelBuild } from './binary.js';

/** The exports of wasm/index.ts; addresses and strides are in bytes. */
export interface Kernels {
  packF32F32: PackKernel;
  packF32F64: PackKernel;
  packF64F32: PackKernel;
  packF64F64: PackKernel;
  computeSmall: SmallKernel;
  gramF32: GramKernel;
  gramF64: GramKernel;
  scoresF32: ScoresKernel;
  scoresF64: ScoresKernel;
  indexF32: IndexKernel;
  indexF64: IndexKernel;
  sparseF32: SparseKernel;
  sparseF64: SparseKernel;
}

export type PackKernel = (
  rows: number,
  count: number,
  depth: number,
  panels: number,
  inverses: number,
  guards: number,
  factors: number,
  zeroNonFinite: boolean,
) => number;

/** Returns the address of the scores, or 0 if a row is not finite. */
export type SmallKernel = (
  base: number,
  depth: number,
  xRows: number,
  yRows: number,
  doubles: boolean,
  xDoubles: boolean,
  yDoubles: boolean,
  zeroNonFinite: boolean,
) => number;

export type GramKernel = (...args: GramArguments) => void;

export type GramArguments = [
  a: number,
  b: number,
  sums: number,
  stride: number,
  rows: number,
  cols: number,
  depth: number,
  triangle: boolean,
];

/** The arguments that describe a tile of sums. */
export type SumsArguments = [
  sums: number,
  sumStride: number,
  rowInverses: number,
  colInverses: number,
  rowGuards: number,
  colGuards: number,
  rows: number,
  cols: number,
  triangle: boolean,
];

export type ScoresKernel = (...args: [...sums: SumsArguments, out: number, mirrored: number]) => void;

/** Addresses of rows and their elements, and of an index. */
type IndexArguments = [starts: number, columns: number, values: number, count: number, slots: number, entries: number];

/** Returns the number of the last entry. */
export type IndexKernel = (...args: [...IndexArguments, postings: number]) => number;

export type SparseKernel = (
  ...args: [
    ...IndexArguments,
    last: number,
    postings: number,
    accumulators: number,
    sums: number,
    stride: number,
    cols: number,
    triangle: boolean,
  ]
) => void;

const RELAXED_SIMD_FLAG = '--experimental-wasm-relaxed-simd';

/** Returns the best 128-bit build that this engine runs: with fused multiply-add if it has relaxed SIMD, otherwise without. */
export function probeKernelBuild(host: Host): KernelBuild {
  if (typeof WebAssembly === 'undefined') throw new UnsupportedError('this runtime has no WebAssembly');
  checkCompiling();
  // Relaxed SIMD is on by default since V8 11.4; the versions just before have it behind a flag.
  if (accepts('relaxed') || (host.enableEngineFlag(RELAXED_SIMD_FLAG) && accepts('relaxed'))) return 'relaxed';
  if (accepts('simd')) return 'simd';
  throw new UnsupportedError('this engine has no WebAssembly SIMD');
}

/** An empty module: the magic number and the version. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Throws UnsupportedError if a page may validate but not compile WebAssembly. */
function checkCompiling(): void {
  try {
    new WebAssembly.Module(EMPTY_MODULE);
  } catch (error) {
    throw new UnsupportedError('this runtime does not compile WebAssembly', {
      advice: `a Content-Security-Policy needs 'wasm-unsafe-eval' in script-src (${error})`,
    });
  }
}

function accepts(build: KernelBuild): boolean {
  return WebAssembly.validate(binaryIn(binaries, build, false));
}

/** Compiles the kernels for private or shared memory. */
export function compileKernels(build: KernelBuild, shared: boolean): WebAssembly.Module {
  return compileIn(binaries, build, shared);
}

/** Binds the kernels to `memory`. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
