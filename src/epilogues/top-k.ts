// The k best of each row. Of x with itself a tile serves its rows and its columns. The lists are shared by all threads: a
// block of rows is locked while a tile's few finds are merged into its lists.

import type { Tile, TileComputer, TileLists } from '../backends/backend.js';
import type { Delivery, Pass, TopKOrder } from '../backends/work.js';
import type { ScoreArray } from '../matrix/dtype.js';
import { BestLists } from './best-lists.js';
import type { Collector, Epilogue } from './epilogue.js';

export class TopKCollector implements Collector<TopKOrder> {
  readonly order: TopKOrder;

  constructor(lists: BestLists, firstRow: number, lockRows: number, shared: boolean) {
    const { k, indices, scores } = lists;
    lists.clear();
    const blocks = Math.ceil((indices.length / k - firstRow) / lockRows);
    const locks = shared ? new Int32Array(new SharedArrayBuffer(4 * blocks)) : undefined;
    this.order = { kind: 'top-k', k, indices, scores, firstRow, locks, lockRows };
  }

  receive(): void {}
}

export class TopKEpilogue implements Epilogue {
  private readonly lists: BestLists;
  private readonly rowBounds: ScoreArray;
  private readonly colBounds: ScoreArray;

  constructor(
    private readonly order: TopKOrder,
    private readonly computer: TileComputer,
    private readonly isStopped: () => boolean,
  ) {
    const { k, indices, scores, lockRows } = order;
    this.lists = new BestLists(k, indices, scores);
    this.rowBounds = scores instanceof Float32Array ? new Float32Array(lockRows) : new Float64Array(lockRows);
    this.colBounds = this.rowBounds.slice();
  }

  take(pass: Pass, tile: Tile): Delivery | undefined {
    const row = pass.rowFrom + tile.rowFrom;
    const col = pass.colFrom + tile.colFrom;
    if (this.computer.findBest) {
      const forCols = tile.mirrored || tile.diagonal;
      this.readBounds(row, tile.rowTo - tile.rowFrom, this.rowBounds);
      if (forCols) this.readBounds(col, tile.colTo - tile.colFrom, this.colBounds);
      const { rows, cols } = this.computer.findBest(tile, this.rowBounds, forCols ? this.colBounds : undefined);
      this.merge(row, tile.rowTo - tile.rowFrom, rows, col);
      if (forCols) this.merge(col, tile.colTo - tile.colFrom, cols, row);
    } else {
      this.offerAll(row, col, tile);
    }
    return undefined;
  }

  private readBounds(row: number, count: number, bounds: ScoreArray): void {
    this.lock(row);
    for (let i = 0; i < count; i++) bounds[i] = this.lists.bound(row + i);
    this.unlock(row);
  }

  private merge(row: number, count: number, { counts, capacity, indices, scores }: TileLists, offset: number): void {
    const { lists } = this;
    this.lock(row);
    for (let i = 0; i < count; i++) {
      const from = i * capacity;
      const to = from + (counts[i] as number);
      for (let at = from; at < to; at++) lists.offer(row + i, offset + (indices[at] as number), scores[at] as number);
    }
    this.unlock(row);
  }

  /** For a backend that finds nothing itself. */
  private offerAll(row: number, col: number, tile: Tile): void {
    const { lists } = this;
    const { scores, direct } = this.computer.computeTile(tile);
    const rows = tile.rowTo - tile.rowFrom;
    const cols = tile.colTo - tile.colFrom;
    this.lock(row);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        if (!tile.diagonal || i !== j) lists.offer(row + i, col + j, scores[direct + i * cols + j] as number);
      }
    }
    this.unlock(row);
    if (!tile.mirrored) return;
    this.lock(col);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) lists.offer(col + j, row + i, scores[direct + i * cols + j] as number);
    }
    this.unlock(col);
  }

  private lock(row: number): void {
    const { firstRow, locks, lockRows } = this.order;
    if (!locks) return;
    const cell = (row - firstRow) / lockRows;
    while (Atomics.compareExchange(locks, cell, FREE, HELD) !== FREE) {
      // A thread that ended while it held the lock will not wake anyone.
      Atomics.wait(locks, cell, HELD, LOCK_PATIENCE_MS);
      if (this.isStopped()) throw new Error('stopped');
    }
  }

  private unlock(row: number): void {
    const { firstRow, locks, lockRows } = this.order;
    if (!locks) return;
    const cell = (row - firstRow) / lockRows;
    Atomics.store(locks, cell, FREE);
    Atomics.notify(locks, cell, 1);
  }
}

const FREE = 0;
const HELD = 1;
const LOCK_PATIENCE_MS = 20;
