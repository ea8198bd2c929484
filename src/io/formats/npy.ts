// Rows of a .npy file, or of one inside of another file. In C order they lie there as rows; in Fortran order as columns, of which
// the parts that make up a block of rows are gathered.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import { bytesOfElement, type ElementType, elementsOf, MACHINE_IS_LITTLE_ENDIAN } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { elementTypeOf, type NpyHeader, readNpyHeader } from '../npy.js';
import type { FlatRows, RowReader, RowStream } from '../row-reader.js';
import { checkDepth, refuseColumn } from './bin.js';

/** Blocks gathered from columns are larger than others: the more rows, the longer the part of a column that is read at once. */
const GATHERED_BYTES = 4 * 2 ** 20;
/** To read this much takes little longer than to read one element: short columns are read together, with what lies between. */
const SPAN_BYTES = 128 * 1024;

/** The rows of a two-dimensional array of one of the types in NpyType, in either byte order and either element order. */
export const readNpyRows: RowReader = async (source, { column }) => {
  refuseColumn(source, column);
  return rowsOfArray(source, await readNpyHeader(source), 0);
};

/** Where the rows of an array lie, whose .npy begins at byte `start`. `file` names it in errors. */
export function rowsOfArray(source: ByteSource, header: NpyHeader, start: number, file = source.name): FlatRows | RowStream {
  const [rows, depth] = shapeOfRows(header, file);
  const type = elementTypeOf(header);
  const flat: FlatRows = {
    kind: 'flat',
    rows,
    depth,
    type,
    littleEndian: header.littleEndian !== false,
    offset: start + header.dataOffset,
    rowBytes: depth * bytesOfElement(type),
  };
  if (!isByColumns(header)) return flat;
  return { kind: 'stream', depth, type, blocks: () => gatherRows(source, flat) };
}

/** Throws FormatError, with bytes counted from the beginning of the .npy, unless there are two dimensions of sense. */
export function shapeOfRows({ shape }: NpyHeader, file: string): readonly [rows: number, depth: number] {
  const [rows, depth] = shape;
  if (shape.length !== 2 || rows === undefined || depth === undefined) {
    throw new FormatError(file, 0, `expected a two-dimensional array (rows, columns), got ${shape.length} dimensions`);
  }
  checkDepth({ name: file }, 0, depth);
  return [rows, depth];
}

/** Whether the order of the elements is not that of rows: both orders are one where there is but one row or column. */
export function isByColumns({ fortranOrder, shape }: NpyHeader): boolean {
  return fortranOrder && shape.every((size) => size > 1);
}

/** The elements in `bytes` as blocks of a stream have them: of float16 and bfloat16 the bits. */
export function blockOf(bytes: Uint8Array<ArrayBuffer>, type: ElementType, littleEndian: boolean): NumericArray {
  const stored = type === 'float16' || type === 'bfloat16' ? 'uint16' : type;
  return elementsOf(bytes, stored, littleEndian, bytes.length / bytesOfElement(type));
}

/** `layout` says what the rows would be; the elements lie by columns. */
async function* gatherRows(source: ByteSource, layout: FlatRows): AsyncGenerator<NumericArray, void, undefined> {
  const { rows, depth, type, littleEndian, offset, rowBytes } = layout;
  const size = bytesOfElement(type);
  const blockRows = Math.max(1, Math.min(rows, Math.floor(GATHERED_BYTES / rowBytes)));
  const together = Math.max(1, Math.min(depth, Math.floor(SPAN_BYTES / (rows * size))));
  const block = blockOf(new Uint8Array(blockRows * rowBytes), type, MACHINE_IS_LITTLE_ENDIAN);
  const span = new Uint8Array(((together - 1) * rows + blockRows) * size);
  for (let from = 0; from < rows; from += blockRows) {
    const count = Math.min(blockRows, rows - from);
    for (let column = 0; column < depth; column += together) {
      const columns = Math.min(together, depth - column);
      const length = ((columns - 1) * rows + count) * size;
      const values = blockOf(await source.read(offset + (column * rows + from) * size, length, span), type, littleEndian);
      for (let k = 0; k < columns; k++) {
        for (let i = 0; i < count; i++) block[i * depth + column + k] = values[k * rows + i] as number;
      }
    }
    yield block.subarray(0, count * depth);
  }
}
