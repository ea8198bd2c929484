// A problem in the addon's memory. Rows are packed directly from the caller's array if they are contiguous, otherwise from a staging
// buffer, a block at a time.

import { CsrRows } from '../../rows/csr-rows.js';
import { ContiguousRows, type RowSource } from '../../rows/row-source.js';
import type { GridWork, Job, JobShape, Sketching } from '../backend.js';
import { RowGroups } from '../row-marks.js';
import { newPackedSparse, type PackedSparse, packSparse, sparseBytes, sparsePackBlock } from '../sparse/packed-sparse.js';
import { FilterWriter } from '../sparse/row-filter.js';
import type { Order, TileGrid } from '../work.js';
import type { BeginDetail, NativeAddon } from './addon.js';
import { NativeGrid, NativeTiles } from './grid.js';
import { giveBackMemory, lendMemory, type NativeMemory } from './memory.js';

/** Elements packed at a time: enough to divide between threads, but few enough for the event loop. */
const BLOCK_ELEMENTS = 2 ** 20;
/** Waking a thread takes as long as packing this many elements. */
const ELEMENTS_WORTH_HELP = 2 ** 17;

function blockRows(depth: number, panelRows: number): number {
  return Math.max(1, Math.floor(BLOCK_ELEMENTS / (depth + 1) / panelRows)) * panelRows;
}

/** Returns the maximum size of the staging buffer. */
export function stagingBytes(shape: JobShape, panelRows: number): number {
  const { depth, xRows, yRows, sparse } = shape;
  if (sparse) {
    const rows = Math.min(Math.max(xRows, yRows), sparsePackBlock(sparse.rowNonzeros));
    const nonzeros = Math.min(Math.max(sparse.xNonzeros, sparse.yNonzeros), rows * sparse.rowNonzeros);
    return sparseBytes({ ...shape, xRows: rows, yRows: 0 }, { ...sparse, xNonzeros: nonzeros, yNonzeros: 0 });
  }
  return Math.min(Math.max(xRows, yRows), blockRows(depth, panelRows)) * depth * Float64Array.BYTES_PER_ELEMENT;
}

export class NativeJob implements Job {
  readonly packBlock: number;
  private readonly memory: NativeMemory;
  /** Packed sparse rows before they are passed to the addon. */
  private staged: PackedSparse | undefined;
  private filterWriter: FilterWriter | undefined;
  /** Set if an epilogue here needs them. */
  private readonly groups: { readonly x: Uint32Array; readonly y: Uint32Array } | undefined;

  constructor(
    addon: NativeAddon,
    instructionSet: string,
    private readonly shape: JobShape,
    panelRows: number,
  ) {
    this.packBlock = shape.sparse ? sparsePackBlock(shape.sparse.rowNonzeros) : blockRows(shape.depth, panelRows);
    this.memory = lendMemory(addon, instructionSet, shape);
    if (!shape.grouping || shape.purpose.kind !== 'tiles') return;
    const x = new Uint32Array(shape.xRows);
    this.groups = { x, y: shape.yRows > 0 ? new Uint32Array(shape.yRows) : x };
  }

  setSketching({ directions, squareSlack, slack }: Sketching): void {
    this.memory.job.setDirections(directions, squareSlack, slack);
  }

  setColumnRanks(ranks: Uint32Array): void {
    this.filterWriter = new FilterWriter(ranks);
  }

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    if (this.shape.sparse && source instanceof CsrRows) return this.packSparse(operand, source, from, to, at, zeroNonFinite);
    const { job } = this.memory;
    const count = to - from;
    const helpers = count * source.depth < ELEMENTS_WORTH_HELP ? 0 : this.shape.threads - 1;
    const y = operand === 'y';
    let bad: number;
    if (source instanceof ContiguousRows && (source.data instanceof Float32Array || source.data instanceof Float64Array)) {
      bad = job.pack(y, source.data, source.offset + from * source.depth, count, at, zeroNonFinite, helpers);
    } else {
      const staging = this.memory.staging(source.staged, count * source.depth);
      source.copyRows(from, to, staging, 0);
      bad = job.pack(y, staging, 0, count, at, zeroNonFinite, helpers);
    }
    return bad < 0 ? -1 : from + bad;
  }

  private packSparse(
    operand: 'x' | 'y',
    source: CsrRows,
    from: number,
    to: number,
    at: number,
    zeroNonFinite: boolean,
  ): number {
    const count = to - from;
    let nonzeros = 0;
    for (let row = from; row < to; row++) nonzeros += source.endOf(row) - source.startOf(row);
    if (!this.staged || this.staged.starts.length <= count || this.staged.columns.length < nonzeros) {
      this.staged = newPackedSparse(this.shape.dtype, count, nonzeros, this.filterWriter !== undefined);
    }
    const { starts, columns, values, inverses, guards, filter } = this.staged;
    const bad = packSparse(source, from, to, 0, zeroNonFinite, this.staged, this.filterWriter);
    if (bad >= 0) return bad;
    const { job } = this.memory;
    job.packSparse(operand === 'y', at, count, starts, columns, values, inverses, guards);
    if (filter && count > 0) job.packFilter(filter.columns, filter.values, filter.rests);
    return -1;
  }

  zeroRows(operand: 'x' | 'y', at: number, count: number): ArrayLike<number> {
    return this.memory.job.zeroRows(operand === 'y', at, count);
  }

  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void {
    if (this.groups) this.groups[operand].set(groups, at);
    else this.memory.job.setGroups(operand === 'y', at, groups);
  }

  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void {
    this.memory.job.setThresholds(operand === 'y', at, thresholds);
  }

  openGrid(grid: TileGrid, order: Order): GridWork {
    const { job } = this.memory;
    const { pass, rowStart, rowEnd, tileRows, symmetric } = grid;
    const cols = pass.colEnd - pass.colStart;
    let detail: BeginDetail;
    if (order.kind === 'dense') detail = order.cols;
    if (order.kind === 'pairs') detail = order.threshold;
    if (order.kind === 'histogram') detail = order.edges;
    const below = order.kind === 'pairs' ? order.below : Number.POSITIVE_INFINITY;
    job.begin(pass.rowStart, pass.colStart, cols, rowStart, rowEnd, tileRows, pass.diagonal, symmetric, detail, below);
    const { purpose, grouping } = this.shape;
    if (purpose.kind !== 'tiles') return new NativeGrid(job, order);
    return new NativeTiles(job, grid, order, this.groups && grouping && new RowGroups(this.groups, grouping));
  }

  release(): void {
    giveBackMemory(this.memory);
  }
}
