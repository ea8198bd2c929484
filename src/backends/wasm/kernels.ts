// From the embedded binaries to callable kernels: which build this engine accepts, compiled once, bound to a memory.

import { UnsupportedError } from '../../errors.js';
import type { Host } from '../backend.js';
import { binaries, type KernelBuild } from './binaries.js';

/** wasm/index.ts as seen from here; addresses and strides are bytes. */
export interface Kernels {
  packF32F32: PackKernel;
  packF32F64: PackKernel;
  packF64F32: PackKernel;
  packF64F64: PackKernel;
  gramF32: GramKernel;
  gramF64: GramKernel;
  scoresF32: ScoresKernel;
  scoresF64: ScoresKernel;
  pairsF32: PairsKernel;
  pairsF64: PairsKernel;
  scoreErrorF32(depth: number): number;
  scoreErrorF64(depth: number): number;
  settleF32: SettleKernel;
  settleF64: SettleKernel;
  bestF32: BestKernel;
  bestF64: BestKernel;
  countF32: CountKernel;
  countF64: CountKernel;
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

export type GramKernel = (
  a: number,
  b: number,
  sums: number,
  stride: number,
  rows: number,
  cols: number,
  depth: number,
  triangle: boolean,
) => void;

/** A tile of sums, as all that follow take it. */
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

export type PairsKernel = (
  ...args: [...sums: SumsArguments, threshold: number, limits: number, hitRows: number, hitCols: number, hitScores: number]
) => number;

export type SettleKernel = (
  sums: number,
  sumStride: number,
  rows: number,
  cols: number,
  a: number,
  b: number,
  depth: number,
  threshold: number,
  count: number,
  hitRows: number,
  hitCols: number,
  hitScores: number,
  rowFacts: number,
  colFacts: number,
  work: number,
) => number;

export type BestKernel = (...args: [...sums: SumsArguments, lists: number, capacity: number]) => void;

export type CountKernel = (
  scores: number,
  rows: number,
  cols: number,
  triangle: boolean,
  edges: number,
  bins: number,
  table: number,
  tableBytes: number,
  totals: number,
) => void;

const RELAXED_SIMD_FLAG = '--experimental-wasm-relaxed-simd';

/** The best 128-bit build that this engine runs: with fused multiply-add where it has relaxed SIMD, else without. */
export function probeKernelBuild(host: Host): KernelBuild {
  if (typeof WebAssembly === 'undefined') throw new UnsupportedError('this runtime has no WebAssembly');
  checkCompiling();
  // Relaxed SIMD is on by default from V8 11.4; the versions just before have it behind a flag.
  if (accepts('relaxed') || (host.enableEngineFlag(RELAXED_SIMD_FLAG) && accepts('relaxed'))) return 'relaxed';
  if (accepts('simd')) return 'simd';
  throw new UnsupportedError('this engine has no WebAssembly SIMD');
}

/** A module with nothing in it: the magic number and the version. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Throws UnsupportedError where a page may validate WebAssembly, but not compile it. */
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
  return WebAssembly.validate(decode(binaries[build].local));
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

const compiled = new Map<string, WebAssembly.Module>();

/** The compiled module, for a memory of its own or a shared one. */
export function compileKernels(build: KernelBuild, shared: boolean): WebAssembly.Module {
  const kind = shared ? 'shared' : 'local';
  const key = `${build}-${kind}`;
  let module = compiled.get(key);
  if (!module) {
    module = new WebAssembly.Module(decode(binaries[build][kind]));
    compiled.set(key, module);
  }
  return module;
}

/** The kernels working in `memory`. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
