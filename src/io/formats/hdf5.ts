// Rows of a two-dimensional dataset of an HDF5 file, or of a sparse matrix in a group, read with the package h5wasm a few MiB at a time.
// https://www.hdfgroup.org/solutions/hdf5

import { access } from 'node:fs/promises';
import type { Dataset } from 'h5wasm/node';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import { elementsOf, MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import { MAX_DEPTH, type ReaderOptions, type RowStream } from '../rows/row-reader.js';
import { createMemoryStore } from '../rows/row-store.js';
import { annDataNames } from './anndata-names.js';
import { blocksOf } from './hdf5-blocks.js';
import { withFile } from './hdf5-file.js';
import { bytesOfHdf5, chooseHdf5Rows, type Hdf5Element, type Hdf5Rows, vectorAt } from './hdf5-layout.js';
import { NumberTypes } from './hdf5-number-types.js';
import { type Hdf5Reading, touchNumbers } from './hdf5-region.js';
import { checkChunks, checkRoom, checkStorage, chunksOf } from './hdf5-storage.js';
import { treeOf } from './hdf5-tree.js';
import { type ArraySize, bytesToArrange, checkSparseShape, csrOfArrays, sparseStream } from './sparse-parts.js';

/**
 * Reads the rows of the dataset or sparse matrix `column`: a path such as '/train' or 'layers/counts', or 'table.field' for arrays in
 * records. Without `column`, reads the only part that can be rows. Throws UnsupportedError if h5wasm, or a filter of the dataset, is not
 * installed; FormatError if the file is not HDF5; ArgumentError if `column` does not exist or is required; MemoryError if `memoryBudget` is
 * too small for HDF5 to decompress the dataset.
 */
export async function readHdf5(
  path: string,
  {
    column,
    memoryBudget,
    sparseRoom,
    createStore = createMemoryStore,
  }: Pick<ReaderOptions, 'column' | 'memoryBudget' | 'sparseRoom' | 'createStore'>,
): Promise<RowStream> {
  // Throws the usual error if the file does not exist.
  await access(path);
  const types = new NumberTypes();
  const { used, fileBytes } = await withFile(
    path,
    (file, hdf5) => {
      const tree = treeOf(hdf5, file);
      const found = chooseHdf5Rows(path, tree, column);
      const parts = 'format' in found ? SPARSE_ARRAYS.map((name) => vectorAt(path, `${found.name}/${name}`, tree)) : [found];
      const arrays = parts.map((part) => {
        const dataset = tree.datasetAt(part.name) as Dataset;
        checkStorage(path, part.name, dataset);
        touchNumbers(hdf5, file, part.name, dataset);
        const chunks = chunksOf(dataset);
        checkChunks(path, part.name, chunks, memoryBudget);
        return { ...part, reading: { chunks, memoryBudget, createStore } };
      });
      return { found, arrays, labels: annDataNames(file, tree, found) };
    },
    { types, memoryBudget },
  );
  const { found, arrays, labels } = used;
  checkTypes(path, types, arrays);
  checkRoom(path, fileBytes, arrays);
  const { depth, origin } = found;
  if ('format' in found) {
    const { rows, format } = found;
    checkSparseShape(path, rows, depth, arrays[0]?.rows ?? 0);
    const sizes = arrays.map(({ rows: length, element }) => ({ length, elementBytes: bytesInMemory(element) }));
    const [ofData, ofIndices, ofIndptr] = sizes as [ArraySize, ArraySize, ArraySize];
    const sized = { data: ofData, indices: ofIndices, indptr: ofIndptr };
    sparseRoom?.check(path, bytesToArrange({ format, rows, depth }, sized));
    const read = [];
    for (const { reading, ...array } of arrays) read.push(await readWhole(path, { ...array, origin }, reading));
    const [data, indices, indptr] = read as [NumericArray, NumericArray, NumericArray];
    const stream = sparseStream(csrOfArrays(path, { format, rows, depth, indptr, indices, data }, sparseRoom), { origin });
    return { ...stream, ...(labels && { labels }) };
  }
  const { element } = found;
  if (depth > MAX_DEPTH) {
    throw new FormatError(path, 'whole', `dataset ${found.name}: expected rows of 1 to ${MAX_DEPTH} numbers, got ${depth}`);
  }
  const type = element === 'int64' || element === 'uint64' ? 'float64' : element;
  const { reading } = arrays[0] as (typeof arrays)[number];
  return { kind: 'stream', depth, type, origin, blocks: () => blocksOf(path, found, reading), ...(labels && { labels }) };
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

/** Returns all elements of a one-dimensional dataset; float16 becomes float32. */
async function readWhole(path: string, array: Hdf5Rows, reading: Hdf5Reading): Promise<NumericArray> {
  let all: NumericArray | undefined;
  let at = 0;
  for await (const block of blocksOf(path, array, reading)) {
    const values =
      array.element === 'float16' ? elementsOf(bytesOf(block), 'float16', MACHINE_IS_LITTLE_ENDIAN, block.length) : block;
    all ??= new (values.constructor as new (length: number) => NumericArray)(array.rows);
    all.set(values, at);
    at += values.length;
  }
  return all ?? new Float32Array(0);
}

/** Bytes of an element that `readWhole` returns. */
function bytesInMemory(element: Hdf5Element): number {
  return element === 'float16' ? 4 : bytesOfHdf5(element);
}

function bytesOf(block: NumericArray): Uint8Array<ArrayBuffer> {
  return new Uint8Array(block.buffer as ArrayBuffer, block.byteOffset, block.byteLength);
}
