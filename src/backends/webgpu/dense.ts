// The whole matrix: tiles, and their transposes where these are another part of it, come back and are copied to their places.

import { argumentLost } from '../../errors.js';
import { lengthNow } from '../../rows/dtype.js';
import type { DenseOrder, Tile, TileGrid } from '../work.js';
import type { JobMemory } from './memory.js';
import type { Bound, Recorder } from './recorder.js';
import { directBytes, paddedRows, recordMirror, recordTranspose, strideOf, type TileFinish } from './tile-finish.js';

export class DenseFinish implements TileFinish {
  readonly again: Tile[] = [];
  private readonly mirror: Bound;
  private readonly transpose: Bound;
  private readonly length: number;

  constructor(
    private readonly memory: JobMemory,
    private readonly grid: TileGrid,
    private readonly order: DenseOrder,
  ) {
    this.mirror = memory.bind('mirror', memory.scores);
    this.transpose = memory.bind('transpose', memory.scores, memory.transposed);
    this.length = order.result?.length ?? 0;
  }

  fits(tiles: readonly Tile[], next: Tile): boolean {
    return this.bytesOf([...tiles, next]) <= this.memory.layout.slotBytes;
  }

  record(recorder: Recorder, tile: Tile, before: readonly Tile[], slot: GPUBuffer): void {
    const { memory } = this;
    recordMirror(recorder, this.mirror, tile);
    const at = this.bytesOf(before);
    recorder.copy(memory.scores, 0, slot, at, directBytes(tile));
    if (!tile.mirrored) return;
    recordTranspose(recorder, this.transpose, tile);
    recorder.copy(memory.transposed, 0, slot, at + directBytes(tile), mirroredBytes(tile));
  }

  bytesOf(tiles: readonly Tile[]): number {
    return tiles.reduce((sum, tile) => sum + directBytes(tile) + (tile.mirrored ? mirroredBytes(tile) : 0), 0);
  }

  take(bytes: ArrayBuffer, tiles: readonly Tile[]): [] {
    const { pass } = this.grid;
    let at = 0;
    for (const tile of tiles) {
      const row = pass.rowStart + tile.rowStart;
      const col = pass.colStart + tile.colStart;
      const rows = tile.rowEnd - tile.rowStart;
      const cols = tile.colEnd - tile.colStart;
      this.write(new Float32Array(bytes, at), strideOf(tile), row, col, rows, cols);
      at += directBytes(tile);
      if (!tile.mirrored) continue;
      this.write(new Float32Array(bytes, at), paddedRows(tile), col, row, cols, rows);
      at += mirroredBytes(tile);
    }
    return [];
  }

  private write(scores: Float32Array, stride: number, row: number, col: number, rows: number, cols: number): void {
    const { result, cols: width } = this.order;
    if (!result || lengthNow(result) !== this.length) throw argumentLost('out');
    for (let i = 0; i < rows; i++) result.set(scores.subarray(i * stride, i * stride + cols), (row + i) * width + col);
  }
}

function mirroredBytes(tile: Tile): number {
  return 4 * (tile.colEnd - tile.colStart) * paddedRows(tile);
}
