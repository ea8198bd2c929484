import { CsrRows } from './csr-rows.js';
import { rowRuns } from './row-runs.js';
import type { RowSource } from './row-source.js';

/** A NaN or an infinity in rows. */
export interface NonFinite {
  readonly row: number;
  readonly col: number;
  readonly value: number;
}

/** Returns the first NaN or infinity in rows [from, to), or undefined. */
export function findNonFinite(source: RowSource, from: number, to: number): NonFinite | undefined {
  const { depth } = source;
  if (source instanceof CsrRows) return findStored(source, from, to);
  for (const { data, start, first, end } of rowRuns(source, from, to)) {
    const found = findIn(data, start, start + (end - first) * depth, depth, first);
    if (found) return found;
  }
  return undefined;
}

/** Elements that are not stored are 0. */
function findStored(source: CsrRows, from: number, to: number): NonFinite | undefined {
  for (let row = from; row < to; row++) {
    const end = source.endOf(row);
    for (let i = source.startOf(row); i < end; i++) {
      const value = source.values[i] as number;
      const column = source.columns[i] as number;
      if (value - value !== 0) return { row, col: source.columnsGiven?.[column] ?? column, value };
    }
  }
  return undefined;
}

/** Searches `data`, in which row `row` begins at `start`. */
function findIn(data: ArrayLike<number>, start: number, end: number, depth: number, row: number): NonFinite | undefined {
  for (let at = start; at < end; at++) {
    const value = data[at] as number;
    // The difference is 0 unless the value is infinite or NaN.
    if (value - value !== 0) {
      const index = at - start;
      return { row: row + Math.floor(index / depth), col: index % depth, value };
    }
  }
  return undefined;
}
