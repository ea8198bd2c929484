// Rows of a .npy file, or of one inside another file. In C order, rows are contiguous. In Fortran order columns are, and the parts of them
// that make up a block of rows are gathered.

import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement, type ElementType, elementsOf, MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { elementTypeOf, isWide, readNpyHeader, wideElements } from '../rows/npy.js';
import type { FlatRows, RowReader, RowStream } from '../rows/row-reader.js';
import { type Convert, convertRows } from './convert-rows.js';
import { layoutOf, type NpyLayout } from './npy-layout.js';

/** Blocks gathered from columns are larger than others, because with more rows a longer part of each column is read at once. */
const GATHERED_BYTES = 4 * 2 ** 20;
/** Reading this much takes little longer than reading one element, so short columns are read together with what lies between them. */
const SPAN_BYTES = 128 * 1024;

/** Reads the rows of a two-dimensional array, or of a field of records, in either byte order and either element order. */
export const readNpyRows: RowReader = async (source, { column }) =>
  rowsOfLayout(source, layoutOf(await readNpyHeader(source), column, source.name), 0);

/** Reads the rows of an array whose .npy begins at byte `start` of the source; `file` names it in errors. */
export function rowsOfLayout(source: ByteSource, layout: NpyLayout, start: number, file = source.name): FlatRows | RowStream {
  const { rows, depth, littleEndian, rowBytes, origin } = layout;
  const type = elementTypeOf(layout.type);
  const offset = start + layout.offset;
  const recordOffset = start + layout.dataOffset;
  const flat: FlatRows = {
    ...{ kind: 'flat', rows, depth, type, littleEndian, offset, rowBytes },
    ...(recordOffset !== offset && { recordOffset }),
    ...(origin && { origin }),
  };
  const stream = { kind: 'stream', depth, type, ...(origin && { origin }) } as const;
  const { type: stored, byColumns } = layout;
  if (!isWide(stored)) return byColumns ? { ...stream, blocks: () => gatherRows(source, flat) } : flat;
  // Errors give positions from the beginning of the .npy.
  const convert: Convert = (bytes, at) => wideElements(bytes, stored, littleEndian, bytes.length / 8, file, at - start);
  const blocks = () => (byColumns ? gatherWide(source, flat, convert) : convertRows(source, flat, convert, 8 * depth));
  return { ...stream, blocks };
}

/** Gathers integers in column order as they are stored. */
async function* gatherWide(
  source: ByteSource,
  layout: FlatRows,
  convert: Convert,
): AsyncGenerator<NumericArray, void, undefined> {
  // Read as pairs of words, because float64 arrays may change the bits of a NaN.
  const words: FlatRows = { ...layout, type: 'uint32', littleEndian: MACHINE_IS_LITTLE_ENDIAN };
  for await (const block of gatherRows(source, words, 2)) {
    yield convert(new Uint8Array(block.buffer as ArrayBuffer, block.byteOffset, block.byteLength), layout.offset);
  }
}

/** Returns the elements in `bytes` in the form that blocks of a stream have; float16 and bfloat16 stay as bits. */
export function blockOf(bytes: Uint8Array<ArrayBuffer>, type: ElementType, littleEndian: boolean): NumericArray {
  const stored = type === 'float16' || type === 'bfloat16' ? 'uint16' : type;
  return elementsOf(bytes, stored, littleEndian, bytes.length / bytesOfElement(type));
}

/** `layout` describes the resulting rows; the elements are stored in column order. */
async function* gatherRows(
  source: ByteSource,
  layout: FlatRows,
  /** Number of parts of `type` that make up one element. */
  parts = 1,
): AsyncGenerator<NumericArray, void, undefined> {
  const { rows, depth, type, littleEndian, offset, rowBytes } = layout;
  const size = parts * bytesOfElement(type);
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
        copyColumn(values, k * rows, block, column + k, { count, depth, parts });
      }
    }
    yield block.subarray(0, count * depth * parts);
  }
}

/** Copies a part of a column, starting with element `from` of `values`, to column `column` of a block. */
function copyColumn(
  values: NumericArray,
  from: number,
  block: NumericArray,
  column: number,
  { count, depth, parts }: { readonly count: number; readonly depth: number; readonly parts: number },
): void {
  for (let i = 0; i < count; i++) {
    for (let part = 0; part < parts; part++) {
      block[(i * depth + column) * parts + part] = values[(from + i) * parts + part] as number;
    }
  }
}
