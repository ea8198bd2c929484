// A problem in WASM memory: packs rows, computes tiles. Tiles need nothing but the memory and the layout, so that other
// threads compute them from what `share` tells.

import { type DType, type ScoreArray, viewScores } from '../../rows/dtype.js';
import { type PackedRow, reachesExactly } from '../../rows/exact-cosine.js';
import type { RowSource } from '../../rows/row-source.js';
import type { JobShape } from '../backend.js';
import type { FinishedTile, Hits, TileComputer, TileCounts, TileJob, TileLists } from '../tiled/tile-backend.js';
import type { Tile } from '../work.js';
import { type Arena, giveBackArena, lendArena } from './arena.js';
import type { KernelBuild } from './binaries.js';
import { OPEN_HIT } from './constants.js';
import { bindKernels, type Kernels, type PackKernel, type SumsArguments } from './kernels.js';
import { type Layout, type Lists, layoutOf, roundUp, type TileScratch } from './layout.js';

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
  const layout = layoutOf(shape);
  const { buffer } = memory;
  const heap = shape.dtype === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
  return new WasmTiles(kernels, shape, layout, layout.scratch[thread] as TileScratch, heap);
}

class WasmTiles implements TileComputer {
  private readonly kernels: ReturnType<typeof kernelsFor>;
  private readonly size: number;
  private readonly heap: ArrayBufferLike;
  private readonly finished: FinishedTile;
  private lists: { rows: TileLists; cols: TileLists } | undefined;

  constructor(
    kernels: Kernels,
    private readonly shape: JobShape,
    private readonly layout: Layout,
    private readonly scratch: TileScratch,
    heap: ScoreArray,
  ) {
    this.kernels = kernelsFor(kernels, shape.dtype);
    this.size = heap.BYTES_PER_ELEMENT;
    this.heap = heap.buffer;
    this.finished = { scores: heap, direct: scratch.out / this.size, mirrored: -1 };
  }

  computeTile(tile: Tile): FinishedTile {
    const { scratch, size, finished, kernels } = this;
    const transposed = tile.mirrored && this.shape.purpose.kind === 'dense';
    let mirrored = 0;
    if (tile.diagonal) mirrored = scratch.out;
    else if (transposed) mirrored = scratch.mirrored;
    kernels.scores(...this.sum(tile), scratch.out, mirrored);
    finished.mirrored = transposed ? mirrored / size : -1;
    return finished;
  }

  findPairs(tile: Tile, threshold: number): Hits {
    const { kernels, scratch, shape } = this;
    const { limits, rows, cols, scores, rowFacts, colFacts, work } = scratch.hits;
    const sums = this.sum(tile);
    const [address, stride, , , , , tileRows, tileCols] = sums;
    // Every score whose true cosine may reach the threshold, then those whose does. (Guards may have made -1 of a few above it.)
    const error = kernels.scoreError(shape.depth);
    const lowest = threshold - 2 * error <= -1 ? -1 : threshold - error;
    const found = kernels.pairs(...sums, lowest, limits, rows, cols, scores);
    const { a, b } = this.panels(tile);
    const { depth } = shape;
    const hits = [found, rows, cols, scores] as const;
    let count = kernels.settle(address, stride, tileRows, tileCols, a, b, depth, threshold, ...hits, rowFacts, colFacts, work);
    if (this.integers(work, 1)[0] !== 0) count = this.settleOpen(tile, threshold, count);
    return {
      count,
      rows: this.integers(rows, count),
      cols: this.integers(cols, count),
      scores: this.values(scores, count),
    };
  }

  /** Keeps those hits that the kernel left open only if they reach the threshold; returns how many hits there are then. */
  private settleOpen(tile: Tile, threshold: number, count: number): number {
    const { hits } = this.scratch;
    const rows = this.integers(hits.rows, count);
    const cols = this.integers(hits.cols, count);
    const scores = this.values(hits.scores, count);
    const { a, b } = this.panels(tile);
    let kept = 0;
    for (let at = 0; at < count; at++) {
      const marked = rows[at] as number;
      const row = marked % OPEN_HIT;
      const col = cols[at] as number;
      const isOpen = marked >= OPEN_HIT;
      if (isOpen && !reachesExactly(this.packedRow(a, row), this.packedRow(b, col), this.shape.depth, threshold)) continue;
      rows[kept] = row;
      cols[kept] = col;
      scores[kept++] = scores[at] as number;
    }
    return kept;
  }

  /** A row of panels that begin at an address. */
  private packedRow(panels: number, row: number): PackedRow {
    const { panelRows, panelBytes } = this.layout;
    const at = (panels + Math.floor(row / panelRows) * panelBytes) / this.size + (row % panelRows);
    return { values: this.finished.scores, at, stride: panelRows };
  }

  findBest(tile: Tile, rowBounds: ScoreArray, colBounds: ScoreArray | undefined): { rows: TileLists; cols: TileLists } {
    const { table, capacity, ofRows, ofCols } = this.scratch.lists;
    const rows = tile.rowEnd - tile.rowStart;
    const cols = tile.colEnd - tile.colStart;
    if (!this.lists) {
      const addresses = [ofRows, ofCols].flatMap((of) => [of.bounds, of.limits, of.counts, of.indices, of.scores]);
      this.integers(table, addresses.length).set(addresses);
      this.lists = { rows: this.listsAt(ofRows), cols: this.listsAt(ofCols) };
    }
    this.values(ofRows.bounds, rows).set(rowBounds.subarray(0, rows));
    if (colBounds) this.values(ofCols.bounds, cols).set(colBounds.subarray(0, cols));
    else this.values(ofCols.bounds, cols).fill(Number.POSITIVE_INFINITY);
    this.kernels.best(...this.sum(tile), table, capacity);
    return this.lists;
  }

  countScores(tile: Tile, edges: Float64Array): TileCounts {
    const { counts, out } = this.scratch;
    const bins = edges.length - 1;
    const edgesHere = new Float64Array(this.heap, counts.edges, edges.length + 1);
    edgesHere.set(edges);
    edgesHere[edges.length] = Number.POSITIVE_INFINITY;
    this.computeTile(tile);
    const rows = tile.rowEnd - tile.rowStart;
    const cols = tile.colEnd - tile.colStart;
    const { edges: edgesAt, table, tableBytes, totals } = counts;
    this.kernels.count(out, rows, cols, tile.diagonal, edgesAt, bins, table, tableBytes, totals);
    const [minimum, maximum, sum] = new Float64Array(this.heap, totals, 3) as unknown as [number, number, number];
    return { bins: this.integers(table, bins + 1), minimum, maximum, sum };
  }

  /** Computes the sums of a tile, and returns what epilogue kernels must know of them. */
  private sum(tile: Tile): SumsArguments {
    const { layout, scratch, size } = this;
    const { x } = layout;
    const y = layout[tile.colOperand];
    const rows = tile.rowEnd - tile.rowStart;
    const cols = tile.colEnd - tile.colStart;
    const { a, b } = this.panels(tile);
    const stride = roundUp(cols, layout.panelRows) * size;
    this.kernels.gram(a, b, scratch.sums, stride, rows, cols, this.shape.depth, tile.diagonal);
    return [
      scratch.sums,
      stride,
      x.inverses + tile.rowStart * size,
      y.inverses + tile.colStart * size,
      x.guards + tile.rowStart * size,
      y.guards + tile.colStart * size,
      rows,
      cols,
      tile.diagonal,
    ];
  }

  /** The panels where the rows and the columns of a tile begin. */
  private panels(tile: Tile): { a: number; b: number } {
    const { panelRows, panelBytes, x, [tile.colOperand]: y } = this.layout;
    return {
      a: x.panels + (tile.rowStart / panelRows) * panelBytes,
      b: y.panels + (tile.colStart / panelRows) * panelBytes,
    };
  }

  private listsAt({ owners, counts, indices, scores }: Lists): TileLists {
    const { capacity } = this.scratch.lists;
    return {
      counts: this.integers(counts, owners),
      capacity,
      indices: this.integers(indices, owners * capacity),
      scores: this.values(scores, owners * capacity),
    };
  }

  private integers(address: number, length: number): Uint32Array {
    return new Uint32Array(this.heap, address, length);
  }

  private values(address: number, length: number): ScoreArray {
    return viewScores(this.shape.dtype, this.heap, address, length);
  }
}

function kernelsFor(kernels: Kernels, dtype: DType) {
  return dtype === 'float32'
    ? {
        gram: kernels.gramF32,
        scores: kernels.scoresF32,
        pairs: kernels.pairsF32,
        scoreError: kernels.scoreErrorF32,
        settle: kernels.settleF32,
        best: kernels.bestF32,
        count: kernels.countF32,
      }
    : {
        gram: kernels.gramF64,
        scores: kernels.scoresF64,
        pairs: kernels.pairsF64,
        scoreError: kernels.scoreErrorF64,
        settle: kernels.settleF64,
        best: kernels.bestF64,
        count: kernels.countF64,
      };
}

export class WasmJob implements TileJob {
  readonly packBlock: number;
  private readonly arena: Arena;
  private readonly layout: Layout;
  private ownTiles: WasmTiles | undefined;

  constructor(
    build: KernelBuild,
    private readonly shape: JobShape,
  ) {
    this.layout = layoutOf(shape);
    this.packBlock = this.layout.stagedRows;
    this.arena = lendArena(build, shape.onThreads, this.layout.bytes);
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

  get tiles(): TileComputer {
    const { arena, layout, shape } = this;
    const heap = shape.dtype === 'float32' ? arena.float32 : arena.float64;
    this.ownTiles ??= new WasmTiles(arena.kernels, shape, layout, layout.scratch[0] as TileScratch, heap);
    return this.ownTiles;
  }

  share(thread: number): Shared {
    return { module: this.arena.module, memory: this.arena.memory, shape: this.shape, thread };
  }

  release(): void {
    giveBackArena(this.arena);
  }
}
