// The arrays in an .npz: their names, headers and first bytes.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { NPY_PREFIX_BYTES, type NpyHeader, npyHeaderBytes, parseNpyHeader } from '../rows/npy.js';
import { inflateEntry } from './inflate.js';
import { listNames } from './query-rows.js';
import { DEFLATED, dataOffsetOf, STORED, type ZipEntry } from './zip-directory.js';

/** DEFLATE expands two bits to at most 258 bytes. */
const MAX_EXPANSION = 1032;
/** Entries of at least this size are inflated twice: before memory is allocated, to verify their stated size. */
export const UNCHECKED_BYTES = 2 ** 24;

/** An array, by its name without '.npy'. */
export interface NamedEntry {
  readonly name: string;
  readonly entry: ZipEntry;
  /** The name in errors, whose positions are counted from the beginning of the array's .npy. */
  readonly file: string;
}

/** Reads the header of an array and checks its shape against the size of the entry. */
export async function readHeader(source: ByteSource, { entry, file }: NamedEntry): Promise<NpyHeader> {
  const { method, offset, packedSize, size } = entry;
  if (method !== STORED && method !== DEFLATED) {
    throw new FormatError(
      source.name,
      offset,
      `${listNames([entry.name])}: compression method ${method}; supported are stored and deflated`,
    );
  }
  if (!Number.isSafeInteger(size) || (method === DEFLATED && size > packedSize * MAX_EXPANSION)) {
    throw new FormatError(source.name, offset, `${listNames([entry.name])}: ${packedSize} bytes cannot decompress to ${size}`);
  }
  const prefix = await readStart(source, entry, NPY_PREFIX_BYTES);
  return parseNpyHeader(await readStart(source, entry, npyHeaderBytes(prefix, file)), size, file);
}

/** Reads the first `wanted` bytes of an entry, or all of it if it is shorter. */
export async function readStart(source: ByteSource, entry: ZipEntry, wanted: number): Promise<Uint8Array> {
  const length = Math.min(wanted, entry.size);
  if (entry.method === STORED) return source.read(await dataOffsetOf(source, entry), length);
  const bytes = new Uint8Array(length);
  let filled = 0;
  for await (const piece of inflateEntry(source, entry)) {
    const part = piece.subarray(0, length - filled);
    bytes.set(part, filled);
    filled += part.length;
    if (filled === length) break;
  }
  return bytes.subarray(0, filled);
}
