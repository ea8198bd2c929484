// Reads the rows of a dataset a block at a time. HDF5 decompresses whole chunks and keeps none of them, so blocks consist of whole chunks.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { inexactMessage, readWideIntegers } from '../rows/wide-integers.js';
import { bytesOfHdf5, type Hdf5Rows } from './hdf5-layout.js';
import { type Hdf5Block, type Hdf5Reading, readRegion } from './hdf5-region.js';
import type { Hdf5Chunks } from './hdf5-storage.js';
import { readStrips } from './hdf5-strips.js';
import { blockOf } from './npy.js';
import { heldBytesFor } from './work-limit.js';

/** h5wasm has 2 GiB at most, and may need four times as much to decompress a chunk. */
const MAX_BLOCK_BYTES = 2 ** 27;

/** Yields the rows of a dataset in order. A block is valid until the next is requested. */
export async function* blocksOf(
  path: string,
  found: Hdf5Rows,
  reading: Hdf5Reading,
): AsyncGenerator<NumericArray, void, undefined> {
  const { chunks, memoryBudget } = reading;
  // A block is in the memory of HDF5 and is copied from there.
  const half = heldBytesFor(memoryBudget) / 2;
  const most = Math.max(half, chunks?.compressed ? Math.min(chunks.bytes, MAX_BLOCK_BYTES) : 0);
  const isNarrow = chunks && chunks.columns < found.depth && chunks.rows * found.rowBytes > most;
  const blocks = isNarrow ? readStrips(path, found, { ...reading, chunks }, most) : readRows(path, found, reading, most);
  for await (const { bytes, rowStart } of blocks) yield decode(path, bytes, found, rowStart);
}

/** Yields blocks of up to `most` bytes, or about 1 MiB where larger ones save nothing. */
async function* readRows(
  path: string,
  found: Hdf5Rows,
  reading: Hdf5Reading,
  most: number,
): AsyncGenerator<Hdf5Block, void, undefined> {
  const { rows, depth, element } = found;
  const { chunks } = reading;
  const step = Math.min(rows, rowsOfBlock(found, chunks, most));
  const rowBytes = depth * bytesOfHdf5(element);
  const bytes = new Uint8Array(step * rowBytes);
  try {
    for (let rowStart = 0; rowStart < rows; ) {
      const rowEnd = endOfBlock(found, chunks, rowStart, step);
      await readRegion(path, found, { rowStart, rowEnd, colStart: 0, colEnd: depth }, bytes, reading);
      yield { bytes: bytes.subarray(0, (rowEnd - rowStart) * rowBytes), rowStart };
      rowStart = rowEnd;
    }
  } finally {
    freeBuffer(bytes.buffer);
  }
}

/** Returns the number of rows in a block: those of whole chunks if they fit, otherwise as many as fit. */
function rowsOfBlock({ rowBytes }: Hdf5Rows, chunks: Hdf5Chunks | undefined, most: number): number {
  const few = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  if (!chunks) return few;
  if (chunks.rows * rowBytes <= most) return Math.ceil(few / chunks.rows) * chunks.rows;
  // HDF5 reads rows that are not compressed directly.
  return chunks.compressed ? Math.max(few, Math.floor(most / rowBytes)) : few;
}

/** Blocks that are parts of chunks end where chunks do. */
function endOfBlock({ rows }: Hdf5Rows, chunks: Hdf5Chunks | undefined, rowStart: number, step: number): number {
  const end = chunks && step < chunks.rows ? (Math.floor(rowStart / chunks.rows) + 1) * chunks.rows : rows;
  return Math.min(rows, end, rowStart + step);
}

function decode(path: string, bytes: Uint8Array<ArrayBuffer>, found: Hdf5Rows, from: number): NumericArray {
  const { name, depth, element } = found;
  if (element !== 'int64' && element !== 'uint64') return blockOf(bytes, element, true);
  // In place, because buffers for block after block would wait for the garbage collector.
  const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const read = readWideIntegers(bytes, element === 'int64', true, values.length, values);
  if ('values' in read) return read.values;
  const row = from + Math.floor(read.inexact / depth);
  throw new FormatError(path, 'whole', `dataset ${name}, row ${row}: ${inexactMessage(read.value)}`);
}
