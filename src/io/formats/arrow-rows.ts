// Rows from the columns of Arrow record batches: lists or bytes of one column, or numbers of many. One block of rows at a time.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import { bytesOfElement, type ElementType, widenElements } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { STREAM_BLOCK_BYTES } from '../row-reader.js';
import { type ArrowBuffer, type ArrowColumn, columnsOfBatch, findNull, readOffsets } from './arrow-columns.js';
import type { ArrowBatch, ArrowField, ArrowFile } from './arrow-messages.js';
import { formatFailure } from './format-failure.js';

const ARRAYS = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
};

/** No row is larger, whatever a file says. */
const MOST_ROW_BYTES = 2 ** 26;
/** Many columns are read for this much of rows at a time: some reads of the file for each. */
const ROUND_BYTES = 2 ** 22;

/** The element type of a field of numbers; undefined for others. 64-bit whole numbers become float64. */
export function elementOfField({ type, size, signed, dictionary }: ArrowField): ElementType | undefined {
  if (dictionary) return undefined;
  if (type === 'Float') return (['float16', 'float32', 'float64'] as const)[size];
  if (type !== 'Int') return undefined;
  if (size === 64) return 'float64';
  const name = `${signed ? '' : 'u'}int${size}`;
  return name in ARRAYS ? (name as ElementType) : undefined;
}

/** The element type that holds every number of `fields`. */
export function commonElement(fields: readonly ArrowField[]): ElementType {
  const types = new Set(fields.map((field) => elementOfField(field) as ElementType));
  return types.size === 1 ? ([...types][0] as ElementType) : 'float64';
}

/** Numbers `start` to `start + count` of a column: of its element type. */
export async function readNumbers(column: ArrowColumn, start: number, count: number): Promise<NumericArray> {
  const { field, buffers } = column;
  const data = buffers[1] as ArrowBuffer;
  if (field.type === 'Int' && field.size === 64) {
    const bytes = await data.read(start * 8, count * 8);
    const wide = field.signed ? new BigInt64Array(bytes.buffer, 0, count) : new BigUint64Array(bytes.buffer, 0, count);
    return Float64Array.from({ length: count }, (_, i) => exactNumber(wide[i] as bigint, field.name));
  }
  const type = elementOfField(field) as keyof typeof ARRAYS;
  const size = bytesOfElement(type);
  const bytes = await data.read(start * size, count * size);
  return new ARRAYS[type](bytes.buffer, bytes.byteOffset, count);
}

function exactNumber(value: bigint, name: string): number {
  const number = Number(value);
  if (BigInt(number) === value) return number;
  throw new Error(`column ${name} holds ${value}, beyond 2^53, and float64 does not hold it exactly`);
}

/** Some columns of an Arrow file. */
export interface ArrowSelection {
  readonly source: ByteSource;
  readonly file: ArrowFile;
  /** Numbers of top-level fields. */
  readonly chosen: readonly number[];
}

/** The chosen columns of each record batch, with the number of its first row. */
export async function* readBatches({
  source,
  file,
  chosen,
}: ArrowSelection): AsyncGenerator<{ batch: ArrowBatch; columns: ArrowColumn[]; row: number }, void, undefined> {
  let row = 0;
  for await (const batch of file.batches()) {
    const all = columnsOfBatch(source, file.fields, batch);
    yield { batch, columns: chosen.map((i) => all[i] as ArrowColumn), row };
    row += batch.rows;
  }
}

/** How many elements the rows of a column have: of lists and bytes of any length, as many as the first; 0 where none is. */
export async function findDepth(selection: ArrowSelection): Promise<number> {
  const field = selection.file.fields[selection.chosen[0] as number] as ArrowField;
  if (field.type === 'FixedSizeList') return field.size;
  if (field.type === 'FixedSizeBinary') return field.size / 4;
  for await (const { batch, columns } of readBatches(selection)) {
    if (batch.rows === 0) continue;
    const column = columns[0] as ArrowColumn;
    try {
      if ((await findNull(column, 0, 1)) === 0) throw new Error(`row 0 of column ${field.name} is null`);
      const [begin = 0, end = 0] = await readOffsets(column, 0, 1);
      const length = field.type.endsWith('List') ? end - begin : (end - begin) / 4;
      if (length > 0 && Number.isInteger(length)) return length;
      const what = length === 0 ? 'empty' : `${end - begin} bytes, no multiple of the 4 of a float32`;
      throw new Error(`row 0 of column ${field.name} is ${what}`);
    } catch (error) {
      throw formatFailure(selection.source.name, batch.offset, error);
    }
  }
  return 0;
}

/** The rows of a column of lists or bytes. */
export async function* readWholeRows(
  selection: ArrowSelection,
  depth: number,
  type: ElementType,
): AsyncGenerator<NumericArray, void, undefined> {
  const { name } = selection.source;
  const rowBytes = depth * bytesOfElement(type);
  if (depth === 0) return;
  if (rowBytes > MOST_ROW_BYTES) throw new FormatError(name, 0, `rows of ${depth} elements are too long`);
  const blockRows = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  for await (const { batch, columns, row } of readBatches(selection)) {
    const column = columns[0] as ArrowColumn;
    for (let start = 0; start < batch.rows; start += blockRows) {
      let block: NumericArray;
      try {
        block = await readRowBlock(column, start, Math.min(blockRows, batch.rows - start), row, depth);
      } catch (error) {
        throw formatFailure(name, batch.offset, error);
      }
      yield block;
    }
  }
}

/** Rows `start` to `start + count` of the batch whose first row is number `row` of the file. */
async function readRowBlock(
  column: ArrowColumn,
  start: number,
  count: number,
  row: number,
  depth: number,
): Promise<NumericArray> {
  const { field } = column;
  const empty = await findNull(column, start, start + count);
  if (empty !== undefined) throw new Error(`row ${row + empty} of column ${field.name} is null`);
  if (field.type === 'FixedSizeBinary') {
    const bytes = await (column.buffers[1] as ArrowBuffer).read(start * field.size, count * field.size);
    return new Float32Array(bytes.buffer, bytes.byteOffset, count * depth);
  }
  let first = start * depth;
  const isList = field.type.endsWith('List');
  if (field.type !== 'FixedSizeList') {
    const offsets = await readOffsets(column, start, count);
    const step = isList ? depth : depth * 4;
    for (let i = 0; i < count; i++) {
      const length = (offsets[i + 1] as number) - (offsets[i] as number);
      if (length === step) continue;
      const unit = isList ? 'elements' : 'bytes';
      throw new Error(`row ${row + start + i} of column ${field.name} has ${length} ${unit}, row 0 has ${step}`);
    }
    first = offsets[0] as number;
  }
  if (!isList) {
    const bytes = await (column.buffers[2] as ArrowBuffer).read(first, count * depth * 4);
    return new Float32Array(bytes.buffer, bytes.byteOffset, count * depth);
  }
  const child = column.children[0] as ArrowColumn;
  const missing = await findNull(child, first, first + count * depth);
  if (missing !== undefined) {
    const place = missing - first;
    const where = `element ${place % depth} of row ${row + start + Math.floor(place / depth)}`;
    throw new Error(`${where} of column ${field.name} is null`);
  }
  return readNumbers(child, first, count * depth);
}

/** Rows of one number from each column, of element type `type`. */
export async function* readNumberRows(
  selection: ArrowSelection,
  type: ElementType,
): AsyncGenerator<NumericArray, void, undefined> {
  const depth = selection.chosen.length;
  const rowBytes = depth * bytesOfElement(type);
  const roundRows = Math.max(1, Math.floor(ROUND_BYTES / rowBytes));
  const blockRows = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  const { name } = selection.source;
  for await (const { batch, columns, row } of readBatches(selection)) {
    for (let start = 0; start < batch.rows; start += roundRows) {
      const count = Math.min(roundRows, batch.rows - start);
      let round: NumericArray | undefined;
      try {
        for (const [c, column] of columns.entries()) {
          const empty = await findNull(column, start, start + count);
          if (empty !== undefined) throw new Error(`row ${row + empty} of column ${column.field.name} is null`);
          const values = widenHalfs(await readNumbers(column, start, count), column.field, type);
          // Only after the first column has shown that there are that many rows.
          round ??= new ARRAYS[type as keyof typeof ARRAYS](count * depth);
          for (let r = 0, at = c; r < count; r++, at += depth) round[at] = values[r] as number;
        }
      } catch (error) {
        throw formatFailure(name, batch.offset, error);
      }
      for (let from = 0; round && from < count; from += blockRows) {
        yield round.subarray(from * depth, Math.min(count, from + blockRows) * depth);
      }
    }
  }
}

/** float16 comes as its bits, which arrays of other types do not take for numbers. */
function widenHalfs(values: NumericArray, field: ArrowField, type: ElementType): NumericArray {
  if (type === 'float16' || elementOfField(field) !== 'float16') return values;
  const wide = new Float64Array(values.length);
  widenElements(new Uint8Array(values.slice().buffer), 'float16', true, values.length, wide, 0);
  return wide;
}
