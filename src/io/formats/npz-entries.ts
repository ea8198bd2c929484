// The arrays in an .npz: their names, their headers, and what they begin with.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { NPY_PREFIX_BYTES, type NpyHeader, npyHeaderBytes, parseNpyHeader } from '../rows/npy.js';
import { inflateEntry } from './inflate.js';
import { listNames } from './query-rows.js';
import { DEFLATED, dataOffsetOf, STORED, type ZipEntry } from './zip-directory.js';

/** DEFLATE makes at most 258 bytes of two bits. */
const MAX_EXPANSION = 1032;
/** Entries from this size on are inflated once more before memory is taken for them: their stated size is not trusted. */
export const UNCHECKED_BYTES = 2 ** 24;

/** An array by its name without '.npy'. */
export interface NamedEntry {
  readonly name: string;
  readonly entry: ZipEntry;
  /** Names it in errors, which count its bytes from its own beginning. */
  readonly file: string;
}

/** The header of an array; its shape has been checked against the size of the entry. */
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
    throw new FormatError(source.name, offset, `${listNames([entry.name])}: ${packedSize} bytes cannot become ${size}`);
  }
  const prefix = await readStart(source, entry, NPY_PREFIX_BYTES);
  return parseNpyHeader(await readStart(source, entry, npyHeaderBytes(prefix, file)), size, file);
}

/** The first bytes of what an entry holds: `wanted` or all. */
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
