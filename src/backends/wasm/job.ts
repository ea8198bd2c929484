// A problem in WASM memory: packs rows and computes tiles. Tiles need only the memory and the layout, so other threads can compute them
// from what `share` returns.

import { CsrRows } from '../../rows/csr-rows.js';
import { type DType, type ScoreArray, viewScores } from '../../rows/dtype.js';
import { areEqual, type PackedRow, reachesExactly } from '../../rows/exact-cosine.js';
import type { RowSource } from '../../rows/row-source.js';
import type { JobShape, MultiplyAdds, Sketching } from '../backend.js';
import { NO_SCORE } from '../constants.js';
import { higherThreshold, RowGroups } from '../row-marks.js';
import {
  type PackedSparse,
  packSparse,
  type SparseRowsAt,
  sparseErrorDepth,
  sparsePackBlock,
  writeUnion,
} from '../sparse/packed-sparse.js';
import { FilterWriter } from '../sparse/row-filter.js';
import type { FinishedTile, Hits, TileComputer, TileCounts, TileJob, TileLists } from '../tiled/tile-backend.js';
import type { PairsOrder, Tile } from '../work.js';
import { type Arena, giveBackArena, lendArena } from './arena.js';
import type { KernelBuild } from './binaries.js';
import { OPEN_HIT } from './constants.js';
import { bindKernels, type GroupsArguments, type Kernels, type PackKernel, type SumsArguments } from './kernels.js';
import { countsMultiplyAdds, type Layout, type Lists, layoutOf, type Operand, roundUp, type TileScratch } from './layout.js';
import { SparseFilter } from './sparse-filter.js';

interface Shared {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly shape: JobShape;
  readonly thread: number;
  /** See WasmTiles. */
  readonly slack: number;
}

/** Computes tiles on the thread that received `shared`. */
export function attachTiles(shared: unknown): TileComputer {
  const { module, memory, shape, thread, slack } = shared as Shared;
  const kernels = bindKernels(module, memory);
  const layout = layoutOf(shape);
  const { buffer } = memory;
  const heap = shape.dtype === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
  return new WasmTiles(kernels, shape, layout, layout.scratch[thread] as TileScratch, heap, slack);
}

class WasmTiles implements TileComputer {
  private readonly kernels: ReturnType<typeof kernelsFor>;
  private readonly size: number;
  private readonly heap: ArrayBufferLike;
  private readonly finished: FinishedTile;
  private lists: { rows: TileLists; cols: TileLists } | undefined;
  /** Set if pairs of sparse rows may be excluded. */
  private readonly filter: SparseFilter | undefined;
  readonly groups: RowGroups | undefined;
  readonly thresholdOf: TileComputer['thresholdOf'];

  constructor(
    kernels: Kernels,
    private readonly shape: JobShape,
    private readonly layout: Layout,
    private readonly scratch: TileScratch,
    heap: ScoreArray,
    /** Maximum by which a score can exceed the product of sketches. */
    private readonly slack: number,
  ) {
    this.kernels = kernelsFor(kernels, shape.dtype);
    this.size = heap.BYTES_PER_ELEMENT;
    this.heap = heap.buffer;
    this.finished = { scores: heap, direct: scratch.out / this.size, mirrored: -1 };
    const { x, y } = layout;
    if (shape.sparse?.filtered) this.filter = new SparseFilter(this.kernels.filter, shape, layout, scratch, this.heap);
    const groupsOf = ({ groups }: Operand, rows: number) => new Uint32Array(this.heap, groups, rows);
    const thresholdsOf = ({ thresholds }: Operand, rows: number) => new Float64Array(this.heap, thresholds, rows);
    const colRows = shape.yRows || shape.xRows;
    if (shape.grouping) this.groups = new RowGroups({ x: groupsOf(x, shape.xRows), y: groupsOf(y, colRows) }, shape.grouping);
    if (shape.thresholds) this.thresholdOf = higherThreshold({ x: thresholdsOf(x, shape.xRows), y: thresholdsOf(y, colRows) });
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

  findPairs(tile: Tile, { threshold, below }: PairsOrder): Hits {
    const { kernels, scratch, shape } = this;
    const { limits, rows, cols, scores } = scratch.hits;
    const filtered = this.filter?.findPairs(
      tile,
      this.sumsArguments(tile),
      this.groupsArguments(tile),
      threshold,
      this.lowestScore(threshold),
    );
    // Hits are found later; until then, their memory is free.
    const computed = () =>
      shape.sketches.short > 0 ? this.sumSurvivors(tile, threshold - this.slack, 0, 0, rows) : this.sum(tile);
    const sums = filtered === undefined ? computed() : this.sumsArguments(tile);
    const found =
      filtered ??
      // First every score whose true cosine may reach the threshold, then those whose cosine does.
      kernels.pairs(...sums, ...this.groupsArguments(tile), this.lowestScore(threshold), limits, rows, cols, scores);
    let hits = this.settled(tile, sums, threshold, found);
    const { thresholdOf } = this;
    if (thresholdOf) {
      hits = hitsWhere(hits, (row, col, score) => this.reaches(tile, row, col, score, thresholdOf(tile, row, col)));
    }
    if (below > 1) return hits;
    // Hits that may reach `below` are settled like others, in the same memory.
    const all = hitsWhere(hits, () => true);
    const lowest = this.lowestScore(below);
    const near = hitsWhere(all, (_row, _col, score) => score >= lowest);
    this.integers(rows, near.count).set(near.rows);
    this.integers(cols, near.count).set(near.cols);
    this.values(scores, near.count).set(near.scores);
    const reached = this.settled(tile, sums, below, near.count);
    let next = 0;
    return hitsWhere(all, (row, col) => {
      if (next === reached.count || row !== reached.rows[next] || col !== reached.cols[next]) return true;
      next++;
      return false;
    });
  }

  /**
   * Returns the lowest score of a pair whose true cosine may reach a threshold; -1 if guards may have turned scores slightly above it into
   * -1.
   */
  private lowestScore(threshold: number): number {
    const error = this.scoreError();
    return threshold - 2 * error <= -1 ? -1 : threshold - error;
  }

  private scoreError(): number {
    const { sparse, depth } = this.shape;
    return this.kernels.scoreError(sparse ? sparseErrorDepth(sparse.rowNonzeros) : depth);
  }

  /** Keeps those of `found` hits that reach a threshold, in the same memory. */
  private settled(tile: Tile, sums: SumsArguments, threshold: number, found: number): Hits {
    const { kernels, scratch, shape } = this;
    if (shape.sparse) return this.settledSparse(tile, sums, threshold, found);
    const { rows, cols, scores, rowFacts, colFacts, work } = scratch.hits;
    const [address, stride, , , , , tileRows, tileCols] = sums;
    const { a, b } = this.panels(tile);
    const hits = [found, rows, cols, scores] as const;
    const facts = [rowFacts, colFacts, work] as const;
    let count = kernels.settle(address, stride, tileRows, tileCols, a, b, shape.depth, threshold, ...hits, ...facts);
    if (this.integers(work, 1)[0] !== 0) count = this.settleOpen(tile, threshold, count);
    return this.hits(count);
  }

  private hits(count: number): Hits {
    const { rows, cols, scores } = this.scratch.hits;
    return { count, rows: this.integers(rows, count), cols: this.integers(cols, count), scores: this.values(scores, count) };
  }

  /** The same for sparse rows. The kernel decides single pairs, as dense rows with the elements of both. */
  private settledSparse(tile: Tile, sums: SumsArguments, threshold: number, found: number): Hits {
    const { kernels, scratch, size } = this;
    const { rowFacts, colFacts, work } = scratch.hits;
    const { a, b } = scratch.index;
    const hits = this.hits(found);
    if (threshold <= -1) return hits;
    const [address, stride] = sums;
    const writeNear = this.nearWriter(tile);
    const sure = threshold + 2 * this.scoreError();
    let kept = 0;
    for (let at = 0; at < found; at++) {
      const row = hits.rows[at] as number;
      const col = hits.cols[at] as number;
      const score = hits.scores[at] as number;
      if (!(score >= sure)) {
        const depth = writeNear(row, col);
        const sum = address + row * stride + col * size;
        // The pair's own place among the hits is free from here on.
        hits.rows[kept] = 0;
        hits.cols[kept] = 0;
        hits.scores[kept] = score;
        const place = [scratch.hits.rows + 4 * kept, scratch.hits.cols + 4 * kept, scratch.hits.scores + size * kept] as const;
        const is = kernels.settle(sum, stride, 1, 1, a, b, depth, threshold, 1, ...place, rowFacts, colFacts, work);
        if (is === 0) continue;
        const isOpen = this.integers(work, 1)[0] !== 0;
        if (isOpen && !reachesExactly(this.packedRow(a, 0), this.packedRow(b, 0), depth, threshold)) continue;
      }
      hits.rows[kept] = row;
      hits.cols[kept] = col;
      hits.scores[kept++] = score;
    }
    return { ...hits, count: kept };
  }

  /** Writes the elements of a row and a column of a tile, in the columns that either has, as rows 0 of two panels. Returns their number. */
  private nearWriter(tile: Tile): (row: number, col: number) => number {
    const { scratch, layout, size } = this;
    const { a, b } = scratch.index;
    const x = this.packed(layout.x);
    const y = this.packed(layout[tile.colOperand]);
    const ofRow = this.values(a, (b - a) / size);
    const ofCol = this.values(b, (b - a) / size);
    return (row, col) => writeUnion(x, tile.rowStart + row, y, tile.colStart + col, ofRow, ofCol, layout.panelRows);
  }

  private packed({ starts, columns, values }: Operand): SparseRowsAt {
    return {
      starts: new Uint32Array(this.heap, starts),
      columns: new Uint32Array(this.heap, columns),
      values: this.values(values, this.finished.scores.length - values / this.size),
    };
  }

  reaches(tile: Tile, row: number, col: number, score: number, threshold: number): boolean {
    const { sparse } = this.shape;
    // Doubled, because a guard may have made a score 1 or -1.
    const error = 2 * this.scoreError();
    if (score >= threshold + error) return true;
    if (score < threshold - error) return false;
    const { a, b } = sparse ? this.scratch.index : this.panels(tile);
    const depth = sparse ? this.nearWriter(tile)(row, col) : this.shape.depth;
    const [ofRow, ofCol] = sparse
      ? [this.packedRow(a, 0), this.packedRow(b, 0)]
      : [this.packedRow(a, row), this.packedRow(b, col)];
    return areEqual(ofRow, ofCol, depth) || reachesExactly(ofRow, ofCol, depth, threshold);
  }

  private groupsArguments(tile: Tile): GroupsArguments {
    const { x, [tile.colOperand]: y } = this.layout;
    const { grouping } = this.shape;
    if (!grouping) return [0, 0, false];
    return [x.groups + 4 * tile.rowStart, y.groups + 4 * tile.colStart, grouping === 'within'];
  }

  /** Keeps undecided hits only if they reach the threshold; returns the remaining number of hits. */
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

  /** Returns a row of panels that begin at an address. */
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
    const sums = this.shape.sketches.short > 0 ? this.sumCandidates(tile, rows, cols) : this.sum(tile);
    this.kernels.best(...sums, ...this.groupsArguments(tile), table, capacity);
    return this.lists;
  }

  /** Computes the sums of a tile, but only in blocks in which sketches leave a pair that may reach the bound of its row or column. */
  private sumCandidates(tile: Tile, rows: number, cols: number): SumsArguments {
    const { kernels, shape, slack } = this;
    const { ofRows, ofCols, blocks } = this.scratch.lists;
    // Bounds are scores, but sketches limit true cosines.
    const error = slack + 2 * kernels.scoreError(shape.depth);
    this.writeLimits(ofRows, rows, error);
    this.writeLimits(ofCols, cols, error);
    return this.sumSurvivors(tile, 0, ofRows.limits, ofCols.limits, blocks);
  }

  /** Padded to whole panels: nothing reaches the limits of the padding. */
  private writeLimits({ owners, bounds, limits }: Lists, count: number, error: number): void {
    const places = roundUp(owners, this.layout.panelRows);
    const from = this.values(bounds, count);
    const to = this.values(limits, places);
    for (let at = 0; at < count; at++) {
      const bound = from[at] as number;
      // A guard may have turned a score below it into -1.
      to[at] = bound <= -1 ? NO_SCORE : bound - error;
    }
    to.fill(Number.POSITIVE_INFINITY, count);
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

  /** Computes the sums of a tile, and returns what epilogue kernels need to know about them. */
  private sum(tile: Tile): SumsArguments {
    const sums = this.sumsArguments(tile);
    const [address, stride, , , , , rows, cols, triangle] = sums;
    if (this.shape.sparse) {
      const { kernels, scratch } = this;
      const { slots, entries, postings, accumulators } = scratch.index;
      const { x, [tile.colOperand]: y } = this.layout;
      const colStarts = y.starts + tile.colStart * 4;
      const last = kernels.index(colStarts, y.columns, y.values, cols, slots, entries, postings);
      const rowsAt = [x.starts + tile.rowStart * 4, x.columns, x.values, rows] as const;
      kernels.sparse(...rowsAt, slots, entries, last, postings, accumulators, address, stride, cols, triangle);
      return sums;
    }
    const { a, b } = this.panels(tile);
    this.kernels.gram(a, b, address, stride, rows, cols, this.shape.depth, triangle);
    return sums;
  }

  /**
   * The same, but only in blocks in which sketches do not exclude every pair, according to the lowest bound or to limits. All other sums
   * are lower than any score.
   */
  private sumSurvivors(tile: Tile, lowest: number, rowLimits: number, colLimits: number, blocks: number): SumsArguments {
    const { kernels, layout, shape } = this;
    const { panelRows, sketchPanelBytes, x, [tile.colOperand]: y } = layout;
    const sums = this.sumsArguments(tile);
    const [address, stride, , , , , rows, cols, triangle] = sums;
    const rowSketches = x.sketches + (tile.rowStart / panelRows) * sketchPanelBytes;
    const colSketches = y.sketches + (tile.colStart / panelRows) * sketchPanelBytes;
    kernels.gram(rowSketches, colSketches, address, stride, rows, cols, shape.sketches.short, triangle);
    const { a, b } = this.panels(tile);
    const gram = [a, b, address, stride, rows, cols, shape.depth, triangle] as const;
    const computed = kernels.survivors(...gram, lowest, rowLimits, colLimits, blocks);
    const pairs = (rows * cols) / (triangle ? 2 : 1);
    // Blocks on the edges of a tile have more sums than pairs.
    this.countMultiplyAdds(pairs * shape.sketches.short + Math.min(computed, pairs) * shape.depth, pairs * shape.depth);
    return sums;
  }

  private countMultiplyAdds(computed: number, all: number): void {
    const counts = new Float64Array(this.heap, this.scratch.hits.multiplyAdds, 2);
    counts[0] = (counts[0] as number) + computed;
    counts[1] = (counts[1] as number) + all;
  }

  private sumsArguments(tile: Tile): SumsArguments {
    const { layout, scratch, size } = this;
    const { x, [tile.colOperand]: y } = layout;
    const cols = tile.colEnd - tile.colStart;
    return [
      scratch.sums,
      roundUp(cols, layout.panelRows) * size,
      x.inverses + tile.rowStart * size,
      y.inverses + tile.colStart * size,
      x.guards + tile.rowStart * size,
      y.guards + tile.colStart * size,
      tile.rowEnd - tile.rowStart,
      cols,
      tile.diagonal,
    ];
  }

  /** Returns the panels in which the rows and the columns of a tile begin. */
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

/** Copies the hits that are wanted. */
function hitsWhere(hits: Hits, isWanted: (row: number, col: number, score: number) => boolean): Hits {
  const rows = hits.rows.slice(0, hits.count);
  const cols = hits.cols.slice(0, hits.count);
  const scores = hits.scores.slice(0, hits.count);
  let count = 0;
  for (let at = 0; at < hits.count; at++) {
    const [row, col, score] = [rows[at] as number, cols[at] as number, scores[at] as number];
    if (!isWanted(row, col, score)) continue;
    rows[count] = row;
    cols[count] = col;
    scores[count++] = score;
  }
  return { count, rows: rows.subarray(0, count), cols: cols.subarray(0, count), scores: scores.subarray(0, count) };
}

function kernelsFor(kernels: Kernels, dtype: DType) {
  return dtype === 'float32'
    ? {
        gram: kernels.gramF32,
        survivors: kernels.survivorsF32,
        scores: kernels.scoresF32,
        pairs: kernels.pairsF32,
        scoreError: kernels.scoreErrorF32,
        settle: kernels.settleF32,
        best: kernels.bestF32,
        count: kernels.countF32,
        index: kernels.indexF32,
        sparse: kernels.sparseF32,
        filter: kernels.filterF32,
      }
    : {
        gram: kernels.gramF64,
        survivors: kernels.survivorsF64,
        scores: kernels.scoresF64,
        pairs: kernels.pairsF64,
        scoreError: kernels.scoreErrorF64,
        settle: kernels.settleF64,
        best: kernels.bestF64,
        count: kernels.countF64,
        index: kernels.indexF64,
        sparse: kernels.sparseF64,
        filter: kernels.filterF64,
      };
}

export class WasmJob implements TileJob {
  readonly packBlock: number;
  private readonly arena: Arena;
  private readonly layout: Layout;
  private ownTiles: WasmTiles | undefined;
  private slack = 0;
  private squareSlack = 0;
  private filterWriter: FilterWriter | undefined;

  constructor(
    build: KernelBuild,
    private readonly shape: JobShape,
  ) {
    this.layout = layoutOf(shape);
    this.packBlock = shape.sparse ? sparsePackBlock(shape.sparse.rowNonzeros) : this.layout.stagedRows;
    this.arena = lendArena(build, shape.onThreads, this.layout.bytes);
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
      const { sketchF32, sketchF64 } = arena.kernels;
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

  get tiles(): TileComputer {
    const { arena, layout, shape, heap, slack } = this;
    this.ownTiles ??= new WasmTiles(arena.kernels, shape, layout, layout.scratch[0] as TileScratch, heap, slack);
    return this.ownTiles;
  }

  share(thread: number): Shared {
    return { module: this.arena.module, memory: this.arena.memory, shape: this.shape, thread, slack: this.slack };
  }

  release(): void {
    giveBackArena(this.arena);
  }
}
