// Vectors of FAISS indices that store them unchanged: IndexFlat, also inside an IndexIDMap. https://github.com/facebookresearch/faiss

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import type { FlatRows, RowReader } from '../rows/row-reader.js';
import { checkDepth, refuseColumn } from './bin.js';
import { FLAT, MAPS, OTHERS } from './faiss-kinds.js';

/** Kind, depth (int32), rows (int64), two unused int64, a byte that is set if the index is trained, and the metric (int32). */
const HEADER_BYTES = 4 + 4 + 8 + 16 + 1 + 4;
const COUNT_BYTES = 8;
const EXPORT = "write its vectors with np.save('rows.npy', index.reconstruct_n(0, index.ntotal))";

/** Reads float32 rows in the order in which they were added; ids of an IndexIDMap are ignored. */
export const readFaiss: RowReader = async (source, { column }) => {
  refuseColumn(source, column);
  const outer = await readHeader(source, 0);
  const { kind, depth, rows, end } = MAPS.includes(outer.kind) ? await readHeader(source, outer.end) : outer;
  if (!FLAT.includes(kind)) {
    const name = OTHERS[kind] ?? 'an unknown index';
    throw new FormatError(source.name, kind === outer.kind ? 0 : outer.end, `${name} (${JSON.stringify(kind)})`, {
      advice: EXPORT,
    });
  }
  checkDepth(source, 4, depth);
  const count = await readCount(source, end);
  const offset = end + COUNT_BYTES;
  const bytes = rows * depth * 4;
  const mapped = outer.kind === kind ? 0 : COUNT_BYTES + 8 * rows;
  if (count !== rows * depth || offset + bytes + mapped !== source.size) {
    const what = `${rows} rows of ${depth} float32 take ${bytes} bytes, but ${source.size - offset - mapped} are there`;
    throw new FormatError(source.name, Math.min(offset, source.size), what);
  }
  return { kind: 'flat', rows, depth, type: 'float32', littleEndian: true, offset, rowBytes: depth * 4 } satisfies FlatRows;
};

async function readHeader(source: ByteSource, at: number) {
  const header = await source.read(at, HEADER_BYTES);
  const view = new DataView(header.buffer);
  const rows = Number(view.getBigInt64(8, true));
  const metric = view.getInt32(33, true);
  // Metrics other than inner product and L2 have an argument.
  const end = at + HEADER_BYTES + (metric > 1 ? 4 : 0);
  if (rows < 0 || rows > source.size) throw new FormatError(source.name, at + 8, `${rows} rows in ${source.size} bytes`);
  return { kind: String.fromCharCode(...header.subarray(0, 4)), depth: view.getInt32(4, true), rows, end };
}

async function readCount(source: ByteSource, at: number): Promise<number> {
  return Number(new DataView((await source.read(at, COUNT_BYTES)).buffer).getBigUint64(0, true));
}
