// A problem in WASM memory: packs rows, computes tiles. Tiles need nothing but the memory and the layout, so that other
// threads compute them from what `share` tells.

import type { ScoreArray } from '../../matrix/dtype.js';
import type { RowSource } from '../../matrix/row-source.js';
import type { FinishedTile, Job, JobShape, Tile, TileComputer } from '../backend.js';
import { type Arena, giveBackArena, lendArena } from './arena.js';
import type { KernelBuild } from './binaries.js';
import { bindKernels, type Kernels, type PackKernel, type TileKernel } from './kernels.js';
import { type Layout, layoutOf, roundUp, type TileScratch } from './layout.js';

interface Shared {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly shape: JobShape;
  readonly thread: number;
}

/** Computes tiles on the thread that received `shared`. */
export function attachTiles(shared: unknown): TileComputer {
  const { module, memory, shape, thread } = shared as Shared;
  const kernels = bindKernels(module, memory);
  const layout = layoutOf(shape, kernels.panelStepBytes());
  const heap = shape.dtype === 'float32' ? new Float32Array(memory.buffer) : new Float64Array(memory.buffer);
  return new WasmTiles(kernels, shape, layout, layout.scratch[thread] as TileScratch, heap);
}

class WasmTiles implements TileComputer {
  private readonly kernel: TileKernel;
  private readonly size: number;
  private readonly finished: FinishedTile;

  constructor(
    kernels: Kernels,
    private readonly shape: JobShape,
    private readonly layout: Layout,
    private readonly scratch: TileScratch,
    heap: ScoreArray,
  ) {
    this.kernel = shape.dtype === 'float32' ? kernels.tileF32 : kernels.tileF64;
    this.size = heap.BYTES_PER_ELEMENT;
    this.finished = { scores: heap, direct: scratch.out / this.size, mirrored: -1 };
  }

  computeTile(tile: Tile): FinishedTile {
    const { layout, scratch, size, finished } = this;
    const { panelRows, panelBytes, x } = layout;
    const y = layout[tile.colOperand];
    const cols = tile.colTo - tile.colFrom;
    let mirrored = 0;
    if (tile.diagonal) mirrored = scratch.out;
    else if (tile.mirrored) mirrored = scratch.mirrored;
    this.kernel(
      x.panels + (tile.rowFrom / panelRows) * panelBytes,
      y.panels + (tile.colFrom / panelRows) * panelBytes,
      x.inverses + tile.rowFrom * size,
      y.inverses + tile.colFrom * size,
      x.guards + tile.rowFrom * size,
      y.guards + tile.colFrom * size,
      tile.rowTo - tile.rowFrom,
      cols,
      this.shape.depth,
      tile.diagonal,
      scratch.sums,
      roundUp(cols, panelRows) * size,
      scratch.out,
      mirrored,
    );
    finished.mirrored = tile.mirrored ? mirrored / size : -1;
    return finished;
  }
}

export class WasmJob implements Job {
  readonly packBlock: number;
  private readonly arena: Arena;
  private readonly layout: Layout;
  private tiles: WasmTiles | undefined;

  constructor(
    build: KernelBuild,
    private readonly shape: JobShape,
    panelStepBytes: number,
  ) {
    this.layout = layoutOf(shape, panelStepBytes);
    this.packBlock = this.layout.stagedRows;
    this.arena = lendArena(build, shape.shared, this.layout.bytes);
  }

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    const { arena, layout, shape } = this;
    const { panels, inverses, guards } = layout[operand];
    const staged = source.staged === 'float32' ? arena.float32 : arena.float64;
    source.copyRows(from, to, staged, layout.staging / staged.BYTES_PER_ELEMENT);
    const size = shape.dtype === 'float32' ? 4 : 8;
    const bad = this.packKernel(source)(
      layout.staging,
      to - from,
      shape.depth,
      panels + (at / layout.panelRows) * layout.panelBytes,
      inverses + at * size,
      guards + at * size,
      layout.factors,
      zeroNonFinite,
    );
    return bad < 0 ? -1 : from + bad;
  }

  private packKernel(source: RowSource): PackKernel {
    const { kernels } = this.arena;
    if (this.shape.dtype === 'float32') return source.staged === 'float32' ? kernels.packF32F32 : kernels.packF64F32;
    return source.staged === 'float32' ? kernels.packF32F64 : kernels.packF64F64;
  }

  computeTile(tile: Tile): FinishedTile {
    if (!this.tiles) {
      const { arena, layout, shape } = this;
      const heap = shape.dtype === 'float32' ? arena.float32 : arena.float64;
      this.tiles = new WasmTiles(arena.kernels, shape, layout, layout.scratch[0] as TileScratch, heap);
    }
    return this.tiles.computeTile(tile);
  }

  share(thread: number): Shared {
    return { module: this.arena.module, memory: this.arena.memory, shape: this.shape, thread };
  }

  release(): void {
    giveBackArena(this.arena);
  }
}
