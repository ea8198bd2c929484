// What the ways to finish tiles have in common, once the scores of a tile lie in the GPU's memory.

import type { TileComputer } from '../tiled/tile-backend.js';
import type { Delivery, Tile } from '../work.js';
import type { JobMemory } from './memory.js';
import type { Bound, Recorder } from './recorder.js';
import { reachesThreshold } from './settle.js';
import { PANEL_ROWS } from './shaders.js';

export interface TileFinish {
  /** Tiles that have to be computed once more. */
  readonly again: Tile[];
  /** Whether it needs only the scores of survivors of a tile, if the job has sketches: those whose product of sketches reaches this. */
  lowestOf?(tile: Tile): number | undefined;
  /** How many panels of columns were computed in the filtered strips of a slice; undefined if that did not come back. */
  panelsOf?(bytes: ArrayBuffer, tiles: readonly Tile[]): number | undefined;
  /** Before the first slice. */
  begin?(): void;
  beginSlice?(recorder: Recorder): void;
  /** Whether a slot has room for what comes of one more tile. It has for the first. */
  fits(tiles: readonly Tile[], next: Tile): boolean;
  /** After the scores of a tile, the next of `before`. */
  record(recorder: Recorder, tile: Tile, before: readonly Tile[], slot: GPUBuffer): void;
  endSlice?(recorder: Recorder, tiles: readonly Tile[], slot: GPUBuffer): void;
  /** Bytes of a slot that come of these tiles. */
  bytesOf(tiles: readonly Tile[]): number;
  /** Takes what came of the tiles of a slice. */
  take(bytes: ArrayBuffer, tiles: readonly Tile[]): Iterable<Delivery>;
  /** After the last slice. */
  end?(): Promise<void>;
  last?(): Delivery | undefined;
}

/** Scores from one row of a tile to the next. */
export function strideOf(tile: Tile): number {
  return Math.ceil((tile.colEnd - tile.colStart) / PANEL_ROWS) * PANEL_ROWS;
}

export function recordTranspose(recorder: Recorder, transpose: Bound, tile: Tile): void {
  const params = { stride: strideOf(tile), a: paddedRows(tile) };
  recorder.dispatch(transpose, params, strideOf(tile) / 16, paddedRows(tile) / 16);
}

/** Scores from one column of a tile to the next in its transpose. */
export function paddedRows(tile: Tile): number {
  return Math.ceil((tile.rowEnd - tile.rowStart) / PANEL_ROWS) * PANEL_ROWS;
}

/** Bytes of the scores of a tile, with those that pad its rows. */
export function directBytes(tile: Tile): number {
  return 4 * (tile.rowEnd - tile.rowStart) * strideOf(tile);
}

/** What epilogues ask besides scores. */
export function computerOf(memory: JobMemory): Pick<TileComputer, 'groups' | 'reaches' | 'thresholdOf'> {
  const { depth } = memory.shape;
  return {
    groups: memory.groups,
    thresholdOf: memory.thresholdOf,
    reaches(tile, row, col, score, threshold) {
      const x = memory.x.digits as Float32Array;
      const y = memory[tile.colOperand].digits as Float32Array;
      return reachesThreshold(x, tile.rowStart + row, y, tile.colStart + col, depth, score, threshold);
    },
  };
}

/** Above the diagonal tiles on it are not computed. */
export function recordMirror(recorder: Recorder, mirror: Bound, tile: Tile): void {
  if (!tile.diagonal) return;
  const rows = tile.rowEnd - tile.rowStart;
  recorder.dispatch(mirror, { rows, stride: strideOf(tile) }, Math.ceil(rows / 16), Math.ceil(rows / 16));
}
