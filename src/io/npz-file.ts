// .npz: a zip of .npy files, stored as they are.

import { Zip, ZipPassThrough } from 'fflate';
import { createAtomically } from './atomic-file.js';
import { encodeNpyHeaderOf, type NpyFieldType } from './npy.js';

export type NpzArray = Uint32Array | Int32Array | Float32Array | Float64Array;

/** An array by the name under which `numpy.load(path)[name]` finds it. */
export interface NamedArray {
  readonly name: string;
  readonly data: NpzArray;
  readonly shape: readonly number[];
}

/** The zip format without its extension for large files ends here. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;
const CHUNK_BYTES = 2 ** 24;

/** Writes arrays as .npz. The file appears whole or not at all. Throws RangeError where they are too large for a zip. */
export async function writeNpz(path: string, arrays: readonly NamedArray[], signal?: AbortSignal): Promise<void> {
  const bytes = arrays.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > MOST_BYTES) throw new RangeError(`${path}: ${bytes} bytes do not fit in a .npz; .npy has no such limit`);
  await createAtomically(path, async (file) => {
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
    for (const { name, data, shape } of arrays) {
      const entry = new ZipPassThrough(`${name}.npy`);
      zip.add(entry);
      entry.push(encodeNpyHeaderOf(typeOf(data), shape));
      const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      for (let at = 0; at < content.length; at += CHUNK_BYTES) {
        signal?.throwIfAborted();
        // A copy: a chunk may be shared memory, which zip entries are not made for.
        entry.push(content.slice(at, at + CHUNK_BYTES));
        await flush();
      }
      entry.push(new Uint8Array(0), true);
    }
    zip.end();
    await flush();
  });
}

function typeOf(data: NpzArray): NpyFieldType {
  if (data instanceof Uint32Array) return 'u4';
  if (data instanceof Int32Array) return 'i4';
  return data instanceof Float32Array ? 'f4' : 'f8';
}
