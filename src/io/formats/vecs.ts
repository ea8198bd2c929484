// .fvecs, .bvecs, .ivecs and .hvecs: each row is its depth as an int32, followed by that many float32, uint8, int32 or float16.
// http://corpus-texmex.irisa.fr

import { FormatError } from '../../errors.js';
import { bytesOfElement, type ElementType } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { FlatRows, RowReader } from '../rows/row-reader.js';
import { checkDepth, refuseColumn } from './bin.js';

const WORD_BYTES = 4;
/** Number of rows whose depth is checked, evenly spread from the first to the last; checking all would mean reading the whole file. */
const CHECKED_ROWS = 1000;

/** Reads float32 rows. */
export const readFvecs: RowReader = (source, { column }) => readVecs(source, 'float32', column);
/** Reads uint8 rows. */
export const readBvecs: RowReader = (source, { column }) => readVecs(source, 'uint8', column);

/** Reads int32 rows. */
export const readIvecs: RowReader = (source, { column }) => readVecs(source, 'int32', column);
/** Reads float16 rows. */
export const readHvecs: RowReader = (source, { column }) => readVecs(source, 'float16', column);

async function readVecs(source: ByteSource, type: ElementType, column: string | undefined): Promise<FlatRows> {
  refuseColumn(source, column);
  const { name, size } = source;
  if (size === 0) throw new FormatError(name, 0, 'no rows');
  const depth = await depthAt(source, 0);
  checkDepth(source, 0, depth);
  const rowBytes = WORD_BYTES + depth * bytesOfElement(type);
  const rows = Math.floor(size / rowBytes);
  if (rows * rowBytes !== size) {
    throw new FormatError(
      name,
      rows * rowBytes,
      `each row of ${depth} ${type} takes ${rowBytes} bytes, but ${size - rows * rowBytes} are left after ${rows} rows`,
    );
  }
  const checked = Math.min(rows, CHECKED_ROWS);
  for (let i = 1; i < checked; i++) {
    const at = Math.floor((i * (rows - 1)) / (checked - 1)) * rowBytes;
    const other = await depthAt(source, at);
    if (other !== depth) throw new FormatError(name, at, `a row of ${other} numbers; the first has ${depth}`);
  }
  return { kind: 'flat', rows, depth, type, littleEndian: true, offset: WORD_BYTES, rowBytes };
}

async function depthAt(source: ByteSource, at: number): Promise<number> {
  const bytes = await source.read(at, WORD_BYTES);
  return new DataView(bytes.buffer).getInt32(0, true);
}
