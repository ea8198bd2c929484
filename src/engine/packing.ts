// Rows into a job, a block at a time, checked on the way.

import type { Job } from '../backends/backend.js';
import type { Pass } from '../backends/work.js';
import { ArgumentError } from '../errors.js';
import { findNonFinite } from '../matrix/non-finite.js';
import type { RowSource } from '../matrix/row-source.js';
import type { Plan } from './plan.js';
import type { Problem } from './problem.js';

/** Fills a job with the rows of a pass. */
export class Packing {
  private rowsFrom = -1;
  private colsFrom = -1;
  private checked: boolean;

  constructor(
    private readonly problem: Problem,
    plan: Plan,
    private readonly job: Job,
  ) {
    // In one pass every row is packed, and so checked, before the first tile.
    this.checked = plan.passes.length <= 1 || problem.zeroNonFinite;
  }

  /** Yields after each block. Throws ArgumentError for the first row that is not finite. */
  *pack(pass: Pass): Generator<void> {
    const { x, y } = this.problem;
    if (!this.checked) {
      yield* this.check('x', x);
      if (y) yield* this.check('y', y);
      this.checked = true;
    }
    if (this.rowsFrom !== pass.rowFrom) yield* this.packOperand('x', x, 'x', pass.rowFrom, pass.rowTo);
    this.rowsFrom = pass.rowFrom;
    if (pass.diagonal || this.colsFrom === pass.colFrom) return;
    yield* this.packOperand('y', y ?? x, y ? 'y' : 'x', pass.colFrom, pass.colTo);
    this.colsFrom = pass.colFrom;
  }

  private *packOperand(operand: 'x' | 'y', source: RowSource, argument: string, from: number, to: number): Generator<void> {
    const { packBlock } = this.job;
    for (let row = from; row < to; row += packBlock) {
      const end = Math.min(row + packBlock, to);
      const bad = this.job.packRows(operand, source, row, end, row - from, this.problem.zeroNonFinite);
      if (bad >= 0) throw notFinite(argument, source, bad);
      yield;
    }
  }

  private *check(argument: string, source: RowSource): Generator<void> {
    const { packBlock } = this.job;
    for (let row = 0; row < source.rows; row += packBlock) {
      const bad = findNonFinite(source, row, Math.min(row + packBlock, source.rows));
      if (bad) throw notFinite(argument, source, bad.row);
      yield;
    }
  }
}

function notFinite(argument: string, source: RowSource, row: number): ArgumentError {
  const bad = findNonFinite(source, row, row + 1);
  return new ArgumentError(
    argument,
    `expected finite numbers in \`${argument}\`, got ${bad?.value} in row ${row}, column ${bad?.col}; ` +
      "nonFinite: 'zero' treats such rows as zero vectors",
  );
}
