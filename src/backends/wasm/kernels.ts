// Turns the embedded binaries into callable kernels: finds the build that this engine accepts, compiles it once, and binds it to a memory.

import { UnsupportedError } from '../../errors.js';
import type { Host } from '../backend.js';
import { binaries, type KernelBuild } from './binaries.js';

/** The exports of wasm/index.ts; addresses and strides are in bytes. */
export interface Kernels {
  packF32F32: PackKernel;
  packF32F64: PackKernel;
  packF64F32: PackKernel;
  packF64F64: PackKernel;
  computeSmall: SmallKernel;
  gramF32: GramKernel;
  gramF64: GramKernel;
  sketchF32: SketchKernel;
  sketchF64: SketchKernel;
  survivorsF32: SurvivorsKernel;
  survivorsF64: SurvivorsKernel;
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
  indexF32: IndexKernel;
  indexF64: IndexKernel;
  sparseF32: SparseKernel;
  sparseF64: SparseKernel;
  filterF32: FilterKernel;
  filterF64: FilterKernel;
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

type GramArguments = [
  a: number,
  b: number,
  sums: number,
  stride: number,
  rows: number,
  cols: number,
  depth: number,
  triangle: boolean,
];

export type SketchKernel = (
  panels: number,
  count: number,
  depth: number,
  inverses: number,
  directions: number,
  directionCount: number,
  squareSlack: number,
  products: number,
  sketches: number,
) => void;

export type SurvivorsKernel = (
  ...args: [...gram: GramArguments, lowest: number, rowLimits: number, colLimits: number, blocks: number]
) => number;

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

/** Addresses of the groups of a tile's rows and columns; 0 if every pair counts. */
export type GroupsArguments = [rowGroups: number, colGroups: number, within: boolean];

export type PairsKernel = (
  ...args: [
    ...sums: SumsArguments,
    ...groups: GroupsArguments,
    threshold: number,
    limits: number,
    hitRows: number,
    hitCols: number,
    hitScores: number,
  ]
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

export type BestKernel = (
  ...args: [...sums: SumsArguments, ...groups: GroupsArguments, lists: number, capacity: number]
) => void;

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

/** Returns the number of hits, or -1. `table` is described in sparse-filter.ts. */
export type FilterKernel = (
  ...args: [
    table: number,
    sums: number,
    stride: number,
    rowInverses: number,
    colInverses: number,
    rowGuards: number,
    colGuards: number,
    ...groups: GroupsArguments,
  ]
) => number;

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
  return WebAssembly.validate(kernelBinary(build, false));
}

/** Returns the binary for private or shared memory. scripts/build-kernels.mjs describes the text that contains all of them. */
export function kernelBinary(build: KernelBuild, shared: boolean): Uint8Array<ArrayBuffer> {
  const hex = binaries
    .replace(/\((\w*)\|(\w*)\)/g, build === 'simd' ? '$1' : '$2')
    .replace(/<(\w*)\|(\w*)>/, shared ? '$2' : '$1');
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = 16 * digitAt(hex, 2 * at) + digitAt(hex, 2 * at + 1);
  return bytes;
}

/** '0' is 0x30 and 'a' is 0x61. */
function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return (code & 15) + 9 * (code >> 6);
}

const compiled = new Map<string, WebAssembly.Module>();

/** Compiles the module for private or shared memory. */
export function compileKernels(build: KernelBuild, shared: boolean): WebAssembly.Module {
  const key = `${build}-${shared ? 'shared' : 'local'}`;
  let module = compiled.get(key);
  if (!module) {
    module = new WebAssembly.Module(kernelBinary(build, shared));
    compiled.set(key, module);
  }
  return module;
}

/** Binds the kernels to `memory`. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
