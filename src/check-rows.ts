// Checks rows in all accepted forms.

import { describe, fail, refuse } from './argument.js';
import { gatherEmbeddings, isEmbeddingObject, isMap, isRecordOfVectors } from './check-collections.js';
import { checkElements, checkNoBytes, checkNumbers } from './check-elements.js';
import { checkLayout } from './check-layout.js';
import { checkSparse, isSparse } from './check-sparse.js';
import { isPromise, refuseRow, refuseRows } from './refuse-rows.js';
import { CsrRows } from './rows/csr-rows.js';
import { Matrix, type RowId } from './rows/dense-matrix.js';
import { isNumericArray, type NumericArray, type ScoreArray, sharesBytes } from './rows/dtype.js';
import { HalfRows } from './rows/half-rows.js';
import { arraysOf, ContiguousRows, type RowSource, SeparateRows, StridedRows } from './rows/row-source.js';
import { type AnyRows, StoredRows } from './rows/stored-rows.js';
import type { ShapedRows } from './types.js';

/** Rows as a caller gave them. */
export interface CheckedRows<T extends AnyRows = AnyRows> {
  readonly source: T;
  /** The ids that came with the rows. */
  readonly ids?: readonly RowId[] | undefined;
  /** True for a single vector, which counts as one row. */
  readonly lone?: boolean;
}

/** Properties that objects of other libraries may have: ndarrays, tensors, ml-matrix, responses of embedding services. */
interface ForeignRows extends ShapedRows {
  /** TensorFlow.js, whose `data` is a function. */
  readonly dataSync?: unknown;
  /** ml-matrix, whose `data` is an array of rows. */
  readonly to2DArray?: unknown;
  /** Refused; see checkLayout. */
  readonly fortran_order?: unknown;
  readonly layout?: unknown;
  /** A property of sparse rows. */
  readonly indptr?: unknown;
  readonly indices?: unknown;
  /** A property of promises. */
  readonly then?: unknown;
}

/** Returns rows in any of the accepted forms. Throws ArgumentError for anything else. */
export function checkRows(argument: string, value: unknown): CheckedRows {
  const plain = plainRows(value);
  if (plain) return { source: plain, lone: false };
  if (value instanceof StoredRows) return { source: value.inMemory() ?? value };
  if (value instanceof CsrRows) return { source: value };
  if (Array.isArray(value)) return checkList(argument, value);
  if (isNumericArray(value)) return checkLone(argument, value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || isPromise(value)) {
    return refuseRows(argument, value);
  }
  if (isSparse(value)) return { source: checkSparse(argument, value) };
  if (hasElements(value)) return checkForeign(argument, value);
  if (isMap(value)) return { ...checkList(argument, Array.from(value.values())), ids: Array.from(value.keys()) };
  if (Symbol.iterator in value) return checkList(argument, gather(argument, value as Iterable<unknown>));
  if (isRecordOfVectors(value)) return { ...checkList(argument, Object.values(value)), ids: Object.keys(value) };
  return refuseRows(argument, value);
}

/** Returns everything that `rows` yields. An iterator yields its rows only once, so a second call finds none. */
function gather(argument: string, rows: Iterable<unknown>): unknown[] {
  const gathered = Array.from(rows);
  if (gathered.length > 0 || (rows[Symbol.iterator]() as unknown) !== rows) return gathered;
  return refuse(argument, `\`${argument}\` is an iterator without rows`, 'if it was used before, pass Array.from(...) of it');
}

/** True for values that checkRows reads, or refuses as rows, where options are also possible. A record of vectors is not included. */
export function resemblesRows(value: object): boolean {
  if (value instanceof StoredRows || value instanceof CsrRows || isSparse(value)) return true;
  if (Array.isArray(value) || ArrayBuffer.isView(value) || hasElements(value)) return true;
  return Symbol.iterator in value || Symbol.asyncIterator in value || isPromise(value);
}

function hasElements(value: object): value is ForeignRows {
  return 'data' in value || 'dataSync' in value || 'to2DArray' in value;
}

/**
 * Recognises the most common rows with a few checks: a plain object, or a Matrix, with floats and a matching shape of two sizes, and with
 * nothing else that the checks below read. They would return the same. Returns undefined for all other rows, including those to be refused.
 */
export function plainRows(value: unknown): ContiguousRows | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== plainPrototype && prototype !== matrixPrototype) return undefined;
  const given = value as ForeignRows;
  const { data, shape } = given;
  if (!(data instanceof Float32Array || data instanceof Float64Array) || !isArray(shape) || shape.length !== 2)
    return undefined;
  const rows: unknown = shape[0];
  const depth: unknown = shape[1];
  if (!isSafeInteger(rows) || !isSafeInteger(depth)) return undefined;
  if ((rows as number) < 0 || (depth as number) < 0 || data.length !== (rows as number) * (depth as number)) return undefined;
  if (given.dims !== undefined || given.stride !== undefined || given.strides !== undefined || given.offset !== undefined)
    return undefined;
  if (given.order !== undefined || given.fortranOrder !== undefined || given.fortran_order !== undefined) return undefined;
  if (given.type !== undefined || given.dtype !== undefined || given.layout !== undefined) return undefined;
  if (given.dataSync !== undefined || given.then !== undefined || given.indptr !== undefined || given.indices !== undefined)
    return undefined;
  return new ContiguousRows(data, 0, rows as number, depth as number);
}

// Read once, because reading it in each call would be slow in unoptimised code.
const { getPrototypeOf } = Object;
const { isArray } = Array;
const { isSafeInteger } = Number;
const plainPrototype = Object.prototype;
const matrixPrototype = Matrix.prototype;

function checkForeign(argument: string, value: ForeignRows): CheckedRows {
  const { data, shape, dims, dataSync, to2DArray } = value;
  if (typeof dataSync === 'function') {
    return checkShaped(argument, { ...pick(value, 'shape', 'dtype'), data: dataSync.call(value) });
  }
  if (shape === undefined && dims === undefined) {
    if (Array.isArray(data) && typeof data[0] !== 'number') return checkList(argument, data);
    if (typeof to2DArray === 'function') return checkList(argument, to2DArray.call(value));
  }
  return checkShaped(argument, value);
}

function pick<T extends object, K extends keyof T>(value: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, value[name]])) as Pick<T, K>;
}

function checkLone(argument: string, vector: NumericArray): CheckedRows<RowSource> {
  checkNoBytes(argument, `\`${argument}\``, vector);
  return { source: new ContiguousRows(vector, 0, 1, vector.length), lone: true };
}

function checkList(argument: string, rows: readonly unknown[]): CheckedRows<RowSource> {
  const first = rows[0];
  if (typeof first === 'number') {
    checkNumbers(argument, 'element', rows);
    return { source: new SeparateRows([rows as readonly number[]], rows.length), lone: true };
  }
  if (typeof first !== 'object' || first === null || ArrayBuffer.isView(first) || Array.isArray(first)) {
    return { source: checkVectors(argument, rows) };
  }
  if (isEmbeddingObject(first)) {
    const { vectors, ids } = gatherEmbeddings(argument, rows);
    return { source: checkVectors(argument, vectors), ids };
  }
  if (hasElements(first)) return { source: checkVectors(argument, gatherTensors(argument, rows)) };
  return refuseRow(argument, 0, first);
}

function checkVectors(argument: string, rows: readonly unknown[]): RowSource {
  const first = rows[0];
  const depth = isNumericArray(first) || Array.isArray(first) ? first.length : 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const typed = row instanceof Float32Array || isNumericArray(row);
    if (!typed && !Array.isArray(row)) refuseRow(argument, i, row);
    const { length } = row as ArrayLike<unknown>;
    if (length !== depth) fail(argument, `rows of length ${depth} (as row 0 has)`, `length ${length} in row ${i}`);
    if (typed) checkNoBytes(argument, `row ${i} of \`${argument}\``, row);
    else checkNumbers(argument, `row ${i}, column`, row as readonly unknown[]);
  }
  return new SeparateRows(rows as readonly NumericArray[], depth);
}

/** Gathers tensors of one row each, which a model returns if it is called for one text at a time. */
function gatherTensors(argument: string, tensors: readonly unknown[]): readonly NumericArray[] {
  return tensors.map((tensor, i) => {
    if (typeof tensor !== 'object' || tensor === null || !hasElements(tensor)) return refuseRow(argument, i, tensor);
    const { source } = checkForeign(argument, tensor) as CheckedRows<RowSource>;
    const { rows, depth } = source;
    if (rows !== 1) return fail(argument, `one vector as row ${i}`, `${describe(tensor)} of ${rows} rows`);
    if (source instanceof ContiguousRows) return source.data.subarray(source.offset, source.offset + depth);
    const row = source.staged === 'float32' ? new Float32Array(depth) : new Float64Array(depth);
    source.copyRows(0, 1, row, 0);
    return row;
  });
}

function checkShaped(argument: string, value: ShapedRows): CheckedRows<RowSource> {
  const { data, half } = checkElements(argument, value.data, value.type ?? value.dtype);
  checkSameType(argument, value);
  const elementBytes = Array.isArray(data) ? 8 : (data as NumericArray).BYTES_PER_ELEMENT;
  const { rows, depth, offset, rowStride, elementStride, lone } = checkLayout(argument, value, data.length, elementBytes);
  if (half) return { source: new HalfRows(half, data, offset, rows, depth, rowStride, elementStride), lone };
  const contiguous = elementStride === 1 && rowStride === depth && offset >= 0 && !Array.isArray(data);
  const source = contiguous
    ? new ContiguousRows(data as NumericArray, offset, rows, depth)
    : new StridedRows(data, offset, rows, depth, rowStride, elementStride);
  return { source, lone };
}

function checkSameType(argument: string, { type, dtype }: ShapedRows): void {
  if (type === undefined || dtype === undefined || String(type) === String(dtype)) return;
  refuse(argument, `\`${argument}.type\` '${type}' and \`${argument}.dtype\` '${dtype}' differ`, 'leave one out');
}

/** Input is never changed, so `out` must not overlap the input's memory. */
export function checkApart(out: ScoreArray, argument: string, rows: AnyRows): void {
  if (rows instanceof StoredRows) return;
  for (const array of rows instanceof CsrRows ? [rows.columns, rows.values] : arraysOf(rows)) {
    if (ArrayBuffer.isView(array) && sharesBytes(array, out)) {
      fail('out', 'a buffer apart from the input', `one that overlaps \`${argument}\``);
    }
  }
}
