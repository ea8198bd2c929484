// The kernels of calls that find pairs or count scores, loaded by the first of them.

import { compileIn, type KernelBuild } from './binary.js';
import type { GramArguments, SumsArguments } from './kernels.js';
import { binaries } from './search-binaries.js';

/** The exports of wasm/search.ts. */
export interface SearchKernels {
  sketchF32: SketchKernel;
  sketchF64: SketchKernel;
  survivorsF32: SurvivorsKernel;
  survivorsF64: SurvivorsKernel;
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
  filterF32: FilterKernel;
  filterF64: FilterKernel;
}

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

/** Compiles them for private or shared memory. */
export function compileSearchKernels(build: KernelBuild, shared: boolean): WebAssembly.Module {
  return compileIn(binaries, build, shared);
}

/** Binds them to the memory of the other kernels. */
export function bindSearchKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): SearchKernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as SearchKernels;
}
