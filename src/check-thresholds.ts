// Checks thresholds: one for all pairs, or one for each row.

import { checkAttached, describe, fail } from './argument.js';
import type { PairsProblem, Problem } from './problem.js';
import { isNumericArray } from './rows/dtype.js';

/** With `orList`, a list passes: `checkThresholds` checks it once the number of rows is known. */
export function checkThreshold(value: unknown, orList = false): void {
  if (typeof value === 'number' && value >= -1 && value <= 1) return;
  if (orList && (Array.isArray(value) || isNumericArray(value))) return;
  fail('threshold', 'a number from -1 to 1', describe(value));
}

/** Returns one threshold, or a copy of a list (the caller may change it during the call) and its lowest threshold. */
export function checkThresholds(
  given: number | ArrayLike<number>,
  { x, y }: Problem,
): Pick<PairsProblem, 'threshold' | 'thresholds'> {
  if (typeof given === 'number') return { threshold: given };
  checkAttached('threshold', given);
  if (given.length !== x.rows) fail('threshold', `one number, or ${x.rows}, one for each row`, `${given.length}`);
  const bad = Array.prototype.findIndex.call(given, (value) => !(typeof value === 'number' && value >= -1 && value <= 1));
  if (bad >= 0) fail('threshold', 'numbers from -1 to 1', `${describe(given[bad])} for row ${bad}`);
  const thresholds = Float64Array.from(given);
  const threshold = thresholds.reduce((lowest, value) => Math.min(lowest, value), 1);
  return { threshold, thresholds: { x: thresholds, y: y && new Float64Array(y.rows).fill(-1) } };
}

export function checkBelow(below: unknown, threshold: number): number {
  if (below === undefined) return Number.POSITIVE_INFINITY;
  if (typeof below === 'number' && below > threshold && below <= 1) return below;
  fail('below', `a number above ${threshold}, up to 1`, describe(below));
}
