// Sparse matrices that scipy.sparse.save_npz writes: an .npz of indptr, indices, data, shape and format.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { freeBuffer } from '../bytes/free-buffer.js';
import { decodeElements, isWide, NPY_PREFIX_BYTES, type NpyHeader, npyHeaderBytes } from '../rows/npy.js';
import type { RowStream } from '../rows/row-reader.js';
import type { SparseRoom } from '../rows/sparse-room.js';
import { checkStored, inflateEntry } from './inflate.js';
import { type NamedEntry, readHeader, readStart, UNCHECKED_BYTES } from './npz-entries.js';
import { type ArraySize, bytesToArrange, checkSparseShape, csrOfArrays, sparseStream } from './sparse-parts.js';
import { dataOffsetOf, STORED } from './zip-directory.js';

/** Limit for the entry that names the format, including its header. */
const MAX_FORMAT_BYTES = 4096;

/** Reads compressed sparse rows (csr) and columns (csc). Throws FormatError for SciPy's other formats. */
export async function readSparseNpz(
  source: ByteSource,
  arrays: readonly NamedEntry[],
  room: SparseRoom | undefined,
): Promise<RowStream> {
  const find = (name: string): NamedEntry => {
    const array = arrays.find((each) => each.name === name);
    if (array) return array;
    throw new FormatError(source.name, 0, `the sparse matrix lacks its array ${name}`);
  };
  const format = await readFormat(source, find('format'));
  if (format !== 'csr' && format !== 'csc') {
    throw new FormatError(source.name, 0, `expected a sparse matrix in the format csr or csc, got ${JSON.stringify(format)}`, {
      advice: 'convert it: scipy.sparse.save_npz(path, a.tocsr())',
    });
  }
  const [rows, depth, ...more] = await readVector(source, find('shape'));
  if (rows === undefined || depth === undefined || more.length > 0) {
    throw new FormatError(source.name, 0, 'expected a sparse matrix of two dimensions');
  }
  const vectors = {
    indptr: await openVector(source, find('indptr')),
    indices: await openVector(source, find('indices')),
    data: await openVector(source, find('data')),
  };
  checkSparseShape(source.name, rows, depth, vectors.data.length);
  // Numbers that are converted are in memory twice, one array at a time.
  const converted = Object.values(vectors).map(({ entry, isConverted }) => (isConverted ? entry.size : 0));
  room?.check(source.name, bytesToArrange({ format, rows, depth }, vectors) + Math.max(...converted));
  const indptr = await readElements(source, vectors.indptr);
  const indices = await readElements(source, vectors.indices);
  const data = await readElements(source, vectors.data);
  return sparseStream(csrOfArrays(source.name, { format, rows, depth, indptr, indices, data }, room));
}

/** Returns the text of an array with a single text, in bytes or in four-byte characters. */
async function readFormat(source: ByteSource, array: NamedEntry): Promise<string> {
  const { entry, file } = array;
  if (entry.size > MAX_FORMAT_BYTES)
    throw new FormatError(file, 'whole', `expected the name of a format, got ${entry.size} bytes`);
  const bytes = await readStart(source, entry, entry.size);
  const text = bytes.subarray(npyHeaderBytes(bytes.subarray(0, NPY_PREFIX_BYTES), file));
  return String.fromCharCode(...text.filter((byte) => byte !== 0));
}

interface OpenVector extends NamedEntry, ArraySize {
  readonly header: NpyHeader;
  /** True if the elements are stored in another type. */
  readonly isConverted: boolean;
}

/** Throws FormatError if the array does not have one dimension. */
async function openVector(source: ByteSource, array: NamedEntry): Promise<OpenVector> {
  const header = await readHeader(source, array);
  const { type, shape, length, itemBytes } = header;
  if (type === 'record' || shape.length !== 1) {
    const found = `(${shape.slice(0, 8).join(', ')})`;
    throw new FormatError(array.file, 'whole', `expected numbers in one dimension, got shape ${found}`);
  }
  const isConverted = isWide(type) || type === 'f2';
  return { ...array, header, length, elementBytes: type === 'f2' ? 4 : itemBytes, isConverted };
}

async function readVector(source: ByteSource, array: NamedEntry): Promise<NumericArray> {
  return readElements(source, await openVector(source, array));
}

/** Returns all elements, in a buffer of their own. */
async function readElements(source: ByteSource, { entry, file, header }: OpenVector): Promise<NumericArray> {
  // Its size is trusted only after it has been verified.
  if (entry.method === STORED) await checkStored(source, entry);
  else if (entry.size > UNCHECKED_BYTES) for await (const _ of inflateEntry(source, entry));
  const bytes = new Uint8Array(entry.size - header.dataOffset);
  if (entry.method === STORED) {
    const read = await source.read((await dataOffsetOf(source, entry)) + header.dataOffset, bytes.length, bytes);
    if (read.buffer !== bytes.buffer) bytes.set(read);
  } else {
    let at = -header.dataOffset;
    for await (const piece of inflateEntry(source, entry)) {
      bytes.set(at < 0 ? piece.subarray(-at) : piece, Math.max(0, at));
      at += piece.length;
    }
  }
  const elements = decodeElements(header, bytes, file);
  if (elements.buffer !== bytes.buffer) freeBuffer(bytes.buffer);
  return elements;
}
