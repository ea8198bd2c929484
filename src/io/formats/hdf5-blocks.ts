// Reads the rows of a dataset a block at a time. HDF5 decompresses whole chunks and keeps none of them, so blocks consist of whole chunks.

import type { Dataset } from 'h5wasm/node';
import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { inexactMessage, readWideIntegers } from '../rows/wide-integers.js';
import { takeTurn } from '../turns.js';
import { withFile } from './hdf5-file.js';
import { bytesOfHdf5, type Hdf5Rows } from './hdf5-layout.js';
import { type Hdf5, type Hdf5File, lookUp } from './hdf5-module.js';
import type { Hdf5Chunks } from './hdf5-storage.js';
import { blockOf } from './npy.js';
import { heldBytesFor } from './work-limit.js';

/** h5wasm has 2 GiB at most, and may need four times as much to decompress a chunk. */
const MAX_BLOCK_BYTES = 2 ** 27;

/** How a dataset is read. */
export interface Hdf5Reading {
  readonly chunks: Hdf5Chunks | undefined;
  readonly memoryBudget?: number | undefined;
}

/** Yields the rows of a dataset in order. A block is valid until the next is requested. */
export async function* blocksOf(
  path: string,
  found: Hdf5Rows,
  reading: Hdf5Reading,
): AsyncGenerator<NumericArray, void, undefined> {
  const { rows, depth, element } = found;
  const most = Math.min(rows, rowsOfBlock(found, reading));
  const bytes = new Uint8Array(most * depth * bytesOfHdf5(element));
  try {
    for (let from = 0; from < rows; ) {
      const to = endOfBlock(found, reading, from, most);
      await takeTurn(undefined, (to - from) * found.rowBytes);
      // The file is closed while the caller uses the block, because the next block may never be requested.
      await withFile(
        path,
        (file, hdf5) => {
          const rest = checkUnchanged(path, hdf5, file, found);
          readRows(hdf5, file, found, { from, to, rest }, bytes);
        },
        reading,
      );
      yield decode(path, bytes.subarray(0, (to - from) * depth * bytesOfHdf5(element)), found, from);
      from = to;
    }
  } finally {
    freeBuffer(bytes.buffer);
  }
}

/** Reads one number of a dataset that is stored in one piece, which fails if that is in another file. */
export function touchNumbers({ module }: Hdf5, file: Hdf5File, name: string, { metadata }: Dataset): void {
  const { shape, size, chunks, compound_type: records } = metadata;
  if (chunks || records || !shape?.length || shape.includes(0)) return;
  const at = module._malloc(size);
  try {
    const ones = shape.map(() => 1n);
    const zeros = shape.map(() => 0n);
    module.get_dataset_data(file.file_id, name, ones, zeros, ones, BigInt(at));
  } finally {
    module._free(at);
  }
}

/** Returns the number of rows in a block: those of whole chunks if they fit, otherwise as many as fit. */
function rowsOfBlock({ rowBytes }: Hdf5Rows, { chunks, memoryBudget }: Hdf5Reading): number {
  const few = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  if (!chunks) return few;
  // A block is in the memory of HDF5 and is copied from there.
  const most = Math.max(Math.min(chunks.bytes, MAX_BLOCK_BYTES), heldBytesFor(memoryBudget) / 2);
  if (chunks.rows * rowBytes <= most) return Math.ceil(few / chunks.rows) * chunks.rows;
  return chunks.compressed ? Math.max(few, Math.floor(most / rowBytes)) : few;
}

/** Blocks that are parts of chunks end where chunks do. */
function endOfBlock({ rows }: Hdf5Rows, { chunks }: Hdf5Reading, from: number, most: number): number {
  const end = chunks && most < chunks.rows ? (Math.floor(from / chunks.rows) + 1) * chunks.rows : rows;
  return Math.min(rows, end, from + most);
}

/** Returns all sizes of the dataset but the first. Throws FormatError if they are no longer what they were. */
function checkUnchanged(path: string, hdf5: Hdf5, file: Hdf5File, { name, rows, rowBytes }: Hdf5Rows): number[] {
  const metadata = lookUp(hdf5, () => new hdf5.engine.Dataset(file.file_id, `/${name}`).metadata);
  const [there, ...rest] = metadata?.shape ?? [];
  const bytes = rest.reduce((product, length) => product * length, metadata?.size ?? 0);
  if (there === rows && bytes === rowBytes) return rest;
  throw new FormatError(path, 'whole', `dataset ${name} changed while it was being read; run the command again`);
}

/**
 * Reads the numbers of rows into `bytes`, in little-endian order whatever the file's is: h5wasm makes no float16 arrays, and large ones of
 * records.
 */
function readRows(
  { module }: Hdf5,
  file: Hdf5File,
  { name, depth, element, rowBytes, offset }: Hdf5Rows,
  { from, to, rest }: { readonly from: number; readonly to: number; readonly rest: readonly number[] },
  bytes: Uint8Array,
): void {
  const length = (to - from) * rowBytes;
  const at = module._malloc(length);
  if (at === 0) throw new Error(`no memory for ${length} bytes`);
  try {
    const wide = (values: readonly number[]) => values.map(BigInt);
    const counts = wide([to - from, ...rest]);
    const offsets = wide([from, ...rest.map(() => 0)]);
    const status = module.get_dataset_data(file.file_id, name, counts, offsets, wide([1, ...rest.map(() => 1)]), BigInt(at));
    const read = module.HEAPU8.subarray(at, at + length);
    const elementBytes = depth * bytesOfHdf5(element);
    if (rowBytes === elementBytes) bytes.set(read);
    else {
      for (let row = 0; row < to - from; row++) {
        const start = row * rowBytes + offset;
        bytes.set(read.subarray(start, start + elementBytes), row * elementBytes);
      }
      // Texts in records are pointers to memory that HDF5 allocated. h5wasm 0.10.0 cannot free it.
      if (status >= 0) module.reclaim_vlen_memory_count?.(file.file_id, name, '', BigInt(at), counts);
    }
  } finally {
    module._free(at);
  }
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
