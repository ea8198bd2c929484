// Records which rows are kept, and for which kept row each other row is dropped.

import type { DedupeProblem } from '../problem.js';
import type { Computed, DroppedRows } from '../results.js';
import { newScores, type ScoreArray } from '../rows/dtype.js';

/** Kept and dropped rows. */
export interface Decided {
  readonly kept: Uint32Array;
  readonly dropped: Computed<DroppedRows>;
}

const KEPT = 0;
const SOURCES = [undefined, 'x', 'against'] as const;

/** The state of each row so far. */
export class Decisions {
  private readonly sources: Uint8Array;
  private readonly keepers: Uint32Array;
  private readonly scores: ScoreArray;

  constructor({ x, dtype }: DedupeProblem) {
    this.sources = new Uint8Array(x.rows);
    this.keepers = new Uint32Array(x.rows);
    this.scores = newScores(dtype, x.rows);
  }

  isKept(row: number): boolean {
    return this.sources[row] === KEPT;
  }

  scoreOf(row: number): number {
    return this.scores[row] as number;
  }

  keeperOf(row: number): number {
    return this.keepers[row] as number;
  }

  /** Drops `row` for `keeper`. The most similar keeper counts, and of equal ones the first. */
  drop(row: number, keeper: number, score: number, source: 'x' | 'against'): void {
    if (!this.isKept(row) && score <= this.scoreOf(row)) return;
    this.sources[row] = SOURCES.indexOf(source);
    this.keepers[row] = keeper;
    this.scores[row] = score;
  }

  result(): Decided {
    const all = Uint32Array.from(this.sources.keys());
    const rows = all.filter((row) => !this.isKept(row));
    const dropped: Computed<DroppedRows> = {
      rows,
      keptRows: rows.map((row) => this.keeperOf(row)),
      sources: Array.from(rows, (row) => SOURCES[this.sources[row] as number] as 'x' | 'against'),
      scores: this.scores.filter((_, row) => !this.isKept(row)),
      length: rows.length,
    };
    return { kept: all.filter((row) => this.isKept(row)), dropped };
  }
}
