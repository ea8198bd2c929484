import type { TileScorer } from '../backends/tiled/tile-backend.js';
import type { Delivery, DenseOrder, Pass, Tile } from '../backends/work.js';
import type { ScoreArray } from '../rows/dtype.js';
import type { Collector, Epilogue } from './epilogue.js';

/** Writes every score, and its transpose if it has one, to its place in the result. */
export class DenseEpilogue implements Epilogue {
  constructor(
    private readonly order: DenseOrder,
    private readonly computer: TileScorer,
  ) {}

  take(pass: Pass, tile: Tile): Delivery | undefined {
    const { result, cols } = this.order;
    const finished = this.computer.computeTile(tile);
    if (result) {
      const { scores, direct, mirrored } = finished;
      writeTile(result, cols, pass, tile, scores, direct, mirrored < 0 ? undefined : scores, mirrored);
      return undefined;
    }
    const length = (tile.rowEnd - tile.rowStart) * (tile.colEnd - tile.colStart);
    const direct = finished.scores.slice(finished.direct, finished.direct + length);
    const mirrored = finished.mirrored < 0 ? undefined : finished.scores.slice(finished.mirrored, finished.mirrored + length);
    return { kind: 'tile', pass, tile, direct, mirrored };
  }
}

export class DenseCollector implements Collector<DenseOrder> {
  readonly order: DenseOrder;

  /** With `reachable`, threads write to `result` directly. */
  constructor(
    private readonly result: ScoreArray,
    private readonly cols: number,
    reachable: boolean,
  ) {
    this.order = { kind: 'dense', result: reachable ? result : undefined, cols };
  }

  receive(delivery: Delivery): void {
    if (delivery.kind !== 'tile') return;
    const { pass, tile, direct, mirrored } = delivery;
    writeTile(this.result, this.cols, pass, tile, direct, 0, mirrored, 0);
  }
}

/** Writes a tile at index `from`, and its transpose at `mirroredFrom` unless that is undefined. */
function writeTile(
  result: ScoreArray,
  cols: number,
  pass: Pass,
  tile: Tile,
  scores: ScoreArray,
  from: number,
  mirrored: ScoreArray | undefined,
  mirroredFrom: number,
): void {
  const row = pass.rowStart + tile.rowStart;
  const col = pass.colStart + tile.colStart;
  const height = tile.rowEnd - tile.rowStart;
  const width = tile.colEnd - tile.colStart;
  writeBlock(result, cols, row, col, scores, from, height, width);
  if (mirrored) writeBlock(result, cols, col, row, mirrored, mirroredFrom, width, height);
}

function writeBlock(
  result: ScoreArray,
  cols: number,
  row: number,
  col: number,
  scores: ScoreArray,
  from: number,
  height: number,
  width: number,
): void {
  let to = row * cols + col;
  if (width === cols) {
    result.set(scores.subarray(from, from + height * width), to);
    return;
  }
  for (let i = 0; i < height; i++, from += width, to += cols) result.set(scores.subarray(from, from + width), to);
}
