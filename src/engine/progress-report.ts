import type { MultiplyAdds } from '../backends/backend.js';
import { scoresOf } from '../backends/grid.js';
import type { TileGrid } from '../backends/work.js';
import { type Problem, scoresOfProblem } from '../problem.js';
import type { Progress } from '../types.js';

/** Converts the progress of grids into progress of the result; never decreases. */
export class ProgressReport {
  readonly #total: number;
  #finished: number;
  #reported = 0;
  /** For the grids in which pairs were excluded. */
  #computed = 0;
  #all = 0;
  #zeroRows = 0;

  constructor(private readonly problem: Problem) {
    // A resumed call includes the scores of the earlier one; a partial call counts only its own.
    const { x, rowEnd, colStart } = problem;
    const goesOn = rowEnd === x.rows && colStart === 0;
    this.#total = scoresOfProblem(goesOn ? { ...problem, rowStart: 0 } : problem);
    this.#finished = this.#total - scoresOfProblem(problem);
  }

  /** Called when `tiles` of `grid` are done. */
  report(grid: TileGrid, tiles: number): void {
    const { onProgress } = this.problem;
    if (!onProgress) return;
    const done = Math.round(this.#finished + (tiles / grid.count) * scoresOf(grid));
    // `finish` reports the end once.
    this.#reported = Math.max(this.#reported, Math.min(done, this.#total - 1));
    onProgress(this.#progress(this.#reported));
  }

  /** Records the work of a grid, if pairs were excluded. */
  count(multiplyAdds: MultiplyAdds | undefined): void {
    if (!multiplyAdds) return;
    this.#computed += multiplyAdds[0];
    this.#all += multiplyAdds[1];
  }

  addZeroRows(count: number): void {
    this.#zeroRows += count;
  }

  /** Called when all of `grid` is done. */
  add(grid: TileGrid): void {
    if (this.problem.onProgress) this.#finished += scoresOf(grid);
  }

  finish(): void {
    this.problem.onProgress?.(this.#progress(this.#total));
  }

  #progress(done: number): Progress {
    const total = this.#total;
    const zeroRows = this.#zeroRows;
    const part = this.#all > 0 ? { computed: this.#computed / this.#all } : {};
    return { done, total, ...part, ...(zeroRows > 0 && { zeroRows }) };
  }
}
