// The WASM backend: AssemblyScript kernels (wasm/) on 128-bit vectors.

import { type DType, elementBytes } from '../../rows/dtype.js';
import type { ComputeSmall, Host, JobShape, SketchDepths } from '../backend.js';
import { sparseBytes, sparseTileRows } from '../sparse/packed-sparse.js';
import type { TileBackend, TileJob } from '../tiled/tile-backend.js';
import type { KernelBuild } from './binary.js';
import { DEPTH_BLOCK, PANEL_STEP_BYTES } from './constants.js';
import { type Searching, WasmJob } from './job.js';
import { probeKernelBuild } from './kernels.js';
import { layoutOf } from './layout.js';
import { smallComputer } from './small.js';

/**
 * Rows of a tile: long enough that copying them to the result costs little compared with computing them, and short enough that a depth
 * block of A stays in the second-level cache.
 */
const TILE_ROWS = { float32: 576, float64: 288 };
/** The same for sparse rows; with smaller tiles, the index of their columns takes longer than their sums. */
const SPARSE_TILE_ROWS = 1024;
/** A multiple of the panel width and of a cache line. */
const TILE_STEP = { float32: 48, float64: 24 };
/** Multiply-adds of a tile, limited so that threads notice an abort soon. */
const TILE_WORK = 5e8;

/** The part of the 4 GiB of WASM memory that packed rows may take; the rest is scratch memory. */
const PACKED_LIMIT = 3.5 * 2 ** 30;

/** From here on, two threads are faster than one. */
const SMALL_WORK: Record<KernelBuild, number> = { simd: 2e7, relaxed: 5e7 };

/**
 * A block of 36 pairs is computed if one of them remains. On sentence embeddings, where such pairs are close together, this means 5 to 8
 * computed pairs for each. Pairs of lists, each with its own limit, are further apart.
 */
const PRUNING_COSTS = {
  leastWork: 1.5e10,
  leastWorkOfLists: 1e11,
  comparing: 15,
  narrowing: undefined,
  verifying: 12,
  verifyingOfLists: 24,
};

const DESCRIPTIONS: Record<KernelBuild, string> = {
  simd: 'WebAssembly, 128-bit SIMD',
  relaxed: 'WebAssembly, 128-bit relaxed SIMD with fused multiply-add',
};

class WasmBackend implements TileBackend {
  readonly name = 'wasm';
  readonly description: string;
  readonly smallWork: number;
  readonly packedLimit = PACKED_LIMIT;
  readonly depthBlock = DEPTH_BLOCK;
  readonly pruningCosts = PRUNING_COSTS;
  readonly filtersSparse = true;
  readonly computeSmall: ComputeSmall;
  private searching: Searching | undefined;

  constructor(private readonly build: KernelBuild) {
    this.computeSmall = smallComputer(build);
    this.description = DESCRIPTIONS[build];
    this.smallWork = SMALL_WORK[build];
  }

  ready(): Promise<void> | undefined {
    return this.searching ? undefined : this.loadSearching();
  }

  private async loadSearching(): Promise<void> {
    this.searching = await import('./searching.js');
  }

  tileRows(dtype: DType, depth: number, stored?: number): number {
    const step = TILE_STEP[dtype];
    if (stored !== undefined) return sparseTileRows(SPARSE_TILE_ROWS, step, stored, depth);
    const rows = Math.sqrt(TILE_WORK / (depth + 1));
    return Math.max(step, Math.min(TILE_ROWS[dtype], Math.floor(rows / step) * step));
  }

  tileStep(dtype: DType): number {
    return TILE_STEP[dtype];
  }

  panelRows(dtype: DType): number {
    return PANEL_STEP_BYTES / elementBytes(dtype);
  }

  packedBytes(dtype: DType, rows: number, depth: number, sketches: SketchDepths): number {
    return rows * (depth + sketches.short + sketches.long + 2) * elementBytes(dtype);
  }

  scratchBytes(shape: JobShape): number {
    const rows = shape.xRows + shape.yRows;
    const { sparse } = shape;
    const packed = sparse ? sparseBytes(shape, sparse) : this.packedBytes(shape.dtype, rows, shape.depth, shape.sketches);
    return layoutOf(shape).bytes - packed;
  }

  createJob(shape: JobShape): TileJob {
    return new WasmJob(this.build, shape, this.searching);
  }
}

/** Creates the 128-bit WASM backend. Throws UnsupportedError if the engine does not support WebAssembly SIMD. */
export function createWasmBackend(host: Host): TileBackend {
  return new WasmBackend(probeKernelBuild(host));
}
