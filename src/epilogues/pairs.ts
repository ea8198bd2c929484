// Finds the pairs whose true cosine reaches a threshold, tile by tile, by row and column. A self-comparison finds each pair once, as
// (lower row, higher row).

import type { Hits, TileComputer } from '../backends/tiled/tile-backend.js';
import type { Delivery, PairsOrder, Pass, Tile, TilePairs } from '../backends/work.js';
import type { Epilogue } from './epilogue.js';

export class PairsEpilogue implements Epilogue {
  constructor(
    private readonly order: PairsOrder,
    private readonly computer: TileComputer,
  ) {}

  take(pass: Pass, tile: Tile): Delivery | undefined {
    if (this.computer.groups?.isWithoutPairs(tile)) return undefined;
    const hits = this.computer.findPairs?.(tile, this.order) ?? this.scan(tile);
    if (hits.count === 0) return undefined;
    const tileRow = pass.rowStart + tile.rowStart;
    const tileCol = pass.colStart + tile.colStart;
    const pairs = tile.diagonal ? transposed(hits, tileRow, tileCol) : moved(hits, tileRow, tileCol);
    return { kind: 'pairs', pairs };
  }

  /** For a backend that does not find pairs by itself. */
  private scan(tile: Tile): Hits {
    const { computer, order } = this;
    const { scores, direct } = computer.computeTile(tile);
    const width = tile.colEnd - tile.colStart;
    const rows: number[] = [];
    const cols: number[] = [];
    const found: number[] = [];
    for (let i = 0; i < tile.rowEnd - tile.rowStart; i++) {
      for (let j = 0; j < (tile.diagonal ? i : width); j++) {
        const score = scores[direct + i * width + j] as number;
        if (computer.groups && !computer.groups.counts(tile, i, j)) continue;
        const threshold = computer.thresholdOf ? computer.thresholdOf(tile, i, j) : order.threshold;
        if (!computer.reaches(tile, i, j, score, threshold)) continue;
        if (order.below <= 1 && computer.reaches(tile, i, j, score, order.below)) continue;
        rows.push(i);
        cols.push(j);
        found.push(score);
      }
    }
    const ofType = scores instanceof Float32Array ? Float32Array : Float64Array;
    return { count: rows.length, rows: Uint32Array.from(rows), cols: Uint32Array.from(cols), scores: ofType.from(found) };
  }
}

function moved(hits: Hits, tileRow: number, tileCol: number): TilePairs {
  const { count } = hits;
  const rows = new Uint32Array(count);
  const cols = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    rows[at] = tileRow + (hits.rows[at] as number);
    cols[at] = tileCol + (hits.cols[at] as number);
  }
  return { tileRow, tileCol, rows, cols, scores: hits.scores.slice(0, count) };
}

/** Turns hits below the diagonal into pairs above it, with a counting sort, which keeps the order of columns. */
function transposed(hits: Hits, tileRow: number, tileCol: number): TilePairs {
  const { count } = hits;
  let last = 0;
  for (let at = 0; at < count; at++) last = Math.max(last, hits.cols[at] as number);
  /** Where the next pair of each row goes. */
  const next = new Uint32Array(last + 2);
  for (let at = 0; at < count; at++) next[(hits.cols[at] as number) + 1] = (next[(hits.cols[at] as number) + 1] as number) + 1;
  for (let row = 1; row < next.length; row++) next[row] = (next[row] as number) + (next[row - 1] as number);
  const rows = new Uint32Array(count);
  const cols = new Uint32Array(count);
  const scores = hits.scores.slice(0, count);
  for (let at = 0; at < count; at++) {
    const row = hits.cols[at] as number;
    const to = next[row] as number;
    next[row] = to + 1;
    rows[to] = tileRow + row;
    cols[to] = tileCol + (hits.rows[at] as number);
    scores[to] = hits.scores[at] as number;
  }
  return { tileRow, tileCol, rows, cols, scores };
}
