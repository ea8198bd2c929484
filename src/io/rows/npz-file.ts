// Writes .npz: a zip of .npy files, without compression.

import { MemoryError } from '../../errors.js';
import type { AtomicFile } from '../bytes/atomic-file.js';
import { bytesOfNpyField, encodeNpyHeaderOf, type NpyFieldType } from './npy.js';

export type NpzArray = Uint32Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** An array, with the name under which `numpy.load(path)[name]` finds it. */
export interface NamedArray {
  readonly name: string;
  readonly type: NpyFieldType;
  readonly shape: readonly number[];
  /** Yields the bytes of its elements, in order. */
  readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The limit of the zip format without zip64. */
const MAX_BYTES = 2 ** 32 - 2 ** 20;
const CHUNK_BYTES = 2 ** 24;

/** Throws MemoryError if this many bytes do not fit in a .npz. */
export function checkNpzSize(name: string, bytes: number): void {
  if (bytes > MAX_BYTES) throw new MemoryError(bytes, `${name}: ${bytes} bytes do not fit in a .npz; .npy has no such limit`);
}

/** Writes arrays as .npz to `file`, called `name` in errors. Throws MemoryError if they are too large for a zip. */
export async function writeNpz(
  file: AtomicFile,
  name: string,
  arrays: readonly NamedArray[],
  signal?: AbortSignal,
): Promise<void> {
  const { Zip, ZipPassThrough } = await import('fflate');
  const bytes = arrays.reduce((sum, { type, shape }) => sum + bytesOfNpyField(type) * shape.reduce((a, b) => a * b, 1), 0);
  checkNpzSize(name, bytes);
  let pending: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    pending.push(chunk);
  });
  const flush = async () => {
    const chunks = pending;
    pending = [];
    for (const chunk of chunks) await file.append(chunk);
  };
  for (const array of arrays) {
    const entry = new ZipPassThrough(`${array.name}.npy`);
    // NumPy also writes the earliest date that a zip can hold, so equal content gives equal files.
    entry.mtime = '1980-01-01T00:00:00';
    zip.add(entry);
    entry.push(encodeNpyHeaderOf(array.type, array.shape));
    for await (const content of array.content()) {
      signal?.throwIfAborted();
      entry.push(content);
      await flush();
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  await flush();
}

/** An array in memory. */
export function namedArray(name: string, data: NpzArray, shape: readonly number[] = [data.length]): NamedArray {
  return { name, type: typeOf(data), shape, content: () => piecesOf(data) };
}

/** Copied, because a piece may be shared memory, which zip entries do not accept. */
function* piecesOf({ buffer, byteOffset, byteLength }: NpzArray): Generator<Uint8Array> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.slice(at, at + CHUNK_BYTES);
}

function typeOf(data: NpzArray): NpyFieldType {
  if (data instanceof Uint32Array) return 'u4';
  if (data instanceof Int32Array) return 'i4';
  if (data instanceof BigInt64Array) return 'i8';
  return data instanceof Float32Array ? 'f4' : 'f8';
}
