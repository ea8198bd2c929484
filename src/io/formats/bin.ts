// .fbin, .u8bin and .i8bin: the number of rows and their depth as uint32, then the elements. https://big-ann-benchmarks.com

import { FormatError } from '../../errors.js';
import { bytesOfElement } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import type { FlatRows, RowReader } from '../row-reader.js';

const HEADER_BYTES = 8;

export const readFbin: RowReader = (source) => readBin(source, 'float32');
export const readU8bin: RowReader = (source) => readBin(source, 'uint8');
export const readI8bin: RowReader = (source) => readBin(source, 'int8');

async function readBin(source: ByteSource, type: 'float32' | 'uint8' | 'int8'): Promise<FlatRows> {
  const header = new DataView((await source.read(0, HEADER_BYTES)).buffer);
  const rows = header.getUint32(0, true);
  const depth = header.getUint32(4, true);
  const rowBytes = depth * bytesOfElement(type);
  // Below 2^66: exact enough to be told apart from any file's size.
  const bytes = HEADER_BYTES + rows * rowBytes;
  if (bytes !== source.size) {
    throw new FormatError(
      source.name,
      Math.min(bytes, source.size),
      `${rows} x ${depth} ${type} take ${bytes} bytes, the file has ${source.size}`,
    );
  }
  return { kind: 'flat', rows, depth, type, littleEndian: true, offset: HEADER_BYTES, rowBytes };
}
