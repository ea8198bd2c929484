import { CsrRows } from './csr-rows.js';
import { rowRuns } from './row-runs.js';
import type { RowSource } from './row-source.js';

/** Returns the rows in [from, to) whose elements are all 0; with `zeroNonFinite`, also those that contain NaN or infinity. */
export function findZeroRows(source: RowSource, from: number, to: number, zeroNonFinite: boolean): number[] {
  const { depth } = source;
  const found: number[] = [];
  if (source instanceof CsrRows) {
    for (let row = from; row < to; row++) {
      if (isZero(source.values, source.startOf(row), source.endOf(row), zeroNonFinite)) found.push(row);
    }
    return found;
  }
  for (const { data, start, first, end } of rowRuns(source, from, to)) {
    for (let row = first, at = start; row < end; row++, at += depth) {
      if (isZero(data, at, at + depth, zeroNonFinite)) found.push(row);
    }
  }
  return found;
}

function isZero(data: ArrayLike<number>, from: number, to: number, zeroNonFinite: boolean): boolean {
  let zero = true;
  for (let at = from; at < to; at++) {
    const value = data[at] as number;
    if (zeroNonFinite && value - value !== 0) return true;
    zero &&= value === 0;
    if (!zero && !zeroNonFinite) return false;
  }
  return zero;
}
