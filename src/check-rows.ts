// Rows in any of the forms that callers hold them in, checked.

import { describe, describeShape, fail } from './argument.js';
import { isNumericArray, type NumericArray, type ScoreArray } from './matrix/dtype.js';
import { ContiguousRows, type RowSource, SeparateRows, StridedRows } from './matrix/row-source.js';
import { type AnyRows, StoredRows } from './matrix/stored-rows.js';
import type { ShapedRows } from './types.js';

/** Rows in any of the accepted forms. */
export function checkRows(argument: string, value: unknown): AnyRows {
  if (value instanceof StoredRows) return value;
  if (Array.isArray(value)) return checkRowList(argument, value);
  if (typeof value === 'object' && value !== null && 'data' in value) return checkShaped(argument, value as ShapedRows);
  if (ArrayBuffer.isView(value)) {
    fail(argument, 'an array of rows, or { data, shape: [rows, depth] } for rows in one array', `a ${describe(value)} alone`);
  }
  return fail(argument, 'an array of rows, or an object with `data` and `shape`', describe(value));
}

function checkRowList(argument: string, rows: readonly unknown[]): RowSource {
  const first = rows[0];
  const depth = isNumericArray(first) || Array.isArray(first) ? first.length : 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const typed = isNumericArray(row);
    if (!typed && !Array.isArray(row)) fail(argument, `an array of numbers as row ${i}`, describe(row));
    if ((row as ArrayLike<unknown>).length !== depth) {
      fail(argument, `rows of length ${depth} (as row 0 has)`, `length ${(row as ArrayLike<unknown>).length} in row ${i}`);
    }
    if (!typed) checkNumbers(argument, i, row as readonly unknown[]);
  }
  return new SeparateRows(rows as readonly NumericArray[], depth);
}

/** Without this, null would silently count as 0 and '3' as 3. */
function checkNumbers(argument: string, rowIndex: number, row: readonly unknown[]): void {
  for (let k = 0; k < row.length; k++) {
    if (typeof row[k] !== 'number') fail(argument, 'numbers', `${describe(row[k])} in row ${rowIndex}, column ${k}`);
  }
}

function checkShaped(argument: string, value: ShapedRows): RowSource {
  const { data } = value;
  if (!isNumericArray(data)) fail(argument, `a typed array of numbers as \`${argument}.data\``, describe(data));
  const shape = value.shape ?? value.dims;
  if (!isIndexPair(shape)) fail(argument, 'a shape (or dims) of [rows, depth]', describeShape(shape));
  const [rows, depth] = shape;
  const { stride, offset } = value;
  if (stride === undefined && offset === undefined) {
    if (data.length !== rows * depth) {
      fail(argument, `${rows} x ${depth} = ${rows * depth} elements in \`${argument}.data\``, `${data.length}`);
    }
    return new ContiguousRows(data, 0, rows, depth);
  }
  return checkStrided(argument, data, rows, depth, stride ?? [depth, 1], offset ?? 0);
}

function checkStrided(
  argument: string,
  data: NumericArray,
  rows: number,
  depth: number,
  stride: unknown,
  offset: unknown,
): RowSource {
  if (!(Array.isArray(stride) && stride.length === 2 && stride.every(Number.isSafeInteger))) {
    fail(argument, 'a stride of two integers', describeShape(stride));
  }
  if (!Number.isSafeInteger(offset)) fail(argument, 'an integer offset', describe(offset));
  const [rowStride, elementStride] = stride as [number, number];
  const from = offset as number;
  if (rows > 0 && depth > 0) {
    const rowSpan = (rows - 1) * rowStride;
    const elementSpan = (depth - 1) * elementStride;
    const first = from + Math.min(0, rowSpan) + Math.min(0, elementSpan);
    const last = from + Math.max(0, rowSpan) + Math.max(0, elementSpan);
    if (first < 0 || last >= data.length) {
      fail(
        argument,
        `offset and stride within the ${data.length} elements of \`${argument}.data\``,
        `elements ${first} to ${last}`,
      );
    }
  }
  const contiguous = elementStride === 1 && rowStride === depth && from >= 0;
  return contiguous
    ? new ContiguousRows(data, from, rows, depth)
    : new StridedRows(data, from, rows, depth, rowStride, elementStride);
}

function isIndexPair(shape: unknown): shape is [number, number] {
  return (
    typeof shape === 'object' &&
    shape !== null &&
    (shape as ArrayLike<unknown>).length === 2 &&
    isIndex((shape as ArrayLike<unknown>)[0]) &&
    isIndex((shape as ArrayLike<unknown>)[1])
  );
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Input is never changed, so `out` may not lie in the input's memory. */
export function checkApart(out: ScoreArray, argument: string, rows: unknown): void {
  if (rows instanceof StoredRows) return;
  const arrays = Array.isArray(rows) ? rows : [(rows as ShapedRows).data];
  for (const array of arrays) {
    if (!ArrayBuffer.isView(array) || array.buffer !== out.buffer) continue;
    const apart = array.byteOffset + array.byteLength <= out.byteOffset || out.byteOffset + out.byteLength <= array.byteOffset;
    if (!apart) fail('out', 'a buffer apart from the input', `one that overlaps \`${argument}\``);
  }
}
