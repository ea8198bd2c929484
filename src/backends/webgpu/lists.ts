// Top-k: the lists lie in the GPU's memory while a grid is computed, and come back at its end.

import type { ScoreArray } from '../../rows/dtype.js';
import type { Tile, TileGrid, TopKOrder } from '../work.js';
import { MAP_READ } from './device.js';
import type { JobMemory, Operand } from './memory.js';
import { type Bound, beginCheck, Recorder } from './recorder.js';
import { FLAGS } from './shaders.js';
import { paddedRows, recordMirror, recordTranspose, strideOf, type TileFinish } from './tile-finish.js';

/** Slices without anything to read. */
const NOTHING_BYTES = 8;

/** Lists [from, to) of an operand, counted from its first packed row, which is row `first` of all. */
interface Range {
  readonly of: Operand;
  readonly from: number;
  readonly to: number;
  readonly first: number;
}

export class ListsFinish implements TileFinish {
  readonly again: Tile[] = [];
  private readonly mirror: Bound;
  private readonly transpose: Bound;
  private readonly rowFlags: number;

  constructor(
    private readonly memory: JobMemory,
    private readonly grid: TileGrid,
    private readonly order: TopKOrder,
  ) {
    const { shape } = memory;
    this.mirror = memory.bind('mirror', memory.scores);
    this.transpose = memory.bind('transpose', memory.scores, memory.transposed);
    this.rowFlags = shape.grouping ? FLAGS[shape.grouping] : 0;
  }

  begin(): void {
    const { queue } = this.memory.device.gpu;
    const { k, scores, indices } = this.order;
    for (const { of, from, to, first } of this.ranges()) {
      const [start, end] = [(first + from) * k, (first + to) * k];
      queue.writeBuffer(of.listScores, 4 * k * from, partOf(scores as Float32Array, start, end));
      queue.writeBuffer(of.listIndices, 4 * k * from, partOf(indices, start, end));
    }
  }

  fits(): boolean {
    return true;
  }

  record(recorder: Recorder, tile: Tile): void {
    const { memory } = this;
    const { pass } = this.grid;
    const { k } = this.order;
    const rows = tile.rowEnd - tile.rowStart;
    const cols = tile.colEnd - tile.colStart;
    const { x, [tile.colOperand]: y } = memory;
    recordMirror(recorder, this.mirror, tile);
    const ofRows = {
      rows,
      cols,
      stride: strideOf(tile),
      rowStart: tile.rowStart,
      colStart: tile.colStart,
      flags: this.rowFlags | (tile.diagonal ? FLAGS.diagonal : 0),
      a: k,
      b: tile.rowStart,
      c: pass.colStart + tile.colStart,
    };
    recorder.dispatch(memory.bindSelect(memory.scores, x, y), ofRows, rows);
    if (!tile.mirrored) return;
    recordTranspose(recorder, this.transpose, tile);
    const ofCols = {
      rows: cols,
      cols: rows,
      stride: paddedRows(tile),
      rowStart: tile.colStart,
      colStart: tile.rowStart,
      flags: this.rowFlags,
      a: k,
      b: tile.colStart,
      c: pass.rowStart + tile.rowStart,
    };
    recorder.dispatch(memory.bindSelect(memory.transposed, y, x), ofCols, cols);
  }

  endSlice(recorder: Recorder, _tiles: readonly Tile[], slot: GPUBuffer): void {
    recorder.copy(this.memory.total, 0, slot, 0, NOTHING_BYTES);
  }

  bytesOf(): number {
    return NOTHING_BYTES;
  }

  take(): [] {
    return [];
  }

  async end(): Promise<void> {
    const { scores, indices, k } = this.order;
    for (const { of, from, to, first } of this.ranges()) {
      await this.read(of.listScores, k * from, k * to, (first + from) * k, scores);
      await this.read(of.listIndices, k * from, k * to, (first + from) * k, indices);
    }
  }

  /** Elements [from, to) of a buffer, to index `at` of an array. */
  private async read(buffer: GPUBuffer, from: number, to: number, at: number, array: ScoreArray | Uint32Array): Promise<void> {
    const { memory } = this;
    const { device, layout } = memory;
    const [slot] = memory.slots as [GPUBuffer];
    const atOnce = layout.slotBytes / 4;
    for (let start = from; start < to; start += atOnce) {
      const bytes = 4 * Math.min(atOnce, to - start);
      const endCheck = beginCheck(device);
      const recorder = new Recorder(device, memory.params);
      recorder.copy(buffer, 4 * start, slot, 0, bytes);
      recorder.submit();
      await Promise.all([slot.mapAsync(MAP_READ, 0, bytes), endCheck()]);
      const range = slot.getMappedRange(0, bytes);
      array.set(array instanceof Uint32Array ? new Uint32Array(range) : new Float32Array(range), at + start - from);
      slot.unmap();
    }
  }

  /** The lists that the tiles of the grid change. */
  private ranges(): Range[] {
    const { x, y } = this.memory;
    const { pass, rowStart, rowEnd, symmetric } = this.grid;
    const cols = pass.colEnd - pass.colStart;
    const ofRows = { of: x, from: rowStart, to: pass.diagonal ? cols : rowEnd, first: pass.rowStart };
    return pass.diagonal || !symmetric ? [ofRows] : [ofRows, { of: y, from: 0, to: cols, first: pass.colStart }];
  }
}

/** Elements of an array; a copy where its memory is shared. */
function partOf<T extends Float32Array | Uint32Array>(array: T, from: number, to: number): T {
  const isPlain = array.buffer instanceof ArrayBuffer;
  return (isPlain ? array.subarray(from, to) : array.slice(from, to)) as T;
}
