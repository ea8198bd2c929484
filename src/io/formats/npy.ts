// Rows of a .npy file, or of a .npy file inside of another one.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import { bytesOfElement, elementsOf } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { elementTypeOf, NPY_PREFIX_BYTES, type NpyHeader, npyHeaderBytes, parseNpyHeader } from '../npy.js';
import type { FlatRows, RowReader, RowStream } from '../row-reader.js';

/** A block of an array in Fortran order is read a column at a time: large enough that a read is worth its call. */
const FORTRAN_BLOCK_BYTES = 4 * 2 ** 20;

/** C order lies as rows; Fortran order is read by columns. */
export const readNpyRows: RowReader = async (source) => readNpyAt(source, 0, source.size);

/** The .npy file of `length` bytes that begins at byte `start` of `source`. */
export async function readNpyAt(source: ByteSource, start: number, length: number): Promise<FlatRows | RowStream> {
  const prefix = await source.read(start, Math.min(length, NPY_PREFIX_BYTES));
  const headerBytes = await source.read(start, Math.min(length, npyHeaderBytes(prefix, source.name)));
  const header = parseNpyHeader(headerBytes, length, source.name);
  return rowsOfHeader(source, header, start);
}

function rowsOfHeader(source: ByteSource, header: NpyHeader, start: number): FlatRows | RowStream {
  const [rows, depth] = shapeOfRows(header, source.name);
  const type = elementTypeOf(header);
  const littleEndian = header.littleEndian !== false;
  const offset = start + header.dataOffset;
  if (header.fortranOrder && rows > 1 && depth > 1) {
    return { kind: 'stream', depth, type, blocks: () => blocksByColumn(source, header, offset) };
  }
  return { kind: 'flat', rows, depth, type, littleEndian, offset, rowBytes: depth * bytesOfElement(type) };
}

/** Throws FormatError unless there are two dimensions. */
export function shapeOfRows({ shape }: NpyHeader, file: string): readonly [rows: number, depth: number] {
  const [rows, depth] = shape;
  if (shape.length === 2 && rows !== undefined && depth !== undefined) return [rows, depth];
  throw new FormatError(file, 0, `expected a two-dimensional array (rows, columns), got ${shape.length} dimensions`);
}

async function* blocksByColumn(source: ByteSource, header: NpyHeader, offset: number): AsyncGenerator<NumericArray> {
  const [rows, depth] = shapeOfRows(header, source.name);
  const type = elementTypeOf(header);
  const size = bytesOfElement(type);
  const blockRows = Math.max(1, Math.min(rows, Math.floor(FORTRAN_BLOCK_BYTES / (depth * size))));
  for (let from = 0; from < rows; from += blockRows) {
    const count = Math.min(blockRows, rows - from);
    const block = new Uint8Array(count * depth * size);
    const column = new Uint8Array(count * size);
    for (let k = 0; k < depth; k++) {
      await source.read(offset + (k * rows + from) * size, column.length, column);
      for (let i = 0; i < count; i++) {
        for (let b = 0; b < size; b++) block[(i * depth + k) * size + b] = column[i * size + b] as number;
      }
    }
    yield type === 'float16'
      ? halfBits(block, header.littleEndian !== false)
      : elementsOf(block, type, header.littleEndian !== false, count * depth);
  }
}

/** Streams give float16 as its bits. */
function halfBits(bytes: Uint8Array<ArrayBuffer>, littleEndian: boolean): Uint16Array {
  return elementsOf(bytes, 'uint16', littleEndian, bytes.length / 2) as Uint16Array;
}
