// Rows of a two-dimensional dataset of an HDF5 file, or of a sparse matrix in a group, read with the package h5wasm a few MiB at a time.
// https://www.hdfgroup.org/solutions/hdf5

import { access } from 'node:fs/promises';
import { AllpairsError, FormatError, UnsupportedError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { elementsOf, MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import { runBlocking } from '../blocking.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { MAX_DEPTH, type ReadOptions, type RowStream, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { inexactMessage, readWideIntegers } from '../rows/wide-integers.js';
import { takeTurn } from '../turns.js';
import { annDataNames } from './anndata-names.js';
import { bytesOfHdf5, chooseHdf5Rows, type Hdf5Rows, type Hdf5Tree, vectorAt } from './hdf5-layout.js';
import { type Hdf5File as File, fileSystemOf, type Hdf5, loadHdf5, lookUp, pluginFolder, useHdf5 } from './hdf5-module.js';
import { NumberTypes } from './hdf5-number-types.js';
import { type ReadFault, withReadsChecked } from './hdf5-reads.js';
import { blockOf } from './npy.js';
import { messageOf } from './query-rows.js';
import { checkSparseShape, csrOfArrays, sparseStream } from './sparse-parts.js';

type Dataset = InstanceType<Hdf5['engine']['Dataset']>;

/** Chunks up to this size are read whole. HDF5 would decompress chunks that exceed its cache once for each block. */
const MAX_CHUNK_BYTES = 16 * 2 ** 20;

/**
 * Reads the rows of the dataset or sparse matrix `column`: a path such as '/train' or 'layers/counts', or 'table.field' for arrays in
 * records. Without `column`, reads the only part that can be rows. Throws UnsupportedError if h5wasm, or a filter of the dataset, is not
 * installed; FormatError if the file is not HDF5; ArgumentError if `column` does not exist or is required.
 */
export async function readHdf5(path: string, { column }: Pick<ReadOptions, 'column'>): Promise<RowStream> {
  // Throws the usual error if the file does not exist.
  await access(path);
  const types = new NumberTypes();
  const { used, fileBytes } = await withFile(
    path,
    (file, hdf5) => {
      const tree = treeOf(hdf5, file);
      const found = chooseHdf5Rows(path, tree, column);
      const arrays = 'format' in found ? SPARSE_ARRAYS.map((name) => vectorAt(path, `${found.name}/${name}`, tree)) : [found];
      for (const { name } of arrays) checkStorage(path, name, tree.datasetAt(name) as Dataset);
      return { found, arrays, labels: annDataNames(file, tree, found) };
    },
    types,
  );
  const { found, arrays, labels } = used;
  checkTypes(path, types, arrays);
  checkRoom(path, fileBytes, arrays);
  const { depth, origin } = found;
  if ('format' in found) {
    const { rows, format } = found;
    checkSparseShape(path, rows, depth, arrays[0]?.rows ?? 0);
    const read = [];
    for (const array of arrays) read.push(await readWhole(path, { ...array, origin }));
    const [data, indices, indptr] = read as [NumericArray, NumericArray, NumericArray];
    const stream = sparseStream(csrOfArrays(path, { format, rows, depth, indptr, indices, data }), { origin });
    return { ...stream, ...(labels && { labels }) };
  }
  const { element } = found;
  if (depth > MAX_DEPTH) {
    throw new FormatError(path, 'whole', `dataset ${found.name}: expected rows of 1 to ${MAX_DEPTH} numbers, got ${depth}`);
  }
  const type = element === 'int64' || element === 'uint64' ? 'float64' : element;
  return { kind: 'stream', depth, type, origin, blocks: () => blocksOf(path, found), ...(labels && { labels }) };
}

/** Throws UnsupportedError for numbers of a size of which the file holds unusual ones: which dataset does is not known. */
function checkTypes(path: string, types: NumberTypes, arrays: readonly Omit<Hdf5Rows, 'origin'>[]): void {
  for (const { name, element } of arrays) {
    const bytes = bytesOfHdf5(element);
    const isFloat = element.startsWith('float');
    if (!(isFloat ? types.oddFloats : types.oddIntegers).has(bytes)) continue;
    const what = isFloat
      ? `not IEEE 754's ${element}${bytes === 2 ? ', such as bfloat16' : ''}`
      : `of fewer than ${8 * bytes} bits`;
    throw new UnsupportedError(`${path}: dataset ${name} may hold numbers that are ${what}`, { advice: 'write it as float32' });
  }
}

const SPARSE_ARRAYS: readonly string[] = ['data', 'indices', 'indptr'];

/** HDF5's built-in compression shrinks even zeros at most this much. */
const MAX_RATIO = 1100;

/** Throws FormatError for arrays that are larger than the file can hold, because HDF5 reads what was never written as zeros. */
function checkRoom(path: string, fileBytes: number, arrays: readonly Omit<Hdf5Rows, 'origin'>[]): void {
  for (const { name, rows, rowBytes } of arrays) {
    const bytes = rows * rowBytes;
    if (bytes <= MAX_RATIO * fileBytes) continue;
    const found = `dataset ${name}: a file of ${fileBytes} bytes cannot hold ${bytes} bytes`;
    throw new FormatError(path, 'whole', `${found}; most of them were never written, or are in another file`);
  }
}

/** Returns all elements of a one-dimensional dataset; float16 becomes float32. */
async function readWhole(path: string, array: Hdf5Rows): Promise<NumericArray> {
  let all: NumericArray | undefined;
  let at = 0;
  for await (const block of blocksOf(path, array)) {
    const values =
      array.element === 'float16' ? elementsOf(bytesOf(block), 'float16', MACHINE_IS_LITTLE_ENDIAN, block.length) : block;
    all ??= new (values.constructor as new (length: number) => NumericArray)(array.rows);
    all.set(values, at);
    at += values.length;
  }
  return all ?? new Float32Array(0);
}

function bytesOf(block: NumericArray): Uint8Array<ArrayBuffer> {
  return new Uint8Array(block.buffer as ArrayBuffer, block.byteOffset, block.byteLength);
}

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

/** Throws UnsupportedError for compression that cannot be decoded, with the name of the filter, and for rows that are in other files. */
function checkStorage(path: string, name: string, { filters, metadata }: Dataset): void {
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

/** Opens the file for the duration of `use`. Errors in `use` are reported as errors of the file unless they are already specific. */
async function withFile<T>(path: string, use: (file: File, hdf5: Hdf5) => T, types?: NumberTypes) {
  let fault: ReadFault | undefined;
  const onFault = (found: ReadFault) => {
    fault ??= found;
  };
  try {
    for (;;) {
      const hdf5 = await loadHdf5(path);
      const read = () => useHdf5(hdf5, path, (file) => use(file, hdf5));
      // Another file may end the instance before it is this one's turn.
      const checked = await runBlocking(() =>
        hdf5.ended ? undefined : withReadsChecked(fileSystemOf(hdf5.module), onFault, types, read),
      );
      if (fault) break;
      if (checked) return checked;
    }
  } catch (error) {
    if (!fault) throw error instanceof AllpairsError ? error : new FormatError(path, 'whole', reasonOf(error));
  }
  throw new FormatError(path, fault.byte, fault.what);
}

/** Returns the innermost line of HDF5's call stack, which says what is wrong. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return [...message.matchAll(/\(\): (.*?) major:/g)].at(-1)?.[1] ?? message;
}

async function* blocksOf(path: string, found: Hdf5Rows): AsyncGenerator<NumericArray, void, undefined> {
  const { name, rows, rowBytes, chunkRows } = found;
  const fitting = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes));
  const whole = chunkRows * rowBytes <= MAX_CHUNK_BYTES ? chunkRows : 1;
  const step = Math.ceil(fitting / whole) * whole;
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    await takeTurn(undefined, step * rowBytes);
    // The file is closed while the caller uses the block, because the next block may never be requested.
    const { used: block } = await withFile(path, (file, { engine, module }) => {
      const dataset = file.get(name);
      const { metadata } = dataset instanceof engine.Dataset ? dataset : {};
      const [there, ...rest] = metadata?.shape ?? [];
      const bytes = rest.reduce((product, length) => product * length, metadata?.size ?? 0);
      if (there !== rows || bytes !== rowBytes) {
        throw new FormatError(path, 'whole', `dataset ${name} changed while it was being read; run the command again`);
      }
      return readRaw(module, file, found, from, to, rest);
    });
    yield decodeRaw(path, block, found, from);
    freeBuffer(block.buffer);
  }
}

/** Reads rows as little-endian bytes, whatever the byte order of the file: h5wasm makes no float16 arrays, and large ones of records. */
function readRaw(
  module: Hdf5['module'],
  file: File,
  { name, depth, element, rowBytes }: Hdf5Rows,
  from: number,
  to: number,
  rest: readonly number[],
): Uint8Array<ArrayBuffer> {
  const bytes = (to - from) * rowBytes;
  const at = module._malloc(bytes);
  if (at === 0) throw new Error(`no memory for ${bytes} bytes`);
  try {
    const wide = (values: readonly number[]) => values.map(BigInt);
    const counts = wide([to - from, ...rest]);
    const offsets = wide([from, ...rest.map(() => 0)]);
    const status = module.get_dataset_data(file.file_id, name, counts, offsets, wide([1, ...rest.map(() => 1)]), BigInt(at));
    const raw = module.HEAPU8.slice(at, at + bytes) as Uint8Array<ArrayBuffer>;
    // Texts in records are pointers to memory that HDF5 allocated. h5wasm 0.10.0 cannot free it.
    if (status >= 0 && rowBytes > depth * bytesOfHdf5(element)) {
      module.reclaim_vlen_memory_count?.(file.file_id, name, '', BigInt(at), counts);
    }
    return raw;
  } finally {
    module._free(at);
  }
}

function decodeRaw(path: string, raw: Uint8Array<ArrayBuffer>, found: Hdf5Rows, from: number): NumericArray {
  const { name, depth, element, rowBytes, offset } = found;
  const elementBytes = depth * bytesOfHdf5(element);
  const rows = raw.length / rowBytes;
  if (elementBytes < rowBytes) {
    for (let row = 0; row < rows; row++) {
      const start = row * rowBytes + offset;
      raw.copyWithin(row * elementBytes, start, start + elementBytes);
    }
  }
  const bytes = raw.subarray(0, rows * elementBytes);
  if (element !== 'int64' && element !== 'uint64') return blockOf(bytes, element, true);
  const read = readWideIntegers(bytes, element === 'int64', true, bytes.length / 8);
  if ('values' in read) return read.values;
  const row = from + Math.floor(read.inexact / depth);
  throw new FormatError(path, 'whole', `dataset ${name}, row ${row}: ${inexactMessage(read.value)}`);
}

function treeOf(hdf5: Hdf5, file: File): Hdf5Tree {
  const { Dataset, Group } = hdf5.engine;
  const paths = file.paths();
  const listed = new Set(paths);
  const entityAt = (name: string) => {
    const found = lookUp(hdf5, () => file.get(name));
    if (found !== undefined || !listed.has(name)) return found;
    // What is listed and cannot be opened is damaged, which `get` prints, except links to what does not exist.
    return lookUp(hdf5, () => file.get_link(name)) ? undefined : file.get(name);
  };
  return {
    paths,
    datasetAt: (name) => {
      const entity = entityAt(name);
      return entity instanceof Dataset ? entity : undefined;
    },
    groupAt: (name) => {
      const entity = entityAt(name);
      return entity instanceof Group ? entity : undefined;
    },
  };
}
