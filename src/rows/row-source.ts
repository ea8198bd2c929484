// One interface for every layout of rows that callers hold, which reads blocks of rows.

import { lengthNow, type NumericArray } from './dtype.js';

/** The element type in which rows are staged before packing: float32 if it represents every value exactly, otherwise float64. */
export type StagedType = 'float32' | 'float64';

/** `rows` vectors of `depth` elements. */
export interface RowSource {
  readonly rows: number;
  readonly depth: number;
  readonly staged: StagedType;
  /** Returns false if rows [from, to) are gone: their buffer was detached or resized, or a list now holds other rows. */
  isIntact(from: number, to: number): boolean;
  /** Copies rows [from, to) to `target` without gaps, from index `at` on. */
  copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void;
}

/** Contiguous rows in one array, from index `offset` on. */
export class ContiguousRows implements RowSource {
  readonly staged: StagedType;

  constructor(
    readonly data: NumericArray,
    readonly offset: number,
    readonly rows: number,
    readonly depth: number,
  ) {
    this.staged = stagedTypeOf(data);
  }

  isIntact(_from: number, to: number): boolean {
    return this.offset + to * this.depth <= lengthNow(this.data);
  }

  copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void {
    const start = this.offset + from * this.depth;
    const end = this.offset + to * this.depth;
    const whole = start === 0 && end === this.data.length;
    target.set(whole ? this.data : this.data.subarray(start, end), at);
  }
}

/** Rows in one array with arbitrary strides between rows and elements. Plain arrays have been checked to contain only numbers. */
export class StridedRows implements RowSource {
  readonly staged: StagedType;

  constructor(
    readonly data: NumericArray | readonly number[],
    readonly offset: number,
    readonly rows: number,
    readonly depth: number,
    readonly rowStride: number,
    readonly elementStride: number,
  ) {
    this.staged = stagedTypeOf(data);
  }

  isIntact(from: number, to: number): boolean {
    if (from >= to || this.depth === 0) return true;
    const lastElement = this.offset + Math.max(0, (this.depth - 1) * this.elementStride);
    return lastElement + Math.max(from * this.rowStride, (to - 1) * this.rowStride) < lengthNow(this.data);
  }

  copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void {
    const { data, depth, elementStride } = this;
    for (let row = from; row < to; row++) {
      let index = this.offset + row * this.rowStride;
      for (let k = 0; k < depth; k++, index += elementStride) target[at++] = data[index] as number;
    }
  }
}

/** One array per row. Plain arrays have been checked to contain only numbers. */
export class SeparateRows implements RowSource {
  readonly rows: number;
  readonly staged: StagedType;

  constructor(
    readonly list: ArrayLike<NumericArray | readonly number[]>,
    readonly depth: number,
  ) {
    this.rows = list.length;
    let allFloat32 = true;
    for (let i = 0; i < list.length && allFloat32; i++) allFloat32 = list[i] instanceof Float32Array;
    this.staged = allFloat32 ? 'float32' : 'float64';
  }

  isIntact(from: number, to: number): boolean {
    for (let row = from; row < to; row++) if (lengthNow(this.list[row] ?? []) !== this.depth) return false;
    return true;
  }

  copyRows(from: number, to: number, target: Float32Array | Float64Array, at: number): void {
    for (let row = from; row < to; row++, at += this.depth) target.set(this.list[row] as ArrayLike<number>, at);
  }
}

/** Returns the arrays that contain the rows. */
export function arraysOf(source: RowSource): readonly unknown[] {
  if (source instanceof SeparateRows) return source.list as readonly unknown[];
  return source instanceof ContiguousRows || source instanceof StridedRows ? [source.data] : [];
}

function stagedTypeOf(data: NumericArray | readonly number[]): StagedType {
  if (Array.isArray(data) || data instanceof Float64Array || data instanceof Int32Array || data instanceof Uint32Array)
    return 'float64';
  return 'float32';
}
