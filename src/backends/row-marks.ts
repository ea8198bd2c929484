// What packed rows are marked with: groups, by which a pair of a tile counts or not, and thresholds.

import type { Grouping } from './backend.js';
import { NO_GROUP } from './constants.js';
import type { Tile } from './work.js';

/** Whether rows of two groups count as a pair. */
export function isPairOf(ofRow: number | undefined, ofCol: number | undefined, within: boolean): boolean {
  return (ofRow === ofCol) === within && ofRow !== NO_GROUP && ofCol !== NO_GROUP;
}

/** The groups of packed rows of x and of y; y's are x's where there is no y. Over the job's memory, which changes from pass to pass. */
export class RowGroups {
  private readonly within: boolean;

  constructor(
    private readonly of: { readonly x: Uint32Array; readonly y: Uint32Array },
    grouping: Grouping,
  ) {
    this.within = grouping === 'within';
  }

  /** Whether a tile's row and column count as a pair. */
  counts(tile: Tile, row: number, col: number): boolean {
    const ofRow = this.of.x[tile.rowStart + row];
    const ofCol = this.of[tile.colOperand][tile.colStart + col];
    return isPairOf(ofRow, ofCol, this.within);
  }

  /** Whether the groups of a tile's rows and columns show that none of its pairs counts. */
  isWithoutPairs(tile: Tile): boolean {
    const rows = rangeOf(this.of.x, tile.rowStart, tile.rowEnd);
    const cols = rangeOf(this.of[tile.colOperand], tile.colStart, tile.colEnd);
    if (rows.lowest === NO_GROUP || cols.lowest === NO_GROUP) return true;
    if (this.within) return rows.highest < cols.lowest || cols.highest < rows.lowest;
    return rows.lowest === rows.highest && cols.lowest === cols.highest && rows.lowest === cols.lowest;
  }
}

/** The higher threshold of a tile's row and column. */
export function higherThreshold(of: { readonly x: Float64Array; readonly y: Float64Array }) {
  return (tile: Tile, row: number, col: number): number =>
    Math.max(of.x[tile.rowStart + row] as number, of[tile.colOperand][tile.colStart + col] as number);
}

function rangeOf(groups: Uint32Array, from: number, to: number): { lowest: number; highest: number } {
  let lowest = NO_GROUP;
  let highest = 0;
  for (let at = from; at < to; at++) {
    const group = groups[at] as number;
    if (group === NO_GROUP) continue;
    if (group < lowest) lowest = group;
    if (group > highest) highest = group;
  }
  return { lowest, highest };
}
