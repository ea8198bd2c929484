// Packs rows into a job, one block at a time, and checks them.

import type { Job } from '../backends/backend.js';
import { NO_GROUP } from '../backends/constants.js';
import type { Pass } from '../backends/work.js';
import { ArgumentError } from '../errors.js';
import { mention, say } from '../message.js';
import { isWhole, type Problem } from '../problem.js';
import { numberGiven } from '../rows/listed-rows.js';
import { findNonFinite, type NonFinite } from '../rows/non-finite.js';
import type { RowSource } from '../rows/row-source.js';
import { fileOf } from '../rows/stored-rows.js';
import { findZeroRows } from '../rows/zero-rows.js';
import type { Plan } from './plan.js';
import { RowFeed } from './row-feed.js';
import type { Steps } from './turns.js';

/** Fills a job with the rows of a pass. */
export class Packing {
  readonly #xFeed: RowFeed;
  /** The source of the columns. */
  readonly #colFeed: RowFeed;
  #rowsFrom = -1;
  #colsFrom = -1;
  #checked: boolean;
  /** For each feed, the row up to which zero rows have been counted. */
  readonly #countedTo = new Map<RowFeed, number>();

  /** `onZeroRows` receives the number of additional zero rows. */
  constructor(
    private readonly problem: Problem,
    plan: Plan,
    private readonly job: Job,
    private readonly onZeroRows: ((count: number) => void) | undefined,
  ) {
    const { x, y, colArgument } = problem;
    this.#xFeed = new RowFeed(x, 'x', job.packBlock);
    this.#colFeed = y ? new RowFeed(y, colArgument, job.packBlock) : this.#xFeed;
    // In a single pass, every row is packed and therefore checked before the first tile.
    const refusesNothing = problem.zeroNonFinite && problem.zeroRows !== 'throw';
    this.#checked = (plan.passes.length <= 1 && isWhole(problem)) || refusesNothing;
  }

  /**
   * Packs `pass`, and starts reading what `next` needs first while `pass` is computed. Throws ArgumentError for the first non-finite
   * row.
   */
  *pack(pass: Pass, next?: Pass): Steps<void> {
    const xFeed = this.#xFeed;
    const colFeed = this.#colFeed;
    if (!this.#checked) {
      yield* this.#check(xFeed);
      if (colFeed !== xFeed) yield* this.#check(colFeed);
      this.#checked = true;
    }
    if (this.#rowsFrom !== pass.rowStart) yield* this.#packOperand('x', xFeed, pass.rowStart, pass.rowEnd);
    this.#rowsFrom = pass.rowStart;
    if (!pass.diagonal && this.#colsFrom !== pass.colStart) {
      yield* this.#packOperand('y', colFeed, pass.colStart, pass.colEnd);
      this.#colsFrom = pass.colStart;
    }
    if (next?.rowStart !== pass.rowStart) {
      if (next) this.#xFeed.readAhead(next.rowStart, next.rowEnd);
    } else if (!next.diagonal && next.colStart !== this.#colsFrom) {
      this.#colFeed.readAhead(next.colStart, next.colEnd);
    }
  }

  *#packOperand(operand: 'x' | 'y', feed: RowFeed, first: number, last: number): Steps<void> {
    const pack = (rows: RowSource, from: number, to: number) => {
      packChecked(this.job, operand, feed, rows, from, to, from - first, this.problem);
      this.#mark(operand, feed, from, to, from - first);
    };
    yield* feed.visit(first, last, pack);
  }

  /** Passes on the marks of rows packed at `at`, and counts the zero rows among them. */
  #mark(operand: 'x' | 'y', feed: RowFeed, from: number, to: number, at: number): void {
    const { job, problem, onZeroRows } = this;
    const { grouping, thresholds, zeroRows } = problem;
    const excluded = zeroRows === 'exclude';
    const zeros = excluded || onZeroRows ? job.zeroRows(operand, at, to - from) : [];
    this.#countZeroRows(feed, from, to, zeros.length);
    const of = operand === 'y' && problem.y ? 'y' : 'x';
    const groups = grouping?.[of]?.slice(from, to);
    if (groups) {
      if (excluded) for (const row of Array.from(zeros)) groups[row] = NO_GROUP;
      job.setGroups(operand, at, groups);
    }
    const ofRows = thresholds?.[of];
    if (ofRows) job.setThresholds(operand, at, ofRows.slice(from, to));
  }

  /** Rows may be packed several times, but the first time they are in order. */
  #countZeroRows(feed: RowFeed, from: number, to: number, count: number): void {
    if (from < (this.#countedTo.get(feed) ?? 0)) return;
    this.#countedTo.set(feed, to);
    if (count > 0) this.onZeroRows?.(count);
  }

  *#check(feed: RowFeed): Steps<void> {
    const { zeroNonFinite, zeroRows } = this.problem;
    const check = (rows: RowSource, from: number, to: number) => {
      const bad = zeroNonFinite ? undefined : findNonFinite(rows, from, to);
      if (bad) throw notFinite(feed, bad.row, bad);
      if (zeroRows !== 'throw' && !this.onZeroRows) return;
      const zeros = findZeroRows(rows, from, to, zeroNonFinite);
      if (zeroRows === 'throw') refuseZeroRows(feed, zeros);
      this.#countZeroRows(feed, from, to, zeros.length);
    };
    yield* feed.visit(0, feed.source.rows, check);
  }
}

/** Packs rows of a feed like `Job.packRows`. Throws ArgumentError for the first non-finite row, and for refused zero rows. */
export function packChecked(
  job: Job,
  operand: 'x' | 'y',
  feed: RowFeed,
  rows: RowSource,
  from: number,
  to: number,
  at: number,
  { zeroNonFinite, zeroRows }: Pick<Problem, 'zeroNonFinite' | 'zeroRows'>,
): void {
  const bad = job.packRows(operand, rows, from, to, at, zeroNonFinite);
  if (bad >= 0) throw notFinite(feed, bad, findNonFinite(rows, bad, bad + 1));
  if (zeroRows !== 'throw') return;
  refuseZeroRows(
    feed,
    Array.from(job.zeroRows(operand, at, to - from), (row) => from + row),
  );
}

/** Number of zero rows that an error lists. */
const NAMED_ZERO_ROWS = 3;

/** Throws ArgumentError if there are zero rows. */
function refuseZeroRows({ argument, source }: RowFeed, rows: readonly number[]): void {
  if (rows.length === 0) return;
  const named = rows.slice(0, NAMED_ZERO_ROWS).map((row) => `${numberGiven(source, row)}`);
  const more = rows.length > named.length ? ' and more' : '';
  const expected = 'rows that are not all zeros';
  const received = `only zeros in row${rows.length > 1 ? 's' : ''} ${named.join(', ')}${more}`;
  throw new ArgumentError(
    argument,
    say`expected ${expected} in ${mention.argument(argument, fileOf(source))}, got ${received}`,
    {
      expected,
      received,
      advice: say`leave such rows out, or score them 0 with ${mention.option('zeroRows', 'zero')}`,
    },
  );
}

/**
 * The error for a refused row. `found` is undefined if another thread changed the row while it was being packed and its numbers are
 * finite again.
 */
export function notFinite({ argument, source }: RowFeed, row: number, found: NonFinite | undefined): ArgumentError {
  if (!found) {
    return new ArgumentError(
      argument,
      say`row ${numberGiven(source, row)} of ${mention.argument(argument, fileOf(source))} changed while it was being read`,
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
