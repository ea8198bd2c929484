// Collects the similar rows of each row from pairs, in which the row may be on either side.

import type { Computed, Pairs } from '../results.js';

/** The rows similar to each row, ascending, with their scores. */
export class Neighbours {
  /** Where the rows of each row begin in `others`, plus the end of the last. */
  readonly starts: Float64Array;
  readonly others: Uint32Array;
  readonly scores: Pairs['scores'];

  constructor(pairs: Computed<Pairs>, rows: number) {
    const { length } = pairs;
    this.starts = new Float64Array(rows + 1);
    this.others = new Uint32Array(2 * length);
    this.scores = pairs.scores instanceof Float32Array ? new Float32Array(2 * length) : new Float64Array(2 * length);
    const degrees = new Uint32Array(rows);
    for (let at = 0; at < length; at++) {
      for (const side of [pairs.rows, pairs.cols]) degrees[side[at] as number] = (degrees[side[at] as number] as number) + 1;
    }
    for (let row = 0; row < rows; row++) this.starts[row + 1] = (this.starts[row] as number) + (degrees[row] as number);
    const next = this.starts.slice();
    const put = (row: number, other: number, score: number) => {
      const to = next[row] as number;
      next[row] = to + 1;
      this.others[to] = other;
      this.scores[to] = score;
    };
    for (let at = 0; at < length; at++) {
      const row = pairs.rows[at] as number;
      const col = pairs.cols[at] as number;
      put(row, col, pairs.scores[at] as number);
      put(col, row, pairs.scores[at] as number);
    }
  }

  count(row: number): number {
    return (this.starts[row + 1] as number) - (this.starts[row] as number);
  }

  /** Returns those that satisfy `isWanted`, by falling score, equal scores by lower row. */
  of(row: number, isWanted: (row: number) => boolean): number[] {
    const from = this.starts[row] as number;
    return Array.from({ length: this.count(row) }, (_, i) => from + i)
      .filter((at) => isWanted(this.other(at)))
      .sort((a, b) => (this.scores[b] as number) - (this.scores[a] as number) || this.other(a) - this.other(b))
      .map((at) => this.other(at));
  }

  private other(at: number): number {
    return this.others[at] as number;
  }
}
