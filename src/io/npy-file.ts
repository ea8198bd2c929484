// .npy files on disk.

import { constants } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError, MemoryError } from '../errors.js';
import type { Matrix } from '../matrix/dense-matrix.js';
import { type AtomicFile, createAtomically } from './atomic-file.js';
import { encodeNpyHeader, NPY_PREFIX_BYTES, type NpyRows, npyHeaderBytes, parseNpyHeader, rowsFromNpyData } from './npy.js';

/** One read or write call moves at most this many bytes; the system takes no more than 2 GiB. */
const CHUNK_BYTES = 64 * 2 ** 20;

/**
 * Reads a two-dimensional array: float16 (as float32), float32, float64, or integers of up to 32 bits, in either byte order
 * and either element order. Throws FormatError where the file is not what it says; nothing is allocated before its header
 * has been checked against its size.
 */
export async function readNpy(path: string): Promise<NpyRows> {
  const handle = await open(path, 'r');
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new FormatError(path, 0, 'not a regular file');
    const { size } = status;
    const prefix = await readExactly(handle, path, 0, Math.min(size, NPY_PREFIX_BYTES));
    const header = await readExactly(handle, path, 0, Math.min(size, npyHeaderBytes(prefix, path)));
    const parsed = parseNpyHeader(header, size, path);
    const data = await readExactly(handle, path, parsed.dataOffset, size - parsed.dataOffset);
    return rowsFromNpyData(parsed, data, path);
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, path: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = allocate(path, length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(CHUNK_BYTES, length - done), from + done);
    if (bytesRead === 0) throw new FormatError(path, from + done, 'the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
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
 * Writes a matrix as .npy. The file appears whole or not at all, also where `signal` aborts the writing; one that was there is
 * replaced.
 */
export async function writeNpy(path: string, matrix: Matrix, options: { signal?: AbortSignal } = {}): Promise<void> {
  const { data, shape } = matrix;
  const header = encodeNpyHeader(data instanceof Float32Array ? 'float32' : 'float64', shape);
  await createAtomically(path, async (file) => {
    await writeAll(file, header);
    await writeAll(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), options.signal);
  });
}

async function writeAll(file: AtomicFile, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    signal?.throwIfAborted();
    await file.append(bytes.subarray(at, at + CHUNK_BYTES));
  }
}
