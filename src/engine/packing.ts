// Rows into a job, a block at a time, checked on the way.

import type { Job } from '../backends/backend.js';
import type { Pass } from '../backends/work.js';
import { ArgumentError } from '../errors.js';
import { mention, say } from '../message.js';
import { isWhole, type Problem } from '../problem.js';
import { numberGiven } from '../rows/listed-rows.js';
import { findNonFinite, type NonFinite } from '../rows/non-finite.js';
import type { RowSource } from '../rows/row-source.js';
import { fileOf } from '../rows/stored-rows.js';
import type { Plan } from './plan.js';
import { RowFeed } from './row-feed.js';
import type { Steps } from './turns.js';

/** Fills a job with the rows of a pass. */
export class Packing {
  private readonly xFeed: RowFeed;
  /** Where columns come from. */
  private readonly colFeed: RowFeed;
  private rowsFrom = -1;
  private colsFrom = -1;
  private checked: boolean;

  constructor(
    private readonly problem: Problem,
    plan: Plan,
    private readonly job: Job,
  ) {
    const { x, y, colArgument } = problem;
    this.xFeed = new RowFeed(x, 'x', job.packBlock);
    this.colFeed = y ? new RowFeed(y, colArgument, job.packBlock) : this.xFeed;
    // In one pass every row is packed, and so checked, before the first tile.
    this.checked = (plan.passes.length <= 1 && isWhole(problem)) || problem.zeroNonFinite;
  }

  /** Has what `next` needs first read while `pass` is computed. Throws ArgumentError for the first row that is not finite. */
  *pack(pass: Pass, next?: Pass): Steps<void> {
    const { xFeed, colFeed } = this;
    if (!this.checked) {
      yield* this.check(xFeed);
      if (colFeed !== xFeed) yield* this.check(colFeed);
      this.checked = true;
    }
    if (this.rowsFrom !== pass.rowStart) yield* this.packOperand('x', xFeed, pass.rowStart, pass.rowEnd);
    this.rowsFrom = pass.rowStart;
    if (!pass.diagonal && this.colsFrom !== pass.colStart) {
      yield* this.packOperand('y', colFeed, pass.colStart, pass.colEnd);
      this.colsFrom = pass.colStart;
    }
    if (next?.rowStart !== pass.rowStart) {
      if (next) this.xFeed.readAhead(next.rowStart, next.rowEnd);
    } else if (!next.diagonal && next.colStart !== this.colsFrom) {
      this.colFeed.readAhead(next.colStart, next.colEnd);
    }
  }

  private *packOperand(operand: 'x' | 'y', feed: RowFeed, first: number, last: number): Steps<void> {
    const { zeroNonFinite } = this.problem;
    const pack = (rows: RowSource, from: number, to: number) =>
      packChecked(this.job, operand, feed, rows, from, to, from - first, zeroNonFinite);
    yield* feed.visit(first, last, pack);
  }

  private *check(feed: RowFeed): Steps<void> {
    const check = (rows: RowSource, from: number, to: number) => {
      const bad = findNonFinite(rows, from, to);
      if (bad) throw notFinite(feed, bad.row, bad);
    };
    yield* feed.visit(0, feed.source.rows, check);
  }
}

/** Packs rows of a feed as `Job.packRows` does. Throws ArgumentError for the first row that is not finite. */
export function packChecked(
  job: Job,
  operand: 'x' | 'y',
  feed: RowFeed,
  rows: RowSource,
  from: number,
  to: number,
  at: number,
  zeroNonFinite: boolean,
): void {
  const bad = job.packRows(operand, rows, from, to, at, zeroNonFinite);
  if (bad >= 0) throw notFinite(feed, bad, findNonFinite(rows, bad, bad + 1));
}

/** The refusal of a row. `found` is undefined where another thread wrote to the row while it was packed, and its numbers are finite by now. */
export function notFinite({ argument, source }: RowFeed, row: number, found: NonFinite | undefined): ArgumentError {
  if (!found) {
    return new ArgumentError(
      argument,
      say`row ${numberGiven(source, row)} of ${mention.argument(argument, fileOf(source))} changed while it was read`,
      { advice: 'leave the rows unchanged until the call has settled' },
    );
  }
  const place = `${found.value} in row ${numberGiven(source, found.row)}, column ${found.col}`;
  return new ArgumentError(
    argument,
    say`expected finite numbers in ${mention.argument(argument, fileOf(source))}, got ${place}`,
    {
      expected: 'finite numbers',
      received: place,
      advice: say`${mention.option('nonFinite', 'zero')} treats such rows as zero vectors`,
    },
  );
}
