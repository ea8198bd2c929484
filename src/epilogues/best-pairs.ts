// Finds the pairs with the highest scores. Each thread keeps its best pairs in a heap, whose worst score is the threshold for scanning
// tiles. The threshold only rises, so one comparison rejects almost every score.

import type { TileComputer } from '../backends/tiled/tile-backend.js';
import type { BestPairsOrder, Delivery, FoundPairs, Pass, Tile } from '../backends/work.js';
import type { DType, ScoreArray } from '../rows/dtype.js';
import type { Collector, Epilogue } from './epilogue.js';

/**
 * Up to `capacity` pairs, highest score first, equal scores by lower row, then lower column: a binary heap with the worst pair at the
 * root.
 */
export class BestPairs {
  private readonly rows: Uint32Array;
  private readonly cols: Uint32Array;
  private readonly scores: Float64Array;
  private length = 0;

  constructor(readonly capacity: number) {
    this.rows = new Uint32Array(capacity);
    this.cols = new Uint32Array(capacity);
    this.scores = new Float64Array(capacity);
  }

  /** The score below which nothing is accepted. */
  get bound(): number {
    return this.length < this.capacity ? Number.NEGATIVE_INFINITY : (this.scores[0] as number);
  }

  offer(row: number, col: number, score: number): void {
    if (this.length < this.capacity) this.siftUp(this.length++, row, col, score);
    else if (this.capacity > 0 && this.ranksBelow(0, row, col, score)) this.siftDown(this.length, row, col, score);
  }

  offerAll({ rows, cols, scores }: FoundPairs): void {
    for (let at = 0; at < rows.length; at++) this.offer(rows[at] as number, cols[at] as number, scores[at] as number);
  }

  /** Returns the pairs in no particular order and empties the heap. */
  take(dtype: DType): FoundPairs {
    const { length } = this;
    this.length = 0;
    const scores = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
    for (let at = 0; at < length; at++) scores[at] = this.scores[at] as number;
    return { rows: this.rows.slice(0, length), cols: this.cols.slice(0, length), scores };
  }

  /** Returns the pairs in order and empties the heap. */
  takeSorted(dtype: DType): FoundPairs {
    for (let last = this.length - 1; last > 0; last--) {
      const [row, col, score] = [this.rows[last] as number, this.cols[last] as number, this.scores[last] as number];
      this.set(last, this.rows[0] as number, this.cols[0] as number, this.scores[0] as number);
      this.siftDown(last, row, col, score);
    }
    return this.take(dtype);
  }

  /** Returns whether the pair at `at` ranks below another. */
  private ranksBelow(at: number, row: number, col: number, score: number): boolean {
    const here = this.scores[at] as number;
    if (here !== score) return here < score;
    const hereRow = this.rows[at] as number;
    return hereRow === row ? (this.cols[at] as number) > col : hereRow > row;
  }

  private siftUp(from: number, row: number, col: number, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.ranksBelow(parent, row, col, score)) break;
      this.move(parent, at);
      at = parent;
    }
    this.set(at, row, col, score);
  }

  /** Replaces the root of the first `count` pairs. */
  private siftDown(count: number, row: number, col: number, score: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const other = child + 1;
      if (other < count) {
        const [otherRow, otherCol] = [this.rows[other] as number, this.cols[other] as number];
        if (!this.ranksBelow(child, otherRow, otherCol, this.scores[other] as number)) child = other;
      }
      if (!this.ranksBelow(child, row, col, score)) break;
      this.move(child, at);
      at = child;
    }
    this.set(at, row, col, score);
  }

  private move(from: number, to: number): void {
    this.set(to, this.rows[from] as number, this.cols[from] as number, this.scores[from] as number);
  }

  private set(at: number, row: number, col: number, score: number): void {
    this.rows[at] = row;
    this.cols[at] = col;
    this.scores[at] = score;
  }
}

export class BestPairsEpilogue implements Epilogue {
  private readonly best: BestPairs;
  private dtype: DType = 'float32';

  constructor(
    private readonly order: BestPairsOrder,
    private readonly computer: TileComputer,
  ) {
    this.best = new BestPairs(order.count);
  }

  take(pass: Pass, tile: Tile): undefined {
    if (this.computer.groups?.isWithoutPairs(tile)) return;
    const { scores, direct } = this.computer.computeTile(tile);
    this.dtype = scores instanceof Float32Array ? 'float32' : 'float64';
    this.scan(scores, direct, pass.rowStart + tile.rowStart, pass.colStart + tile.colStart, tile);
  }

  finish(): Delivery {
    return { kind: 'best-pairs', best: this.best.take(this.dtype) };
  }

  /** `row` and `col` are the position of the tile in the result. On the diagonal, only pairs above it count. */
  private scan(scores: ScoreArray, direct: number, row: number, col: number, tile: Tile): void {
    const { best, computer } = this;
    const { groups } = computer;
    const { below } = this.order;
    const height = tile.rowEnd - tile.rowStart;
    const width = tile.colEnd - tile.colStart;
    let { bound } = best;
    for (let i = 0; i < height; i++) {
      const line = direct + i * width;
      for (let j = tile.diagonal ? i + 1 : 0; j < width; j++) {
        const score = scores[line + j] as number;
        if (score < bound) continue;
        if (groups && !groups.counts(tile, i, j)) continue;
        if (below <= 1 && computer.reaches(tile, i, j, score, below)) continue;
        best.offer(row + i, col + j, score);
        ({ bound } = best);
      }
    }
  }
}

export class BestPairsCollector implements Collector<BestPairsOrder> {
  readonly order: BestPairsOrder;
  readonly best: BestPairs;

  constructor(count: number, below: number) {
    this.order = { kind: 'best-pairs', count, below };
    this.best = new BestPairs(count);
  }

  receive(delivery: Delivery): void {
    if (delivery.kind === 'best-pairs') this.best.offerAll(delivery.best);
  }
}
