// Finds pairs and counts scores in tiles, on any thread. Loaded by the first call that does.

import type { DType, ScoreArray } from '../../rows/dtype.js';
import { areEqual, type PackedRow, reachesExactly } from '../../rows/exact-cosine.js';
import type { JobShape } from '../backend.js';
import { NO_SCORE } from '../constants.js';
import { higherThreshold, RowGroups } from '../row-marks.js';
import { type SparseRowsAt, sparseErrorDepth, writeUnion } from '../sparse/packed-sparse.js';
import type { Hits, TileComputer, TileCounts, TileLists } from '../tiled/tile-backend.js';
import type { PairsOrder, Tile } from '../work.js';
import { OPEN_HIT } from './constants.js';
import type { Kernels, SumsArguments } from './kernels.js';
import { type Layout, type Lists, type Operand, roundUp, type TileScratch } from './layout.js';
import { MatrixTiles } from './matrix-tiles.js';
import type { GroupsArguments, SearchKernels } from './search-kernels.js';
import { SparseFilter } from './sparse-filter.js';

export class SearchTiles extends MatrixTiles implements TileComputer {
  private readonly search: ReturnType<typeof kernelsFor>;
  private lists: { rows: TileLists; cols: TileLists } | undefined;
  /** Set if pairs of sparse rows may be excluded. */
  private readonly filter: SparseFilter | undefined;
  readonly groups: RowGroups | undefined;
  readonly thresholdOf: TileComputer['thresholdOf'];

  constructor(
    kernels: Kernels,
    search: SearchKernels,
    shape: JobShape,
    layout: Layout,
    scratch: TileScratch,
    heap: ScoreArray,
    /** Maximum by which a score can exceed the product of sketches. */
    private readonly slack: number,
  ) {
    super(kernels, shape, layout, scratch, heap);
    this.search = kernelsFor(search, shape.dtype);
    const { x, y } = layout;
    if (shape.sparse?.filtered) this.filter = new SparseFilter(this.search.filter, shape, layout, scratch, this.heap);
    const groupsOf = ({ groups }: Operand, rows: number) => new Uint32Array(this.heap, groups, rows);
    const thresholdsOf = ({ thresholds }: Operand, rows: number) => new Float64Array(this.heap, thresholds, rows);
    const colRows = shape.yRows || shape.xRows;
    if (shape.grouping) this.groups = new RowGroups({ x: groupsOf(x, shape.xRows), y: groupsOf(y, colRows) }, shape.grouping);
    if (shape.thresholds) this.thresholdOf = higherThreshold({ x: thresholdsOf(x, shape.xRows), y: thresholdsOf(y, colRows) });
  }

  findPairs(tile: Tile, { threshold, below }: PairsOrder): Hits {
    const { search, scratch, shape } = this;
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
      search.pairs(...sums, ...this.groupsArguments(tile), this.lowestScore(threshold), limits, rows, cols, scores);
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
    return this.search.scoreError(sparse ? sparseErrorDepth(sparse.rowNonzeros) : depth);
  }

  /** Keeps those of `found` hits that reach a threshold, in the same memory. */
  private settled(tile: Tile, sums: SumsArguments, threshold: number, found: number): Hits {
    const { search, scratch, shape } = this;
    if (shape.sparse) return this.settledSparse(tile, sums, threshold, found);
    const { rows, cols, scores, rowFacts, colFacts, work } = scratch.hits;
    const [address, stride, , , , , tileRows, tileCols] = sums;
    const { a, b } = this.panels(tile);
    const hits = [found, rows, cols, scores] as const;
    const facts = [rowFacts, colFacts, work] as const;
    let count = search.settle(address, stride, tileRows, tileCols, a, b, shape.depth, threshold, ...hits, ...facts);
    if (this.integers(work, 1)[0] !== 0) count = this.settleOpen(tile, threshold, count);
    return this.hits(count);
  }

  private hits(count: number): Hits {
    const { rows, cols, scores } = this.scratch.hits;
    return { count, rows: this.integers(rows, count), cols: this.integers(cols, count), scores: this.values(scores, count) };
  }

  /** The same for sparse rows. The kernel decides single pairs, as dense rows with the elements of both. */
  private settledSparse(tile: Tile, sums: SumsArguments, threshold: number, found: number): Hits {
    const { search, scratch, size } = this;
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
        const is = search.settle(sum, stride, 1, 1, a, b, depth, threshold, 1, ...place, rowFacts, colFacts, work);
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
    this.search.best(...sums, ...this.groupsArguments(tile), table, capacity);
    return this.lists;
  }

  /** Computes the sums of a tile, but only in blocks in which sketches leave a pair that may reach the bound of its row or column. */
  private sumCandidates(tile: Tile, rows: number, cols: number): SumsArguments {
    const { search, shape, slack } = this;
    const { ofRows, ofCols, blocks } = this.scratch.lists;
    // Bounds are scores, but sketches limit true cosines.
    const error = slack + 2 * search.scoreError(shape.depth);
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
    this.search.count(out, rows, cols, tile.diagonal, edgesAt, bins, table, tableBytes, totals);
    const [minimum, maximum, sum] = new Float64Array(this.heap, totals, 3) as unknown as [number, number, number];
    return { bins: this.integers(table, bins + 1), minimum, maximum, sum };
  }

  /**
   * Computes the sums of a tile, but only in blocks in which sketches do not exclude every pair, according to the lowest bound or to limits. All other sums
   * are lower than any score.
   */
  private sumSurvivors(tile: Tile, lowest: number, rowLimits: number, colLimits: number, blocks: number): SumsArguments {
    const { search, layout, shape } = this;
    const { panelRows, sketchPanelBytes, x, [tile.colOperand]: y } = layout;
    const sums = this.sumsArguments(tile);
    const [address, stride, , , , , rows, cols, triangle] = sums;
    const rowSketches = x.sketches + (tile.rowStart / panelRows) * sketchPanelBytes;
    const colSketches = y.sketches + (tile.colStart / panelRows) * sketchPanelBytes;
    this.gram(rowSketches, colSketches, address, stride, rows, cols, shape.sketches.short, triangle);
    const { a, b } = this.panels(tile);
    const gram = [a, b, address, stride, rows, cols, shape.depth, triangle] as const;
    const computed = search.survivors(...gram, lowest, rowLimits, colLimits, blocks);
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

  private listsAt({ owners, counts, indices, scores }: Lists): TileLists {
    const { capacity } = this.scratch.lists;
    return {
      counts: this.integers(counts, owners),
      capacity,
      indices: this.integers(indices, owners * capacity),
      scores: this.values(scores, owners * capacity),
    };
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

function kernelsFor(kernels: SearchKernels, dtype: DType) {
  return dtype === 'float32'
    ? {
        survivors: kernels.survivorsF32,
        pairs: kernels.pairsF32,
        scoreError: kernels.scoreErrorF32,
        settle: kernels.settleF32,
        best: kernels.bestF32,
        count: kernels.countF32,
        filter: kernels.filterF32,
      }
    : {
        survivors: kernels.survivorsF64,
        pairs: kernels.pairsF64,
        scoreError: kernels.scoreErrorF64,
        settle: kernels.settleF64,
        best: kernels.bestF64,
        count: kernels.countF64,
        filter: kernels.filterF64,
      };
}
