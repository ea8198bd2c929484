// Sparse rows in SciPy's terms: { indptr, indices, data, shape }.

import { describe, describeShape, fail, refuse } from './argument.js';
import { checkElements } from './check-elements.js';
import { CsrRows, MAX_COLUMNS } from './rows/csr-rows.js';
import { isDetached, isNumericArray, type NumericArray } from './rows/dtype.js';
import { decodeHalves } from './rows/element-type.js';
import { sumDuplicates } from './rows/sum-duplicates.js';
import type { SparseRows } from './types.js';

/** Stored elements are counted in 32 bits. */
const MAX_STORED = 2 ** 32 - 1;

/** True for an object with a property that only sparse rows have. */
export function isSparse(value: object): value is SparseRows {
  return 'indptr' in value || ('indices' in value && 'data' in value);
}

/** Returns compressed sparse rows in the caller's arrays, or in new arrays if columns are out of order, repeated or 64-bit. */
export function checkSparse(argument: string, value: SparseRows): CsrRows {
  const { shape } = value;
  const format: unknown = (value as { readonly format?: unknown }).format;
  if (format !== undefined && format !== 'csr') {
    refuse(
      argument,
      `\`${argument}\` is sparse in the format ${describe(format)}`,
      'convert it to compressed sparse rows: tocsr() in SciPy',
    );
  }
  if (!isShape(shape)) fail(argument, 'a shape of [rows, columns]', describeShape(shape));
  const [rows, depth] = shape;
  if (depth > MAX_COLUMNS) fail(argument, `at most ${MAX_COLUMNS} columns`, `${depth}`);
  const indices = checkArray(argument, 'indices', value.indices);
  refuseLayout(argument, value);
  const data = declaredElements(argument, value, checkArray(argument, 'data', value.data));
  const starts = checkStarts(argument, value.indptr, rows, depth);
  const stored = starts[rows] as number;
  if (stored > MAX_STORED) fail(argument, `at most ${MAX_STORED} stored elements`, `${stored}`);
  for (const [name, array] of [
    ['indices', indices],
    ['data', data],
  ] as const) {
    if (array.length === stored) continue;
    fail(argument, `${stored} elements (as \`indptr\` ends with) in \`${argument}.${name}\``, `${array.length}`);
  }
  const columns = asNumbers(argument, 'indices', indices);
  const values = asNumbers(argument, 'data', data);
  const isCanonical = checkColumns(argument, starts, columns, depth);
  const kept = isCanonical ? { starts, columns, values } : sumDuplicates({ starts, columns, values });
  return new CsrRows(kept.starts, kept.columns, kept.values, depth, data instanceof Float64Array);
}

/** Options for rows in one array, which do not apply to sparse rows. */
function refuseLayout(argument: string, value: object): void {
  for (const name of ['strides', 'stride', 'offset', 'order', 'fortranOrder']) {
    if ((value as Record<string, unknown>)[name] === undefined) continue;
    refuse(argument, `\`${argument}\` is sparse and has \`${name}\``, `leave out \`${name}\``);
  }
}

/** Returns the elements according to their declared type: 16-bit floating-point numbers are decoded. */
function declaredElements(argument: string, value: SparseRows, data: StoredArray): StoredArray {
  const { type, dtype } = value as { readonly type?: unknown; readonly dtype?: unknown };
  const declared = type ?? dtype;
  if (declared === undefined || isWide(data)) return data;
  const { half } = checkElements(argument, data, declared);
  if (half === undefined) return data;
  const decoded = Float32Array.from(data as Uint16Array);
  decodeHalves(half, decoded, 0, decoded.length);
  return decoded;
}

function isShape(shape: unknown): shape is readonly [number, number] {
  return Array.isArray(shape) && shape.length === 2 && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
}

type StoredArray = NumericArray | BigInt64Array | BigUint64Array | readonly unknown[];

function checkArray(argument: string, name: string, array: unknown): StoredArray {
  const isNumbers = isNumericArray(array) || Array.isArray(array) || isWide(array);
  if (!isNumbers) fail(argument, `an array of numbers as \`${argument}.${name}\``, describe(array));
  if (isDetached(array)) fail(argument, `numbers in \`${argument}.${name}\``, `a detached ${array.constructor.name}`);
  return array;
}

function isWide(array: unknown): array is BigInt64Array | BigUint64Array {
  return array instanceof BigInt64Array || array instanceof BigUint64Array;
}

/** Copied, so that it cannot change during the call. */
function checkStarts(argument: string, indptr: unknown, rows: number, depth: number): Float64Array {
  const given = checkArray(argument, 'indptr', indptr);
  if (given.length !== rows + 1) {
    const advice =
      given.length === depth + 1 ? 'if these are compressed sparse columns, convert them: tocsr() in SciPy' : undefined;
    fail(argument, `${rows + 1} elements (one more than rows) in \`${argument}.indptr\``, `${given.length}`, { advice });
  }
  const starts = new Float64Array(rows + 1);
  let last = 0;
  for (let row = 0; row <= rows; row++) {
    const start = numberOf(given[row]);
    if (!Number.isSafeInteger(start) || start < last || (row === 0 && start !== 0)) {
      const expected = row === 0 ? '0 as the first element' : `a whole number from ${last} on as element ${row}`;
      fail(argument, `${expected} of \`${argument}.indptr\``, describe(given[row]));
    }
    starts[row] = start;
    last = start;
  }
  return starts;
}

/** Returns NaN for values that are not numbers. */
function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
}

/** Returns the array itself, or a copy of 64-bit integers or plain numbers. */
function asNumbers(argument: string, name: string, array: StoredArray): NumericArray {
  if (!isWide(array) && !Array.isArray(array)) return array as NumericArray;
  const numbers = new Float64Array(array.length);
  for (let i = 0; i < array.length; i++) {
    const value = array[i];
    const number = numberOf(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(number)) {
      fail(argument, `whole numbers up to 2^53 in \`${argument}.${name}\``, `${value}n at index ${i}`);
    }
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      fail(argument, `numbers in \`${argument}.${name}\``, `${describe(value)} at index ${i}`);
    }
    numbers[i] = number;
  }
  return numbers;
}

/** Returns whether columns ascend in every row without duplicates. */
function checkColumns(argument: string, starts: Float64Array, columns: NumericArray, depth: number): boolean {
  const isWhole = !(columns instanceof Float32Array || columns instanceof Float64Array);
  let isCanonical = true;
  for (let row = 0; row + 1 < starts.length; row++) {
    const end = starts[row + 1] as number;
    let last = -1;
    for (let i = starts[row] as number; i < end; i++) {
      const column = columns[i] as number;
      if (!(column >= 0 && column < depth) || !(isWhole || Number.isInteger(column))) {
        fail(argument, `whole numbers below ${depth} in \`${argument}.indices\``, `${column} in row ${row}`);
      }
      if (column <= last) isCanonical = false;
      last = column;
    }
  }
  return isCanonical;
}
