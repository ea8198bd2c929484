// Checks what all calls have in common: the rows, their names, the result, and the common options.

import { describe, fail } from './argument.js';
import { checkSameColumns } from './check-columns.js';
import { checkIds } from './check-ids.js';
import { checkApart, checkRows } from './check-rows.js';
import { checkTransform } from './check-transform.js';
import type { Problem } from './problem.js';
import { refuseLone } from './refuse-rows.js';
import { CsrRows, toCsrRows } from './rows/csr-rows.js';
import type { DType, ScoreArray } from './rows/dtype.js';
import { withFewerColumns } from './rows/fewer-columns.js';
import { arraysOf, ContiguousRows } from './rows/row-source.js';
import { type AnyRows, StoredRows } from './rows/stored-rows.js';
import type { IdsOptions, Options } from './types.js';

/** `colArgument` is the name of the argument that holds the rows of y. */
export function checkCall(
  xRows: unknown,
  yRows: unknown,
  options: Options & Partial<Record<keyof IdsOptions | 'againstIds', unknown>>,
  outOption?: unknown,
  colArgument: 'y' | 'against' = 'y',
): Problem {
  const { source: x, ids: ownIds, lone } = checkRows('x', xRows);
  const other = yRows === undefined ? undefined : checkRows(colArgument, yRows);
  const y = other?.source;
  // A flat array without a shape would be one row, whose only score is 1.
  if (lone && !y) refuseLone('x');
  if (y) checkSameColumns(colArgument, { given: xRows, rows: x }, { given: yRows, rows: y });
  const rowIds = checkIds('ids', options.ids, 'x', { rows: x.rows, ids: ownIds });
  const idsOption = `${colArgument}Ids` as const;
  const otherIds = options[idsOption];
  if (otherIds !== undefined && !y) fail(idsOption, `none without \`${colArgument}\``, describe(otherIds));
  const out = checkOut(outOption, x.rows * (y ?? x).rows, options.dtype);
  if (out) {
    checkApart(out, 'x', x);
    if (y) checkApart(out, 'y', y);
  }
  const transform = checkTransform(options, x);
  const rows = { x: y instanceof CsrRows ? besideSparse(x) : x, y: y && (x instanceof CsrRows ? besideSparse(y) : y) };
  return {
    ...(transform ? rows : withoutEmptyColumns(rows)),
    colArgument,
    rowIds,
    colIds: y ? checkIds(idsOption, otherIds, colArgument, { rows: y.rows, ids: other?.ids }) : rowIds,
    rowStart: 0,
    rowEnd: x.rows,
    colStart: 0,
    transform,
    dtype: options.dtype ?? (out ? dtypeOf(out) : isFloat64(x) || (y && isFloat64(y)) ? 'float64' : 'float32'),
    out,
    threads: options.threads,
    backend: options.backend,
    zeroNonFinite: options.nonFinite === 'zero',
    zeroRows: options.zeroRows,
    memoryBudget: options.memoryBudget ?? Number.POSITIVE_INFINITY,
    signal: options.signal,
    onProgress: options.onProgress,
  };
}

/** Makes rows in memory sparse if they are compared with sparse rows. If the other rows cannot be, both are computed as dense rows. */
function besideSparse(rows: AnyRows): AnyRows {
  return rows instanceof CsrRows || rows instanceof StoredRows ? rows : toCsrRows(rows);
}

/** Drops columns without elements if all rows are sparse. */
function withoutEmptyColumns(rows: Pick<Problem, 'x' | 'y'>): Pick<Problem, 'x' | 'y'> {
  const { x, y } = rows;
  return x instanceof CsrRows && (y === undefined || y instanceof CsrRows) ? withFewerColumns(x, y) : rows;
}

function checkOut(out: unknown, length: number, dtype: DType | undefined): ScoreArray | undefined {
  if (out === undefined) return undefined;
  const float32 = out instanceof Float32Array;
  if (!float32 && !(out instanceof Float64Array)) fail('out', 'a Float32Array or a Float64Array', describe(out));
  if (dtype && dtypeOf(out) !== dtype) fail('out', dtype === 'float32' ? 'a Float32Array' : 'a Float64Array', describe(out));
  if (out.length !== length) fail('out', `exactly ${length} elements`, `${out.length}`);
  return out;
}

function dtypeOf(scores: ScoreArray): DType {
  return scores instanceof Float32Array ? 'float32' : 'float64';
}

/** Returns whether any of the rows is float64; all other types become float32. */
function isFloat64(rows: AnyRows): boolean {
  if (rows instanceof CsrRows) return rows.isFloat64;
  if (rows instanceof ContiguousRows) return rows.data instanceof Float64Array;
  if (rows instanceof StoredRows) return rows.type === 'float64';
  return arraysOf(rows).some((array) => array instanceof Float64Array);
}
