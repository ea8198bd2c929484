// Arrays with a few words about them in one checksummed file:
//
//     8 bytes   'allpairs'
//     4 bytes   length of the description
//     ...       description: JSON, { meta, arrays: [{ name, type, length }] }, padded with spaces to a multiple of 8
//     ...       the arrays, each padded with zeros to a multiple of 8
//     4 bytes   CRC-32 of all before
//
// All numbers little-endian. What a process wrote itself is read back, but a disk may have lost some of it: nothing is believed
// before the checksum is.

import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { FormatError } from '../errors.js';
import type { SavedArrays } from '../saved-state.js';

const MAGIC = 'allpairs';
const TYPES = { Uint32Array, Float32Array, Float64Array, BigInt64Array } as const;
type Type = keyof typeof TYPES;

interface Description {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: readonly { readonly name: string; readonly type: Type; readonly length: number }[];
}

/** What a file of arrays holds. */
export interface SavedFile {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: SavedArrays;
}

/** The bytes of such a file, in pieces. */
export function* encodeSaved(meta: Readonly<Record<string, unknown>>, arrays: SavedArrays): Generator<Uint8Array> {
  const described = Object.entries(arrays).map(([name, array]) => ({
    name,
    type: array.constructor.name as Type,
    length: array.length,
  }));
  const text = Buffer.from(JSON.stringify({ meta, arrays: described } satisfies Description));
  const head = Buffer.alloc(roundUp(12 + text.length), ' ');
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(head.length - 12, 8);
  text.copy(head, 12);
  let sum = crc32(head);
  yield head;
  for (const { buffer, byteOffset, byteLength } of Object.values(arrays)) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const padding = new Uint8Array(roundUp(byteLength) - byteLength);
    sum = crc32(padding, crc32(bytes, sum));
    yield bytes;
    yield padding;
  }
  const last = Buffer.alloc(4);
  last.writeUInt32LE(sum);
  yield last;
}

/** Reads such a file. Throws FormatError where it is damaged. */
export async function readSaved(path: string): Promise<SavedFile> {
  const bytes = await readFile(path);
  const end = bytes.length - 4;
  if (end < 12 || bytes.toString('latin1', 0, 8) !== MAGIC || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) {
    throw new FormatError(path, Math.max(0, end), 'damaged: its checksum is wrong');
  }
  let at = 12 + bytes.readUInt32LE(8);
  const { meta, arrays: described } = JSON.parse(bytes.toString('utf8', 12, at)) as Description;
  const arrays: Record<string, SavedArrays[string]> = {};
  for (const { name, type, length } of described) {
    const ofType = TYPES[type];
    const byteLength = length * ofType.BYTES_PER_ELEMENT;
    // A copy begins where such arrays may begin.
    const copy = new Uint8Array(bytes.subarray(at, at + byteLength));
    arrays[name] = new ofType(copy.buffer);
    at += roundUp(byteLength);
  }
  return { meta, arrays };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
