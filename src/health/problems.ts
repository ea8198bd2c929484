// The calls of which a health check consists, and their memory.

import { needsOfHistogram } from '../engine/histogram-plan.js';
import { planRun, type Setting } from '../engine/setting.js';
import { needsOfTopK } from '../engine/top-k-plan.js';
import { MemoryError } from '../errors.js';
import type { HistogramProblem, Problem, TopKProblem } from '../problem.js';
import { listRows } from '../rows/listed-rows.js';
import { ContiguousRows } from '../rows/row-source.js';
import type { AnyRows } from '../rows/stored-rows.js';
import { TransformedRows } from '../rows/transformed-rows.js';

/** Neighbours per row. */
const K = 10;
/** Largest number of rows among which neighbours are compared before and after a change, and the number of queries. */
export const MAX_CHANGED_ROWS = 4_096;
export const QUERIES = 500;
/** Rows and bins for the distribution of scores. */
export const SCORE_ROWS = 2_000;
const BINS = 2_000;

export class HealthProblems {
  /** The rows that are changed, and the queries among them. */
  readonly others: AnyRows;
  readonly queries: Uint32Array;
  readonly k: number;

  constructor(
    private readonly problem: Problem,
    private readonly rows: AnyRows,
  ) {
    this.others = listed(rows, MAX_CHANGED_ROWS);
    this.queries = evenly(allOf(this.others), QUERIES);
    this.k = Math.min(K, rows.rows - 1);
  }

  neighbours(): TopKProblem {
    const { problem, rows, k } = this;
    return { ...problem, x: rows, rowEnd: rows.rows, k, pruning: true, checkpoint: undefined };
  }

  /** Compares the queries with all rows, which may be changed. Asks for one more neighbour, because a query is among the rows. */
  changed(y: AnyRows = this.others): TopKProblem {
    return { ...this.neighbours(), x: listRows(y, this.queries), y, rowEnd: this.queries.length, k: this.k + 1 };
  }

  scores(sample: Float32Array): HistogramProblem {
    const { problem, rows } = this;
    const x = new ContiguousRows(sample, 0, sample.length / rows.depth, rows.depth);
    return { ...problem, x, y: undefined, dtype: 'float32', rowEnd: x.rows, bins: BINS, checkpoint: undefined };
  }

  /** Returns the bytes that some call needs at least and that are not available; undefined if all calls have enough. */
  async bytesLacking(settingOf: (problem: Problem) => Promise<Setting>): Promise<number | undefined> {
    const { problem, rows, others } = this;
    if (rows.rows < 3) return undefined;
    const changed = new TransformedRows(others, undefined, problem.dtype);
    const plans = [this.neighbours(), this.changed(), this.changed(changed)].map((call) => async () => {
      planRun(call, needsOfTopK(call), await settingOf(call));
    });
    plans.push(async () => {
      const scores = this.scores(new Float32Array(Math.min(rows.rows, SCORE_ROWS) * rows.depth));
      const setting = await settingOf(problem);
      planRun(scores, needsOfHistogram(scores, setting), setting);
    });
    let lacking: number | undefined;
    for (const plan of plans) {
      try {
        await plan();
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        lacking = Math.max(lacking ?? 0, error.bytes);
      }
    }
    return lacking;
  }
}

function allOf({ rows }: AnyRows): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** Returns up to `most` of the rows, evenly spaced. */
export function listed(rows: AnyRows, most: number): AnyRows {
  return rows.rows <= most ? rows : listRows(rows, evenly(allOf(rows), most));
}

export function evenly(numbers: Uint32Array, most: number): Uint32Array {
  const count = Math.min(most, numbers.length);
  if (count === numbers.length) return numbers;
  return Uint32Array.from({ length: count }, (_, at) => numbers[Math.floor((at * numbers.length) / count)] as number);
}
