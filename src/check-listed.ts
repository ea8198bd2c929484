// Checks lists of rows, given by number or by id.

import { checkAttached, describe, fail, refuse } from './argument.js';
import { rowsOfIds } from './check-ids.js';
import type { Problem } from './problem.js';
import { isNumericArray } from './rows/dtype.js';
import type { ScorePairsOptions } from './types.js';

/** Returns the numbers of the listed rows, of `count` rows. It is a copy, because the caller may change the list during the call. */
export function checkListedRows(
  argument: string,
  list: unknown,
  count: number,
  ids: Problem['rowIds'],
  by: ScorePairsOptions['by'],
): Uint32Array {
  const isWide = ids !== undefined && (list instanceof BigInt64Array || list instanceof BigUint64Array);
  if (!isWide && !Array.isArray(list) && !isNumericArray(list)) fail(argument, 'a list of row numbers', describe(list));
  checkAttached(argument, list);
  if (by === undefined) refuseMixed(argument, list);
  const named = rowsOfIds(argument, list, ids, by);
  if (named) return named;
  const bad = (list as readonly unknown[]).findIndex(
    (row) => !(Number.isInteger(row) && 0 <= Number(row) && Number(row) < count),
  );
  if (bad >= 0) fail(argument, `whole numbers below ${count}`, `${describe(list[bad])} at index ${bad}`);
  return Uint32Array.from(list as readonly number[]);
}

/** Without `by`, the first element determines whether all are row numbers or ids. */
function refuseMixed(argument: string, list: ArrayLike<unknown>): void {
  const firstOf = (kinds: readonly string[]) => Array.prototype.findIndex.call(list, (each) => kinds.includes(typeof each));
  const number = firstOf(['number']);
  const id = firstOf(['string', 'bigint']);
  if (number < 0 || id < 0) return;
  refuse(
    argument,
    `\`${argument}\` mixes row numbers and ids: ${describe(list[number])} at index ${number}, ${describe(list[id])} at index ${id}`,
    'give only numbers or only ids',
  );
}
