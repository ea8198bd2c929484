// .fvecs and .bvecs: each row is its depth as an int32, then as many float32, or uint8. http://corpus-texmex.irisa.fr

import { FormatError } from '../../errors.js';
import { bytesOfElement } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { type FlatRows, MOST_DEPTH, type RowReader } from '../row-reader.js';

const WORD_BYTES = 4;
/** Rows whose depth is looked at before they are read: the first, the last, and some between. */
const LOOKS = 256;

export const readFvecs: RowReader = (source) => readVecs(source, 'float32');
export const readBvecs: RowReader = (source) => readVecs(source, 'uint8');

async function readVecs(source: ByteSource, type: 'float32' | 'uint8'): Promise<FlatRows> {
  const { name, size } = source;
  const layout = { kind: 'flat', type, littleEndian: true, offset: WORD_BYTES } as const;
  if (size === 0) return { ...layout, rows: 0, depth: 0, rowBytes: WORD_BYTES };
  const depth = await depthAt(source, 0);
  if (depth < 1 || depth > MOST_DEPTH) throw new FormatError(name, 0, `a row of ${depth} elements`);
  const rowBytes = WORD_BYTES + depth * bytesOfElement(type);
  const rows = Math.floor(size / rowBytes);
  if (rows * rowBytes !== size) {
    throw new FormatError(
      name,
      rows * rowBytes,
      `rows of ${depth} elements take ${rowBytes} bytes, and ${size} is no multiple`,
    );
  }
  const step = Math.max(1, Math.floor(rows / LOOKS));
  for (let row = 0; row < rows; row += step) await checkDepth(source, row * rowBytes, depth);
  await checkDepth(source, (rows - 1) * rowBytes, depth);
  return { ...layout, rows, depth, rowBytes };
}

async function checkDepth(source: ByteSource, at: number, depth: number): Promise<void> {
  const other = await depthAt(source, at);
  if (other !== depth) throw new FormatError(source.name, at, `a row of ${other} elements, the first has ${depth}`);
}

async function depthAt(source: ByteSource, at: number): Promise<number> {
  const bytes = await source.read(at, WORD_BYTES);
  return new DataView(bytes.buffer).getInt32(0, true);
}
