// .npy files on disk.

import { constants } from 'node:buffer';
import { ArgumentError, MemoryError } from '../../errors.js';
import type { Matrix } from '../../rows/dense-matrix.js';
import { type AtomicFile, createAtomically } from '../bytes/atomic-file.js';
import { openBytes } from '../bytes/file-bytes.js';
import { encodeNpyHeader, type NpyRows, readNpyHeader, rowsFromNpyData } from './npy.js';

/** Number of bytes written between checks of the signal. */
const CHUNK_BYTES = 64 * 2 ** 20;

/**
 * Reads a two-dimensional array: float16 (as float32), float32, float64, booleans or integers (64-bit integers as float64, up to 2^53), in
 * either byte order and either element order. Its header is checked against its size before anything is allocated.
 *
 * @param path the path of a .npy file
 * @returns the array, of shape (rows, columns), in memory; `openRows` leaves rows in the file
 * @throws {FormatError} if the file is damaged, or is not a two-dimensional array of numbers
 * @throws {MemoryError} if the array does not fit in memory
 */
export async function readNpy(path: string): Promise<NpyRows> {
  const source = await openBytes(path);
  try {
    const header = await readNpyHeader(source);
    const length = source.size - header.dataOffset;
    return rowsFromNpyData(header, await source.read(header.dataOffset, length, allocate(path, length)), path);
  } finally {
    await source.close();
  }
}

function allocate(path: string, length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new MemoryError(length, `${path}: its ${length} bytes do not fit in one array (at most ${constants.MAX_LENGTH})`, {
      cause,
    });
  }
}

/**
 * Writes a matrix as .npy. The file appears complete or not at all, even if `signal` aborts the writing; an existing file is replaced.
 *
 * @param path the path of the new file
 * @param matrix a row-major matrix: `data` (Float32Array or Float64Array) and `shape` ([rows, columns])
 * @param options `signal` aborts the writing
 * @throws {ArgumentError} if `matrix` is not a row-major float32 or float64 matrix
 */
export async function writeNpy(path: string, matrix: Matrix, options: { signal?: AbortSignal } = {}): Promise<void> {
  checkMatrix(matrix);
  const { data, shape } = matrix;
  const header = encodeNpyHeader(data instanceof Float32Array ? 'float32' : 'float64', shape);
  await createAtomically(path, async (file) => {
    await writeAll(file, header);
    await writeAll(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), options.signal);
  });
}

/** Any object with data and a shape may be passed; another order or type would silently be written as different numbers. */
function checkMatrix(matrix: Matrix): void {
  const { data, shape, ...layout } = (matrix ?? {}) as Matrix & { readonly [name: string]: unknown };
  const [rows, cols, ...more] = Array.isArray(shape) ? (shape as readonly number[]) : [];
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  const strides = (layout.stride ?? layout.strides ?? [cols, 1]) as readonly number[];
  const rowMajor = strides[0] === cols && strides[1] === 1 && !layout.offset && (layout.order ?? 'row-major') === 'row-major';
  if (isFloat && more.length === 0 && data.length === (rows ?? 0) * (cols ?? 0) && rowMajor && !layout.fortranOrder) return;
  throw new ArgumentError(
    'matrix',
    'expected a Matrix, or { data, shape: [rows, cols] } with a Float32Array or Float64Array of rows x cols numbers, row after row',
  );
}

async function writeAll(file: AtomicFile, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    signal?.throwIfAborted();
    await file.append(bytes.subarray(at, at + CHUNK_BYTES));
  }
}
