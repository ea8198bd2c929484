// Collects pairs one by one, up to a fixed number.

import type { Pairs } from '../../results.js';
import type { DType } from '../../rows/dtype.js';

export type PairArrays = Pick<Pairs, 'rows' | 'cols' | 'scores'>;

export class PairsBuffer {
  length = 0;
  private readonly rows: Uint32Array;
  private readonly cols: Uint32Array;
  private readonly scores: Float32Array | Float64Array;

  constructor(
    private readonly capacity: number,
    dtype: DType = 'float32',
  ) {
    this.rows = new Uint32Array(capacity);
    this.cols = new Uint32Array(capacity);
    this.scores = dtype === 'float64' ? new Float64Array(capacity) : new Float32Array(capacity);
  }

  get isFull(): boolean {
    return this.length === this.capacity;
  }

  add(row: number, col: number, score: number): void {
    this.rows[this.length] = row;
    this.cols[this.length] = col;
    this.scores[this.length++] = score;
  }

  /** Returns all pairs, in arrays that the buffer will overwrite. */
  take(): PairArrays {
    const { rows, cols, scores, length } = this;
    this.length = 0;
    return { rows: rows.subarray(0, length), cols: cols.subarray(0, length), scores: scores.subarray(0, length) };
  }
}
