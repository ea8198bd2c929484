// Tiles of sparse rows in which most pairs are excluded without computing their sums (wasm/row-filter.ts), if that turns out to be faster.

import { elementBytes } from '../../rows/dtype.js';
import type { JobShape, SparseShape } from '../backend.js';
import { filterSlack, HEAD_FACTOR, LEAST_LIMIT } from '../sparse/row-filter.js';
import type { Tile } from '../work.js';
import type { SumsArguments } from './kernels.js';
import type { Layout, TileScratch } from './layout.js';
import type { FilterKernel, GroupsArguments } from './search-kernels.js';

/** Approximate nanoseconds: per survivor and per element of it; and, if all pairs are computed, per pair and per product. */
const SURVIVOR_COST = 15;
const ELEMENT_COST = 1.5;
const PAIR_COST = 0.9;
const PLAIN_PRODUCT_COST = 1.1;
/** The least gain that is worth it. */
const LEAST_GAIN = 1.1;

/** If filtering did not pay for most tiles, it is still tried for one in this many. */
const RETRIED = 16;

export class SparseFilter {
  private tried = 0;
  private failed = 0;
  private skipped = 0;
  private isCleared = false;

  constructor(
    private readonly kernel: FilterKernel,
    private readonly shape: JobShape,
    private readonly layout: Layout,
    private readonly scratch: TileScratch,
    private readonly heap: ArrayBufferLike,
  ) {}

  /**
   * Returns the hits of a tile, in their part of the scratch memory, with their sums in that of the tile's sums; undefined if all pairs are
   * to be computed.
   */
  findPairs(tile: Tile, sums: SumsArguments, groups: GroupsArguments, threshold: number, lowest: number): number | undefined {
    const { commonColumns, rowNonzeros } = this.shape.sparse as SparseShape;
    const { heap, scratch } = this;
    const limit = threshold - filterSlack(rowNonzeros);
    const [address, stride, rowInverses, colInverses, rowGuards, colGuards, rows, cols, triangle] = sums;
    const all = ((rows * cols) / (triangle ? 2 : 1)) * commonColumns;
    const isTried =
      limit >= LEAST_LIMIT && !(this.failed >= 2 && 2 * this.failed > this.tried && this.skipped++ % RETRIED !== 0);
    if (isTried) {
      this.tried++;
      this.clear();
      const { table } = scratch.index.filter;
      const [stored, addresses] = this.tableOf(tile);
      new Uint32Array(heap, table, addresses.length + 3).set([...addresses, rows, cols, Number(triangle)]);
      const pairCost = (PAIR_COST + PLAIN_PRODUCT_COST * commonColumns) / LEAST_GAIN;
      const numbers = new Float64Array(heap, table + 4 * (addresses.length + 3), 6);
      numbers.set([limit, lowest, HEAD_FACTOR * limit, SURVIVOR_COST + ELEMENT_COST * stored, pairCost]);
      const inSums = [address, stride, rowInverses, colInverses, rowGuards, colGuards] as const;
      const found = this.kernel(table, ...inSums, ...groups);
      this.count(numbers[5] as number, found < 0 ? 0 : all);
      if (found >= 0) return found;
      this.failed++;
    }
    this.count(all, all);
    return undefined;
  }

  /** Returns the mean number of elements that a column of the tile stores, and the table for the kernel. */
  private tableOf(tile: Tile): readonly [number, readonly number[]] {
    const { x, [tile.colOperand]: y } = this.layout;
    const { hits, index } = this.scratch;
    const cols = tile.colEnd - tile.colStart;
    const starts = new Uint32Array(this.heap, y.starts + 4 * tile.colStart, cols + 1);
    const stored = ((starts[cols] as number) - (starts[0] as number)) / Math.max(1, cols);
    const { slots, entries, postings, filter } = index;
    const of = ({ columns, values, filter: { columns: filtered, values: parts, rests } }: typeof x) => [
      columns,
      values,
      filtered,
      parts,
      rests,
    ];
    const addresses = [x.starts + 4 * tile.rowStart, ...of(x), y.starts + 4 * tile.colStart, ...of(y)];
    const places = [slots, entries, postings, filter.bounds, filter.touched, filter.spread, hits.rows, hits.cols, hits.scores];
    return [stored, [...addresses, ...places]];
  }

  private clear(): void {
    if (this.isCleared) return;
    this.isCleared = true;
    const { bounds, touched, spread } = this.scratch.index.filter;
    new Uint8Array(this.heap, bounds, touched - bounds).fill(0);
    new Uint8Array(this.heap, spread, this.shape.depth * elementBytes(this.shape.dtype)).fill(0);
  }

  private count(computed: number, all: number): void {
    const counts = new Float64Array(this.heap, this.scratch.hits.multiplyAdds, 2);
    counts[0] = (counts[0] as number) + computed;
    counts[1] = (counts[1] as number) + all;
  }
}
