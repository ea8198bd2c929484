// .fbin, .f16bin, .u8bin and .i8bin: the number of rows and their length as uint32, then the elements. https://big-ann-benchmarks.com

import { ArgumentError, FormatError } from '../../errors.js';
import { bytesOfElement, type ElementType } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { type FlatRows, MAX_DEPTH, type RowReader } from '../rows/row-reader.js';

const HEADER_BYTES = 8;

/** Reads float32 rows. */
export const readFbin: RowReader = (source, { column }) => readBin(source, 'float32', column);
/** Reads uint8 rows. */
export const readU8bin: RowReader = (source, { column }) => readBin(source, 'uint8', column);
/** Reads int8 rows. */
export const readI8bin: RowReader = (source, { column }) => readBin(source, 'int8', column);

/** Reads float16 rows. */
export const readF16bin: RowReader = (source, { column }) => readBin(source, 'float16', column);

async function readBin(source: ByteSource, type: ElementType, column: string | undefined): Promise<FlatRows> {
  refuseColumn(source, column);
  const header = new DataView((await source.read(0, HEADER_BYTES)).buffer);
  const rows = header.getUint32(0, true);
  const depth = header.getUint32(4, true);
  checkDepth(source, 4, depth);
  const rowBytes = depth * bytesOfElement(type);
  // Below 2^58. Where the product is not exact, it exceeds the size of any file.
  const bytes = HEADER_BYTES + rows * rowBytes;
  if (bytes !== source.size) {
    throw new FormatError(
      source.name,
      Math.min(bytes, source.size),
      `${rows} rows of ${depth} ${type} take ${bytes} bytes with the header, but the file has ${source.size}`,
    );
  }
  return { kind: 'flat', rows, depth, type, littleEndian: true, offset: HEADER_BYTES, rowBytes };
}

/** Refuses `column` for formats that hold a single unnamed matrix. */
export function refuseColumn(source: ByteSource, column: string | undefined): void {
  if (column === undefined) return;
  throw new ArgumentError('column', `${source.name}: no column ${column}; the file holds one matrix, without names`);
}

/** Throws FormatError at `offset` if rows have no elements, or implausibly many. */
export function checkDepth(source: { readonly name: string }, offset: number, depth: number): void {
  if (depth >= 1 && depth <= MAX_DEPTH) return;
  throw new FormatError(source.name, offset, `expected rows of 1 to ${MAX_DEPTH} numbers, got ${depth}`);
}
