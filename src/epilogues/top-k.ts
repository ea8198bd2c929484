// Finds the k best of each row. In a self-comparison a tile updates both its rows and its columns. All threads share the lists, and a
// block of rows is locked while the few finds of a tile are merged.

import type { TileComputer, TileLists } from '../backends/tiled/tile-backend.js';
import type { Delivery, Pass, Tile, TopKOrder } from '../backends/work.js';
import type { ScoreArray } from '../rows/dtype.js';
import { BestLists } from './best-lists.js';
import type { Collector, Epilogue } from './epilogue.js';

export class TopKCollector implements Collector<TopKOrder> {
  readonly order: TopKOrder;

  constructor(lists: BestLists, lockRows: number, shared: boolean) {
    const { k, indices, scores } = lists;
    lists.clear();
    const colLocks = Math.ceil(indices.length / k / lockRows);
    const locks = shared ? new Int32Array(new SharedArrayBuffer(4 * 2 * colLocks)) : undefined;
    this.order = { kind: 'top-k', k, indices, scores, locks, lockRows, colLocks };
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
    if (this.computer.groups?.isWithoutPairs(tile)) return undefined;
    const row = pass.rowStart + tile.rowStart;
    const col = pass.colStart + tile.colStart;
    const { lockRows, colLocks } = this.order;
    const rowCell = tile.rowStart / lockRows;
    const colCell = tile.colStart / lockRows + (pass.diagonal ? 0 : colLocks);
    if (this.computer.findBest) {
      const forCols = tile.mirrored || tile.diagonal;
      this.readBounds(rowCell, row, tile.rowEnd - tile.rowStart, this.rowBounds);
      if (forCols) this.readBounds(colCell, col, tile.colEnd - tile.colStart, this.colBounds);
      const { rows, cols } = this.computer.findBest(tile, this.rowBounds, forCols ? this.colBounds : undefined);
      this.merge(rowCell, row, tile.rowEnd - tile.rowStart, rows, col);
      if (forCols) this.merge(colCell, col, tile.colEnd - tile.colStart, cols, row);
    } else {
      this.offerAll(rowCell, row, colCell, col, tile);
    }
    return undefined;
  }

  private readBounds(cell: number, row: number, count: number, bounds: ScoreArray): void {
    this.lock(cell);
    for (let i = 0; i < count; i++) bounds[i] = this.lists.bound(row + i);
    this.unlock(cell);
  }

  private merge(cell: number, row: number, count: number, found: TileLists, offset: number): void {
    const { lists } = this;
    const { counts, capacity, indices, scores } = found;
    this.lock(cell);
    for (let i = 0; i < count; i++) {
      const from = i * capacity;
      const to = from + (counts[i] as number);
      for (let at = from; at < to; at++) lists.offer(row + i, offset + (indices[at] as number), scores[at] as number);
    }
    this.unlock(cell);
  }

  /** For a backend that does not find the best by itself. */
  private offerAll(rowCell: number, row: number, colCell: number, col: number, tile: Tile): void {
    const { lists, computer } = this;
    const { scores, direct } = computer.computeTile(tile);
    const counts = (i: number, j: number) => !computer.groups || computer.groups.counts(tile, i, j);
    const rows = tile.rowEnd - tile.rowStart;
    const cols = tile.colEnd - tile.colStart;
    this.lock(rowCell);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        if ((!tile.diagonal || i !== j) && counts(i, j)) {
          lists.offer(row + i, col + j, scores[direct + i * cols + j] as number);
        }
      }
    }
    this.unlock(rowCell);
    if (!tile.mirrored) return;
    this.lock(colCell);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        if (counts(i, j)) lists.offer(col + j, row + i, scores[direct + i * cols + j] as number);
      }
    }
    this.unlock(colCell);
  }

  private lock(cell: number): void {
    const { locks } = this.order;
    if (!locks) return;
    while (Atomics.compareExchange(locks, cell, FREE, HELD) !== FREE) {
      // A thread that ended while holding the lock will not wake others.
      Atomics.wait(locks, cell, HELD, LOCK_PATIENCE_MS);
      if (this.isStopped()) throw new Error('stopped');
    }
  }

  private unlock(cell: number): void {
    const { locks } = this.order;
    if (!locks) return;
    Atomics.store(locks, cell, FREE);
    Atomics.notify(locks, cell, 1);
  }
}

const FREE = 0;
const HELD = 1;
const LOCK_PATIENCE_MS = 20;
