// Sparse matrices that scipy.sparse.save_npz writes: an .npz of indptr, indices, data, shape and format.

import { FormatError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { decodeElements, NPY_PREFIX_BYTES, npyHeaderBytes } from '../rows/npy.js';
import type { RowStream } from '../rows/row-reader.js';
import { checkStored, inflateEntry } from './inflate.js';
import { type NamedEntry, readHeader, readStart, UNCHECKED_BYTES } from './npz-entries.js';
import { csrOfArrays, sparseStream } from './sparse-parts.js';
import { dataOffsetOf, STORED } from './zip-directory.js';

/** Limit for the entry that names the format, including its header. */
const MAX_FORMAT_BYTES = 4096;

/** Reads compressed sparse rows (csr) and columns (csc). Throws FormatError for SciPy's other formats. */
export async function readSparseNpz(source: ByteSource, arrays: readonly NamedEntry[]): Promise<RowStream> {
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
  const indptr = await readVector(source, find('indptr'));
  const indices = await readVector(source, find('indices'));
  const data = await readVector(source, find('data'));
  return sparseStream(csrOfArrays(source.name, { format, rows, depth, indptr, indices, data }));
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

/** Returns all elements of a one-dimensional array. */
async function readVector(source: ByteSource, array: NamedEntry): Promise<NumericArray> {
  const { entry, file } = array;
  const header = await readHeader(source, array);
  if (header.type === 'record' || header.shape.length !== 1) {
    throw new FormatError(
      file,
      'whole',
      `expected numbers in one dimension, got shape (${header.shape.slice(0, 8).join(', ')})`,
    );
  }
  const size = entry.size - header.dataOffset;
  if (entry.method === STORED) {
    await checkStored(source, entry);
    const at = (await dataOffsetOf(source, entry)) + header.dataOffset;
    return decodeElements(header, await source.read(at, size), file);
  }
  // Its size is trusted only after it has been verified by inflating it.
  if (entry.size > UNCHECKED_BYTES) for await (const _ of inflateEntry(source, entry));
  const bytes = new Uint8Array(size);
  let at = -header.dataOffset;
  for await (const piece of inflateEntry(source, entry)) {
    bytes.set(at < 0 ? piece.subarray(-at) : piece, Math.max(0, at));
    at += piece.length;
  }
  return decodeElements(header, bytes, file);
}
