// Reports the progress of several calls as one. The work of the second is known only when the first is done, so the total may decrease
// then.

import type { DedupeProblem, PairsProblem } from '../problem.js';
import type { Progress } from '../types.js';

export class JoinedProgress {
  private done = 0;
  private computed = 0;
  private zeroRows = 0;
  private readonly rows: number;
  private left: number;

  constructor({ x, y }: DedupeProblem) {
    this.rows = x.rows;
    this.left = y ? 1 : 0;
  }

  ofNext(problem: PairsProblem): PairsProblem {
    const { onProgress } = problem;
    if (!onProgress) return problem;
    const after = this.left-- > 0 ? this.rows ** 2 : 0;
    const { done: before, computed: computedBefore } = this;
    const join = ({ done, total, computed, zeroRows = 0 }: Progress) => {
      this.done = before + done;
      this.computed = computedBefore + done * (computed ?? 1);
      const part = this.computed < this.done ? { computed: this.computed / this.done } : {};
      // The first part covers all rows, the others only some of them.
      this.zeroRows = Math.max(this.zeroRows, zeroRows);
      const zeros = this.zeroRows > 0 ? { zeroRows: this.zeroRows } : {};
      onProgress({ done: this.done, total: before + total + after, ...part, ...zeros });
    };
    return { ...problem, onProgress: join };
  }
}
