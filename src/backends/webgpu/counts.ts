// The histogram: bins and the totals of each workgroup come back, and are added here in whole numbers.

import type { Counts, Delivery, HistogramOrder, Tile } from '../work.js';
import { COUNTED_TILES, countedBytes } from './layout.js';
import type { JobMemory } from './memory.js';
import type { Bound, Recorder } from './recorder.js';
import { FLAGS, MAX_BINS, SCAN_COLS, SCAN_ROWS } from './shaders.js';
import { strideOf, type TileFinish } from './tile-finish.js';

const BIN_BYTES = 4 * MAX_BINS;
/** Above every score. */
const NO_EDGE = 4;
const SIGN = 0x80000000;

export class CountsFinish implements TileFinish {
  readonly again: Tile[] = [];
  private readonly bound: Bound;
  private readonly counts: Counts;
  private readonly number = new Float32Array(1);

  constructor(
    private readonly memory: JobMemory,
    private readonly order: HistogramOrder,
  ) {
    const { scores, edges, total, finds } = memory;
    this.bound = memory.bind('count', scores, edges, total, finds);
    this.counts = {
      bins: new Float64Array(order.edges.length),
      minimum: Number.POSITIVE_INFINITY,
      maximum: Number.NEGATIVE_INFINITY,
      sum: 0n,
    };
  }

  begin(): void {
    const { memory } = this;
    // A float32 score is below an edge exactly if it is below the next float32 number at or above it.
    const edges = Float32Array.from([...this.order.edges, NO_EDGE], roundedUp);
    memory.device.gpu.queue.writeBuffer(memory.edges, 0, edges);
  }

  beginSlice(recorder: Recorder): void {
    recorder.clear(this.memory.total, BIN_BYTES);
  }

  fits(tiles: readonly Tile[]): boolean {
    return tiles.length < COUNTED_TILES;
  }

  record(recorder: Recorder, tile: Tile, before: readonly Tile[]): void {
    const [rows, cols] = [tile.rowEnd - tile.rowStart, tile.colEnd - tile.colStart];
    const flags = tile.diagonal ? FLAGS.diagonal : 0;
    const b = this.totalBytes(before) / 4;
    const params = { rows, cols, stride: strideOf(tile), flags, a: this.order.edges.length, b };
    recorder.dispatch(this.bound, params, Math.ceil(cols / SCAN_COLS), Math.ceil(rows / SCAN_ROWS));
  }

  endSlice(recorder: Recorder, tiles: readonly Tile[], slot: GPUBuffer): void {
    const { total, finds } = this.memory;
    recorder.copy(total, 0, slot, 0, BIN_BYTES);
    recorder.copy(finds, 0, slot, BIN_BYTES, this.totalBytes(tiles));
  }

  bytesOf(tiles: readonly Tile[]): number {
    return BIN_BYTES + this.totalBytes(tiles);
  }

  private totalBytes(tiles: readonly Tile[]): number {
    return tiles.reduce((sum, tile) => sum + countedBytes(tile.rowEnd - tile.rowStart, tile.colEnd - tile.colStart), 0);
  }

  take(bytes: ArrayBuffer, tiles: readonly Tile[]): [] {
    if (tiles.length === 0) return [];
    const { counts } = this;
    const bins = new Uint32Array(bytes, 0, counts.bins.length);
    for (const [bin, count] of bins.entries()) counts.bins[bin] = (counts.bins[bin] as number) + count;
    const totals = new Uint32Array(bytes, BIN_BYTES, this.totalBytes(tiles) / 4);
    let [low, high] = [0, 0];
    for (let at = 0; at < totals.length; at += 4) {
      const [lowest, highest] = [totals[at + 2] as number, totals[at + 3] as number];
      // Beyond the diagonal a workgroup has no score.
      if (lowest > highest) continue;
      low += (totals[at] as number) | 0;
      high += (totals[at + 1] as number) | 0;
      counts.minimum = Math.min(counts.minimum, this.scoreOf(lowest));
      counts.maximum = Math.max(counts.maximum, this.scoreOf(highest));
    }
    counts.sum += BigInt(low) + BigInt(high) * 65536n;
    return [];
  }

  /** The score that a number in the same order stands for. */
  private scoreOf(key: number): number {
    new Uint32Array(this.number.buffer)[0] = key >= SIGN ? key - SIGN : ~key;
    return this.number[0] as number;
  }

  last(): Delivery {
    return { kind: 'counts', counts: this.counts };
  }
}

/** The lowest float32 number that is not below a value in [-1, 4]. */
function roundedUp(value: number): number {
  const near = Math.fround(value);
  if (near >= value) return near;
  const bits = new Int32Array(Float32Array.of(near).buffer);
  if (near === 0) return 2 ** -149;
  bits[0] = (bits[0] as number) + (near > 0 ? 1 : -1);
  return new Float32Array(bits.buffer)[0] as number;
}
