// Whether the numbers of a dataset can be read as they are stored: their compression, their place, and the size of their chunks.

import type { Dataset } from 'h5wasm/node';
import { FormatError, MemoryError, UnsupportedError } from '../../errors.js';
import { mention, say } from '../../message.js';
import type { Hdf5Rows } from './hdf5-layout.js';
import { pluginFolder } from './hdf5-module.js';

/** Filters that are built into HDF5. */
const BUILT_IN = new Set([1, 2, 3, 4, 5, 6]);
/** Registered filters, with their file in h5wasm-plugins. */
const FILTERS = new Map<number, readonly [name: string, file?: string]>([
  [307, ['bzip2', 'bz2']],
  [32000, ['lzf', 'lzf']],
  [32001, ['blosc', 'blosc']],
  [32004, ['lz4', 'lz4']],
  [32008, ['bitshuffle', 'bshuf']],
  [32013, ['zfp', 'zfp']],
  [32015, ['zstd', 'zstd']],
  [32017, ['sz']],
  [32019, ['jpeg', 'jpeg']],
  [32022, ['bitgroom', 'bitgroom']],
  [32023, ['bitround', 'bitround']],
  [32026, ['blosc2', 'blosc2']],
]);

/** The pieces in which a dataset is stored, and perhaps compressed. */
export interface Hdf5Chunks {
  readonly rows: number;
  /** Infinity if each row is one element, such as a record. */
  readonly columns: number;
  readonly bytes: number;
  readonly compressed: boolean;
}

/** Returns the chunks of a dataset; undefined if it is stored as a whole. */
export function chunksOf({ filters, metadata }: Dataset): Hdf5Chunks | undefined {
  const { shape, chunks, size } = metadata;
  const [rows] = chunks ?? [];
  if (!shape || !chunks || !rows) return undefined;
  // All other sizes are 1.
  const columns = chunks[shape.findIndex((length, i) => i > 0 && length !== 1)] ?? Number.POSITIVE_INFINITY;
  const bytes = chunks.reduce((product, length) => product * length, size);
  return { rows, columns, bytes, compressed: filters.length > 0 };
}

const MIB = 2 ** 20;
/** Readers may always use a few MiB. */
const MIN_BUDGET = 8 * MIB;

/**
 * Returns the budget for decoded rows, an eighth of all memory, with which HDF5 may decompress a chunk: it does so as a whole, in about five
 * times its size.
 */
function budgetFor(chunkBytes: number): number {
  return Math.ceil((chunkBytes + 5 * MIB) / 1.5);
}

/** Throws MemoryError for compressed chunks that are too large for `memoryBudget`. */
export function checkChunks(
  path: string,
  name: string,
  chunks: Hdf5Chunks | undefined,
  memoryBudget: number | undefined,
): void {
  if (!chunks?.compressed || memoryBudget === undefined) return;
  const bytes = budgetFor(chunks.bytes);
  if (bytes <= Math.max(MIN_BUDGET, memoryBudget)) return;
  const size = `${(chunks.bytes / MIB).toFixed(1)} MiB`;
  throw new MemoryError(bytes, say`${path}: dataset ${name}: HDF5 decompresses chunks of ${size} as a whole`, {
    advice: say`pass ${mention.option('memoryBudget', bytes)} or more, or write smaller chunks`,
  });
}

/** Throws UnsupportedError for compression that cannot be decoded, with the name of the filter, and for rows that are in other files. */
export function checkStorage(path: string, name: string, { filters, metadata }: Dataset): void {
  const sources = metadata.virtual_sources;
  if (sources) {
    // HDF5 reads zeros where a source is missing.
    const files = [...new Set(sources.map(({ file_name }) => file_name))].join(', ');
    throw new UnsupportedError(`${path}: dataset ${name} is virtual: its rows are in ${files}`, {
      advice: 'read those files instead',
    });
  }
  for (const { id, name: given } of filters) {
    if (BUILT_IN.has(id)) continue;
    const [filter, plugin] = FILTERS.get(id) ?? [given || 'an unknown filter'];
    if (plugin !== undefined && pluginFolder !== undefined) continue;
    const remedy =
      plugin === undefined
        ? 'write it with gzip instead (compression="gzip")'
        : 'install h5wasm-plugins: npm install h5wasm-plugins --legacy-peer-deps; or write it with gzip (compression="gzip")';
    throw new UnsupportedError(`${path}: dataset ${name} is compressed with ${filter} (filter ${id})`, { advice: remedy });
  }
}

/** HDF5's built-in compression shrinks even zeros at most this much. */
const MAX_RATIO = 1100;

/** Throws FormatError for arrays that are larger than the file can hold, because HDF5 reads what was never written as zeros. */
export function checkRoom(path: string, fileBytes: number, arrays: readonly Omit<Hdf5Rows, 'origin'>[]): void {
  for (const { name, rows, rowBytes } of arrays) {
    const bytes = rows * rowBytes;
    if (bytes <= MAX_RATIO * fileBytes) continue;
    const found = `dataset ${name}: a file of ${fileBytes} bytes cannot hold ${bytes} bytes`;
    throw new FormatError(path, 'whole', `${found}; most of them were never written`);
  }
}
