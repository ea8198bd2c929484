// Checks which rows a call computes, and where a saved call continues.

import { describe, fail } from './argument.js';
import type { PartOptions } from './part-options.js';
import type { Problem } from './problem.js';
import { fileOf } from './rows/stored-rows.js';
import type { Checkpoint } from './saved-state.js';

/** Refuses more rows than results, which store row numbers in 32 bits, can number. */
export function checkIndexed(call: Problem): Problem {
  for (const [argument, source] of Object.entries({ x: call.x, [call.colArgument]: call.y })) {
    if (source && source.rows > MAX_ROWS) {
      fail(argument, `at most ${MAX_ROWS} rows`, `${source.rows}`, { file: fileOf(source) });
    }
  }
  return call;
}

const MAX_ROWS = 2 ** 32 - 2;

/** Makes a call continue where it was saved. */
export function checkSaved<T extends Problem>(call: T, checkpoint: Checkpoint | undefined) {
  if (checkpoint === undefined) return { ...call, checkpoint };
  if (typeof checkpoint?.save !== 'function') fail('checkpoint', 'an object with a function `save`', describe(checkpoint));
  const { interval, saved } = checkpoint;
  if (interval !== undefined && !(typeof interval === 'number' && interval >= 0)) {
    fail('checkpoint.interval', 'a number of milliseconds', describe(interval));
  }
  if (!saved) return { ...call, checkpoint };
  checkRow('checkpoint.saved.row', saved.row, call.rowStart, call.rowEnd);
  return { ...call, checkpoint, rowStart: saved.row };
}

/** Adds the rows and columns that a partial call computes. */
export function checkPart<T extends Problem>(call: T, options: PartOptions): T {
  const { x, y } = call;
  const { rowStart = 0, rowEnd = x.rows, colStart = 0 } = options;
  checkRow('rowStart', rowStart, 0, x.rows);
  checkRow('rowEnd', rowEnd, rowStart, x.rows);
  checkRow('colStart', colStart, 0, (y ?? x).rows);
  if (!y && colStart > rowStart && colStart < rowEnd) {
    fail('colStart', `a row up to rowStart (${rowStart}), or from rowEnd (${rowEnd}) on`, describe(colStart));
  }
  return { ...call, rowStart, rowEnd, colStart };
}

function checkRow(argument: string, row: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(row) && (row as number) >= least && (row as number) <= most) return;
  fail(argument, `a whole number from ${least} to ${most}`, describe(row));
}
