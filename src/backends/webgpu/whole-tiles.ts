// Whole tiles come back, for the epilogue of an order that the GPU does nothing for.

import { createEpilogue } from '../../epilogues/create.js';
import type { Epilogue } from '../../epilogues/epilogue.js';
import type { FinishedTile } from '../tiled/tile-backend.js';
import type { Delivery, Order, Tile, TileGrid } from '../work.js';
import type { JobMemory } from './memory.js';
import type { Bound, Recorder } from './recorder.js';
import { computerOf, directBytes, recordMirror, strideOf, type TileFinish } from './tile-finish.js';

export class WholeTiles implements TileFinish {
  readonly again: Tile[] = [];
  private readonly finished: FinishedTile = { scores: new Float32Array(), direct: 0, mirrored: -1 };
  private readonly epilogue: Epilogue;
  private readonly mirror: Bound;

  constructor(
    private readonly memory: JobMemory,
    private readonly grid: TileGrid,
    order: Order,
  ) {
    const tiles = { ...computerOf(memory), computeTile: () => this.finished };
    this.epilogue = createEpilogue(order, { matrix: tiles, tiles }, () => false);
    this.mirror = memory.bind('mirror', memory.scores);
  }

  fits(tiles: readonly Tile[], next: Tile): boolean {
    return this.bytesOf([...tiles, next]) <= this.memory.layout.slotBytes;
  }

  record(recorder: Recorder, tile: Tile, before: readonly Tile[], slot: GPUBuffer): void {
    recordMirror(recorder, this.mirror, tile);
    recorder.copy(this.memory.scores, 0, slot, this.bytesOf(before), directBytes(tile));
  }

  bytesOf(tiles: readonly Tile[]): number {
    return tiles.reduce((sum, tile) => sum + directBytes(tile), 0);
  }

  *take(bytes: ArrayBuffer, tiles: readonly Tile[]): Generator<Delivery> {
    let at = 0;
    for (const tile of tiles) {
      this.finished.scores = withoutGaps(new Float32Array(bytes, at, directBytes(tile) / 4), tile);
      const delivery = this.epilogue.take(this.grid.pass, tile);
      if (delivery) yield delivery;
      at += directBytes(tile);
    }
  }

  last(): Delivery | undefined {
    return this.epilogue.finish?.();
  }
}

function withoutGaps(scores: Float32Array, tile: Tile): Float32Array {
  const cols = tile.colEnd - tile.colStart;
  const stride = strideOf(tile);
  if (cols === stride) return scores;
  const rows = tile.rowEnd - tile.rowStart;
  for (let row = 1; row < rows; row++) scores.copyWithin(row * cols, row * stride, row * stride + cols);
  return scores.subarray(0, rows * cols);
}
