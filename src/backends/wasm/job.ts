// A problem in WASM memory: packs rows, and computes tiles of them. Tiles need only the memory and the layout, so other threads can compute
// them from what `share` returns.

import { CsrRows } from '../../rows/csr-rows.js';
import { type ScoreArray, viewScores } from '../../rows/dtype.js';
import type { RowSource } from '../../rows/row-source.js';
import type { JobShape, MultiplyAdds, Sketching } from '../backend.js';
import { type PackedSparse, packSparse, sparsePackBlock } from '../sparse/packed-sparse.js';
import { FilterWriter } from '../sparse/row-filter.js';
import type { TileComputer, TileJob, TileScorer } from '../tiled/tile-backend.js';
import { type Arena, giveBackArena, lendArena } from './arena.js';
import type { Shared } from './attach.js';
import type { KernelBuild } from './binary.js';
import type { PackKernel } from './kernels.js';
import { countsMultiplyAdds, type Layout, layoutOf, roundUp, type TileScratch } from './layout.js';
import { MatrixTiles } from './matrix-tiles.js';
import type { SearchKernels } from './search-kernels.js';

/** What only calls without a matrix need. */
export type Searching = typeof import('./searching.js');

export class WasmJob implements TileJob {
  readonly packBlock: number;
  private readonly arena: Arena;
  private readonly layout: Layout;
  private readonly search: SearchKernels | undefined;
  private ownMatrix: TileScorer | undefined;
  private ownTiles: TileComputer | undefined;
  private slack = 0;
  private squareSlack = 0;
  private filterWriter: FilterWriter | undefined;

  constructor(
    build: KernelBuild,
    private readonly shape: JobShape,
    /** Set if it has been loaded. */
    private readonly searching: Searching | undefined,
  ) {
    this.layout = layoutOf(shape);
    this.packBlock = shape.sparse ? sparsePackBlock(shape.sparse.rowNonzeros) : this.layout.stagedRows;
    this.arena = lendArena(build, shape.onThreads, this.layout.bytes);
    this.search = searching?.searchKernelsOf(this.arena);
  }

  setSketching({ directions, squareSlack, slack }: Sketching): void {
    const { heap, layout, shape } = this;
    const { panelRows } = layout;
    for (const counts of this.multiplyAddCounts()) counts.fill(0);
    this.slack = slack;
    this.squareSlack = squareSlack;
    for (let direction = 0; direction < shape.sketches.short - 1; direction++) {
      const panel = Math.floor(direction / panelRows) * panelRows * shape.depth + (direction % panelRows);
      const to = layout.directions / heap.BYTES_PER_ELEMENT + panel;
      for (let k = 0; k < shape.depth; k++) heap[to + k * panelRows] = directions[direction * shape.depth + k] as number;
    }
  }

  setColumnRanks(ranks: Uint32Array): void {
    for (const counts of this.multiplyAddCounts()) counts.fill(0);
    this.filterWriter = new FilterWriter(ranks);
  }

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    const { arena, layout, shape } = this;
    if (shape.sparse && source instanceof CsrRows) {
      return packSparse(source, from, to, at, zeroNonFinite, this.packedSparse(operand), this.filterWriter);
    }
    const { panels, inverses, guards, sketches } = layout[operand];
    const staged = source.staged === 'float32' ? arena.float32 : arena.float64;
    source.copyRows(from, to, staged, layout.staging / staged.BYTES_PER_ELEMENT);
    const size = this.heap.BYTES_PER_ELEMENT;
    const packed = panels + (at / layout.panelRows) * layout.panelBytes;
    const inversesAt = inverses + at * size;
    const bad = this.packKernel(source)(
      layout.staging,
      to - from,
      shape.depth,
      packed,
      inversesAt,
      guards + at * size,
      layout.factors,
      zeroNonFinite,
    );
    if (bad >= 0) return from + bad;
    if (shape.sketches.short > 0) {
      const { sketchF32, sketchF64 } = this.loaded(this.search);
      (shape.dtype === 'float32' ? sketchF32 : sketchF64)(
        packed,
        to - from,
        shape.depth,
        inversesAt,
        layout.directions,
        shape.sketches.short - 1,
        this.squareSlack,
        layout.products,
        sketches + (at / layout.panelRows) * layout.sketchPanelBytes,
      );
    }
    return -1;
  }

  zeroRows(operand: 'x' | 'y', at: number, count: number): number[] {
    const from = this.layout[operand].inverses / this.heap.BYTES_PER_ELEMENT + at;
    return Array.from({ length: count }, (_, i) => i).filter((i) => this.heap[from + i] === 0);
  }

  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void {
    new Uint32Array(this.arena.memory.buffer, this.layout[operand].groups + 4 * at, groups.length).set(groups);
  }

  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void {
    new Float64Array(this.arena.memory.buffer, this.layout[operand].thresholds + 8 * at, thresholds.length).set(thresholds);
  }

  private packedSparse(operand: 'x' | 'y'): PackedSparse {
    const { buffer } = this.arena.memory;
    const { starts, columns, values, inverses, guards, filter } = this.layout[operand];
    const { dtype, sparse, xRows, yRows } = this.shape;
    const rows = roundUp(operand === 'x' ? xRows : yRows, this.layout.panelRows);
    const nonzeros = (operand === 'x' ? sparse?.xNonzeros : sparse?.yNonzeros) ?? 0;
    return {
      starts: new Uint32Array(buffer, starts, (operand === 'x' ? xRows : yRows) + 1),
      columns: new Uint32Array(buffer, columns, nonzeros),
      values: viewScores(dtype, buffer, values, nonzeros),
      inverses: viewScores(dtype, buffer, inverses, rows),
      guards: viewScores(dtype, buffer, guards, rows),
      filter: sparse?.filtered
        ? {
            columns: new Uint32Array(buffer, filter.columns, nonzeros),
            values: new Float32Array(buffer, filter.values, nonzeros),
            rests: new Float32Array(buffer, filter.rests, nonzeros),
          }
        : undefined,
    };
  }

  private get heap(): ScoreArray {
    return this.shape.dtype === 'float32' ? this.arena.float32 : this.arena.float64;
  }

  multiplyAdds(): MultiplyAdds | undefined {
    if (!countsMultiplyAdds(this.shape)) return undefined;
    let computed = 0;
    let all = 0;
    for (const counts of this.multiplyAddCounts()) {
      computed += counts[0] as number;
      all += counts[1] as number;
    }
    return [computed, all];
  }

  /** Returns the counts of each thread. */
  private multiplyAddCounts(): Float64Array[] {
    return this.layout.scratch.map(({ hits }) => new Float64Array(this.arena.memory.buffer, hits.multiplyAdds, 2));
  }

  private packKernel(source: RowSource): PackKernel {
    const { kernels } = this.arena;
    if (this.shape.dtype === 'float32') return source.staged === 'float32' ? kernels.packF32F32 : kernels.packF64F32;
    return source.staged === 'float32' ? kernels.packF32F64 : kernels.packF64F64;
  }

  get matrix(): TileScorer {
    const { arena, layout, shape, heap } = this;
    this.ownMatrix ??= new MatrixTiles(arena.kernels, shape, layout, layout.scratch[0] as TileScratch, heap);
    return this.ownMatrix;
  }

  get tiles(): TileComputer {
    const { arena, layout, shape, heap, slack } = this;
    const scratch = layout.scratch[0] as TileScratch;
    const { SearchTiles } = this.loaded(this.searching);
    this.ownTiles ??= new SearchTiles(arena.kernels, this.loaded(this.search), shape, layout, scratch, heap, slack);
    return this.ownTiles;
  }

  /** `Backend.ready` loads what calls without a matrix need. */
  private loaded<T>(part: T | undefined): T {
    if (part === undefined) throw new Error('the kernels that find pairs are not loaded');
    return part;
  }

  share(thread: number): Shared {
    const { arena, shape, slack, searching } = this;
    const searchModule = searching?.compileSearchKernels(arena.build, arena.shared);
    return { module: arena.module, searchModule, memory: arena.memory, shape, thread, slack };
  }

  release(): void {
    giveBackArena(this.arena);
  }
}
