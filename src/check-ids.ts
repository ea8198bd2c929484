// Ids of rows: those that the caller lists, and those that came with the rows.

import { describe, fail, refuse } from './argument.js';
import { say } from './message.js';
import type { RowId } from './rows/dense-matrix.js';
import { isDetached, isNumericArray } from './rows/dtype.js';

/** Rows and their ids. */
interface NamedRows {
  readonly rows: number;
  /** The ids that came with them. */
  readonly ids: readonly RowId[] | undefined;
}

/**
 * Returns the ids of the rows of `argument`: those of `list`, the value of `option`, or those that came with the rows. They are copied,
 * because the caller may change the list during the call.
 */
export function checkIds(option: string, list: unknown, argument: string, named: NamedRows): readonly RowId[] | undefined {
  if (list === undefined) return named.ids;
  const isWide = list instanceof BigInt64Array || list instanceof BigUint64Array;
  if (!isWide && !Array.isArray(list) && !isNumericArray(list)) fail(option, 'a list with an id for each row', describe(list));
  if (isDetached(list)) fail(option, 'ids', `a detached ${list.constructor.name}`);
  if (list.length !== named.rows) fail(option, `${named.rows} ids, one for each row of \`${argument}\``, `${list.length}`);
  const ids = Array.from<unknown>(list as ArrayLike<unknown>);
  const bad = ids.findIndex((id) => !isId(id));
  if (bad >= 0) fail(option, 'a string, a number or a bigint as each id', `${describe(ids[bad])} for row ${bad}`);
  checkSame(option, ids as RowId[], argument, named.ids);
  return ids as RowId[];
}

export function isId(value: unknown): value is RowId {
  return typeof value === 'string' || typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value));
}

/** The keys of an object are strings, whatever the ids were. */
function checkSame(option: string, ids: readonly RowId[], argument: string, own: readonly RowId[] | undefined): void {
  const other = own?.findIndex((id, row) => String(id) !== String(ids[row])) ?? -1;
  if (other < 0) return;
  refuse(
    option,
    `\`${option}\` says ${describe(ids[other])} for row ${other}, but \`${argument}\` itself has ${describe(own?.[other])}`,
    say`leave \`${option}\` out, or pass the vectors of \`${argument}\` as an array`,
  );
}

/**
 * Throws ArgumentError if rows that are compared one by one have the same ids in another order, because either the order or the ids may be
 * intended.
 */
export function checkSameOrder(rowIds: readonly RowId[] | undefined, colIds: readonly RowId[] | undefined): void {
  const row = rowIds && colIds ? rowIds.findIndex((id, at) => id !== colIds[at]) : -1;
  if (row < 0) return;
  const known = new Set(rowIds);
  if (!colIds?.every((id) => known.has(id))) return;
  refuse(
    'y',
    `\`x\` and \`y\` have the same ids in another order: row ${row} is ${describe(rowIds?.[row])} in \`x\` and ${describe(colIds[row])} in \`y\``,
    'put the rows of `y` in the order of `x`; or pass both as arrays of vectors, to compare row i with row i',
  );
}

/**
 * Returns the numbers of the rows that `list` names by their ids; undefined if it contains row numbers. If a number can be either, `by`
 * decides.
 */
export function rowsOfIds(
  argument: string,
  list: ArrayLike<unknown>,
  ids: readonly RowId[] | undefined,
  by: 'number' | 'id' | undefined,
): Uint32Array | undefined {
  const isByText = by === undefined && typeof list[0] !== 'number';
  if (by === 'number' || list.length === 0 || !ids) {
    if (by === 'id' && !ids) fail('by', "'number', as the rows have no ids", "'id'");
    return undefined;
  }
  if (by === undefined && !isByText) {
    if (ids.every((id) => typeof id !== 'number')) return undefined;
    refuse(
      argument,
      `The numbers in \`${argument}\` can be row numbers or ids, as the rows have ids that are numbers`,
      "choose with by: 'number' or by: 'id'",
    );
  }
  const places = new Map<unknown, number>();
  const twice = new Set<unknown>();
  for (const [row, id] of ids.entries()) {
    if (places.has(id)) twice.add(id);
    places.set(id, row);
  }
  return Uint32Array.from(list, (id, at) => {
    if (twice.has(id)) fail(argument, 'ids that only one row has', `${describe(id)} at index ${at}, which several rows have`);
    return places.get(id) ?? fail(argument, 'ids of rows', `${describe(id)} at index ${at}`);
  });
}
