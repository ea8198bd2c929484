// Marks of packed rows: groups, which decide which pairs count, and thresholds.

import type { Grouping } from './backend.js';
import { NO_GROUP } from './constants.js';
import type { Tile } from './work.js';

/** True if rows of these two groups count as a pair. */
export function isPairOf(ofRow: number | undefined, ofCol: number | undefined, within: boolean): boolean {
  return (ofRow === ofCol) === within && ofRow !== NO_GROUP && ofCol !== NO_GROUP;
}

/**
 * The groups of packed rows of x and of y, which are those of x if there is no y. They are views of the job's memory, which changes from
 * pass to pass.
 */
export class RowGroups {
  private readonly within: boolean;

  constructor(
    private readonly of: { readonly x: Uint32Array; readonly y: Uint32Array },
    grouping: Grouping,
  ) {
    this.within = grouping === 'within';
  }

  /** True if a tile's row and column count as a pair. */
  counts(tile: Tile, row: number, col: number): boolean {
    const ofRow = this.of.x[tile.rowStart + row];
    const ofCol = this.of[tile.colOperand][tile.colStart + col];
    return isPairOf(ofRow, ofCol, this.within);
  }

  /** True if the groups of a tile's rows and columns show that none of its pairs count. */
  isWithoutPairs(tile: Tile): boolean {
    const rows = rangeOf(this.of.x, tile.rowStart, tile.rowEnd);
    const cols = rangeOf(this.of[tile.colOperand], tile.colStart, tile.colEnd);
    if (rows.lowest === NO_GROUP || cols.lowest === NO_GROUP) return true;
    if (this.within) return rows.highest < cols.lowest || cols.highest < rows.lowest;
    return rows.lowest === rows.highest && cols.lowest === cols.highest && rows.lowest === cols.lowest;
  }
}

/** Returns the higher threshold of a tile's row and column. */
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
