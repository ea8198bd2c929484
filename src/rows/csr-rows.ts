// Sparse rows in memory: the stored elements row by row (compressed sparse rows, like scipy.sparse.csr_array).

import { lengthNow, type NumericArray } from './dtype.js';
import type { RowSource, StagedType } from './row-source.js';

/** Columns are counted in 31 bits by the kernels. */
export const MAX_COLUMNS: number = 2 ** 31 - 1024;

/**
 * Rows whose stored elements are at [starts[row], starts[row + 1]) of `columns` and `values`. Columns ascend within a row without
 * repetition. All other elements are 0.
 */
export class CsrRows implements RowSource {
  readonly rows: number;
  readonly staged: StagedType;
  private readonly most = new Map<number, number>();
  private readonly common = new WeakMap<CsrRows, number>();

  /**
   * `isFloat64`: the caller's elements were float64, even if they are held in another array. `numbers`: row i is row numbers[i] of the
   * arrays; undefined for all rows in order. `columnsGiven`: the caller's number of each column; the same if undefined.
   */
  constructor(
    readonly starts: Float64Array,
    readonly columns: NumericArray,
    readonly values: NumericArray,
    readonly depth: number,
    readonly isFloat64: boolean = values instanceof Float64Array,
    readonly numbers?: Uint32Array,
    readonly columnsGiven?: Uint32Array,
  ) {
    this.rows = numbers ? numbers.length : starts.length - 1;
    this.staged =
      values instanceof Float64Array || values instanceof Int32Array || values instanceof Uint32Array ? 'float64' : 'float32';
  }

  /** Index of the first stored element of each row. */
  startOf(row: number): number {
    return this.starts[this.numbers ? (this.numbers[row] as number) : row] as number;
  }

  endOf(row: number): number {
    return this.starts[(this.numbers ? (this.numbers[row] as number) : row) + 1] as number;
  }

  isIntact(): boolean {
    const stored = this.starts[this.starts.length - 1] as number;
    return lengthNow(this.columns) >= stored && lengthNow(this.values) >= stored;
  }

  copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void {
    const { columns, values, depth } = this;
    target.fill(0, at, at + (to - from) * depth);
    for (let row = from; row < to; row++, at += depth) {
      const end = this.endOf(row);
      for (let i = this.startOf(row); i < end; i++) target[at + (columns[i] as number)] = values[i] as number;
    }
  }

  /** Returns how many rows store each column. */
  countColumns(): Uint32Array {
    const counts = new Uint32Array(this.depth);
    for (let row = 0; row < this.rows; row++) {
      const end = this.endOf(row);
      for (let i = this.startOf(row); i < end; i++) {
        const column = this.columns[i] as number;
        // Another thread may have changed it.
        if (column < counts.length) counts[column] = (counts[column] as number) + 1;
      }
    }
    return counts;
  }

  /** Returns the mean number of columns that a row of these and a row of others both store. */
  commonColumns(others: CsrRows = this): number {
    const known = this.common.get(others);
    if (known !== undefined) return known;
    const counts = this.countColumns();
    const ofOthers = others === this ? counts : others.countColumns();
    let products = 0;
    for (let column = 0; column < counts.length; column++) {
      products += (counts[column] as number) * (ofOthers[column] as number);
    }
    const common = products / Math.max(1, this.rows * others.rows);
    this.common.set(others, common);
    return common;
  }

  /** Returns the largest number of stored elements in any `rows` consecutive rows. */
  mostNonzeros(rows: number): number {
    const known = this.most.get(rows);
    if (known !== undefined) return known;
    let sum = 0;
    let most = 0;
    for (let row = 0; row < this.rows; row++) {
      sum += this.endOf(row) - this.startOf(row);
      if (row >= rows) sum -= this.endOf(row - rows) - this.startOf(row - rows);
      most = Math.max(most, sum);
    }
    this.most.set(rows, most);
    return most;
  }
}

/** Copies rows of any source into sparse rows, without zeros. */
export function toCsrRows(source: RowSource): CsrRows {
  const { rows, depth, staged } = source;
  const at = Math.max(1, Math.floor(AT_ONCE / (depth + 1)));
  const block = staged === 'float32' ? new Float32Array(at * depth) : new Float64Array(at * depth);
  const visit = (take: (row: number, col: number, value: number) => void) => {
    for (let from = 0; from < rows; from += at) {
      const to = Math.min(rows, from + at);
      source.copyRows(from, to, block, 0);
      for (let row = from, i = 0; row < to; row++) {
        for (let col = 0; col < depth; col++, i++) if (block[i] !== 0) take(row, col, block[i] as number);
      }
    }
  };
  const starts = new Float64Array(rows + 1);
  visit((row) => {
    starts[row + 1] = (starts[row + 1] as number) + 1;
  });
  for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  const stored = starts[rows] as number;
  const columns = new Uint32Array(stored);
  const values = staged === 'float32' ? new Float32Array(stored) : new Float64Array(stored);
  let next = 0;
  visit((_, col, value) => {
    columns[next] = col;
    values[next++] = value;
  });
  return new CsrRows(starts, columns, values, depth);
}

/** Elements copied at a time. */
const AT_ONCE = 2 ** 16;
