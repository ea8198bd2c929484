import { CsrRows } from './csr-rows.js';
import { ContiguousRows, type RowSource } from './row-source.js';

/** Elements that are copied at a time, where rows do not lie in one piece. */
const AT_ONCE = 2 ** 14;

/** Those of rows [from, to) whose elements are all 0; with `zeroNonFinite` also those with a NaN or an infinity. */
export function findZeroRows(source: RowSource, from: number, to: number, zeroNonFinite: boolean): number[] {
  const { depth } = source;
  const found: number[] = [];
  const visit = (data: ArrayLike<number>, start: number, first: number, end: number) => {
    for (let row = first, at = start; row < end; row++, at += depth) {
      if (isZero(data, at, at + depth, zeroNonFinite)) found.push(row);
    }
  };
  if (source instanceof ContiguousRows) {
    visit(source.data, source.offset + from * depth, from, to);
    return found;
  }
  if (source instanceof CsrRows) {
    for (let row = from; row < to; row++) {
      if (isZero(source.values, source.startOf(row), source.endOf(row), zeroNonFinite)) found.push(row);
    }
    return found;
  }
  const some = Math.max(1, Math.floor(AT_ONCE / (depth + 1)));
  const length = Math.min(some, to - from) * depth;
  const values = source.staged === 'float32' ? new Float32Array(length) : new Float64Array(length);
  for (let row = from; row < to; row += some) {
    const end = Math.min(row + some, to);
    source.copyRows(row, end, values, 0);
    visit(values, 0, row, end);
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
