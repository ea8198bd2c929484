// Reads the numbers in a part of a dataset.

import type { Dataset } from 'h5wasm/node';
import { FormatError } from '../../errors.js';
import type { CreateStore } from '../rows/row-store.js';
import { takeTurn } from '../turns.js';
import { withFile } from './hdf5-file.js';
import { bytesOfHdf5, type Hdf5Rows } from './hdf5-layout.js';
import { type Hdf5, type Hdf5File, lookUp } from './hdf5-module.js';
import type { Hdf5Chunks } from './hdf5-storage.js';

/** How a dataset is read. */
export interface Hdf5Reading {
  readonly chunks: Hdf5Chunks | undefined;
  readonly memoryBudget?: number | undefined;
  readonly createStore: CreateStore;
}

/** The bytes of rows, valid until the next are requested. */
export interface Hdf5Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rowStart: number;
}

/** Rows from `rowStart` to `rowEnd`, and of these the columns from `colStart` to `colEnd`. */
export interface Hdf5Region {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly colStart: number;
  readonly colEnd: number;
}

/**
 * Reads the numbers in a region into `bytes`, row by row in little-endian order. The file is open only meanwhile, because the caller may never
 * ask for more.
 */
export async function readRegion(
  path: string,
  found: Hdf5Rows,
  region: Hdf5Region,
  bytes: Uint8Array,
  reading: Hdf5Reading,
): Promise<void> {
  await takeTurn(undefined, (region.rowEnd - region.rowStart) * (region.colEnd - region.colStart) * bytesOfHdf5(found.element));
  await withFile(
    path,
    (file, hdf5) => {
      const rest = checkUnchanged(path, hdf5, file, found);
      readNumbers(hdf5, file, found, region, rest, bytes);
    },
    reading,
  );
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

/** Returns all sizes of the dataset but the first. Throws FormatError if they are no longer what they were. */
function checkUnchanged(path: string, hdf5: Hdf5, file: Hdf5File, { name, rows, rowBytes }: Hdf5Rows): number[] {
  const metadata = lookUp(hdf5, () => new hdf5.engine.Dataset(file.file_id, `/${name}`).metadata);
  const [there, ...rest] = metadata?.shape ?? [];
  const bytes = rest.reduce((product, length) => product * length, metadata?.size ?? 0);
  if (there === rows && bytes === rowBytes) return rest;
  throw new FormatError(path, 'whole', `dataset ${name} changed while it was being read; run the command again`);
}

/** Reads bytes, because h5wasm makes no float16 arrays, and large ones of records. `rest` are all sizes of the dataset but the first. */
function readNumbers(
  { module }: Hdf5,
  file: Hdf5File,
  { name, depth, element, rowBytes, offset }: Hdf5Rows,
  { rowStart, rowEnd, colStart, colEnd }: Hdf5Region,
  rest: readonly number[],
  bytes: Uint8Array,
): void {
  const rows = rowEnd - rowStart;
  const isRecord = rowBytes > depth * bytesOfHdf5(element);
  const readBytes = isRecord ? rowBytes : (colEnd - colStart) * bytesOfHdf5(element);
  const length = rows * readBytes;
  const at = module._malloc(length);
  if (at === 0) throw new Error(`no memory for ${length} bytes`);
  try {
    const wide = (values: readonly number[]) => values.map(BigInt);
    // All sizes but those of rows and columns are 1.
    const columns = rest.findIndex((size) => size !== 1);
    const counts = wide([rows, ...rest.map((size, i) => (i === columns ? colEnd - colStart : size))]);
    const offsets = wide([rowStart, ...rest.map((_, i) => (i === columns ? colStart : 0))]);
    const status = module.get_dataset_data(file.file_id, name, counts, offsets, wide([1, ...rest.map(() => 1)]), BigInt(at));
    const read = module.HEAPU8.subarray(at, at + length);
    if (!isRecord) bytes.set(read);
    else {
      const elementBytes = depth * bytesOfHdf5(element);
      for (let row = 0; row < rows; row++) {
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
