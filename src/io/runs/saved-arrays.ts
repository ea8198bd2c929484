// Arrays with a short description and a checksum: in a file of their own, or one after another in a file.
//
// 8 bytes   'allpairs'
// 8 bytes   length of the description, and its CRC-32
// ...       description: JSON, { meta, arrays: [{ name, type, length }] }, padded with spaces to a multiple of 8
// ...       the arrays, each padded with zeros to a multiple of 8
// 4 bytes   CRC-32 of everything before
//
// All numbers are little-endian. The files are written by allpairs itself, but a disk may have lost parts of them, so nothing is used
// before the checksum has been verified.

import { crc32 } from 'node:zlib';
import { FormatError } from '../../errors.js';
import type { SavedArrays } from '../../saved-state.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { openBytes } from '../bytes/file-bytes.js';

const MAGIC = 'allpairs';
const PREFIX_BYTES = 16;
const TYPES = { Uint32Array, Float32Array, Float64Array, BigInt64Array } as const;
type Type = keyof typeof TYPES;

interface Description {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: readonly { readonly name: string; readonly type: Type; readonly length: number }[];
}

/** The contents of a file of arrays. */
export interface SavedFile {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: SavedArrays;
}

/** Yields the bytes of such a file, in pieces. */
export function* encodeSaved(meta: Readonly<Record<string, unknown>>, arrays: SavedArrays): Generator<Uint8Array> {
  const described = Object.entries(arrays).map(([name, array]) => ({
    name,
    type: array.constructor.name as Type,
    length: array.length,
  }));
  const text = Buffer.from(JSON.stringify({ meta, arrays: described } satisfies Description));
  const head = Buffer.alloc(roundUp(PREFIX_BYTES + text.length), ' ');
  head.write(MAGIC, 'latin1');
  text.copy(head, PREFIX_BYTES);
  head.writeUInt32LE(head.length - PREFIX_BYTES, 8);
  head.writeUInt32LE(crc32(head.subarray(PREFIX_BYTES)), 12);
  let sum = checksum(head, 0);
  yield head;
  for (const { buffer, byteOffset, byteLength } of Object.values(arrays)) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const padding = new Uint8Array(roundUp(byteLength) - byteLength);
    sum = checksum(padding, checksum(bytes, sum));
    yield bytes;
    yield padding;
  }
  const last = Buffer.alloc(4);
  last.writeUInt32LE(sum);
  yield last;
}

/** Longer descriptions were not written by allpairs. */
const MAX_DESCRIPTION = 2 ** 20;

/** Reads such a file. Throws FormatError if it is damaged. */
export async function readSaved(path: string): Promise<SavedFile> {
  const source = await openBytes(path);
  try {
    const { end, ...saved } = await readSavedAt(source, 0);
    if (end !== source.size) throw new FormatError(path, end, 'damaged: there are bytes after its end');
    return saved;
  } finally {
    await source.close();
  }
}

/** Reads arrays from byte `start`; `end` is the position after them. Throws FormatError if they are damaged. */
export async function readSavedAt(source: ByteSource, start: number): Promise<SavedFile & { readonly end: number }> {
  const { size, name: path } = source;
  const damaged = (at: number) => new FormatError(path, at, 'damaged: its checksum is wrong');
  const prefix = Buffer.from((await source.read(start, Math.min(PREFIX_BYTES, size - start))).buffer);
  const isOurs = prefix.length === PREFIX_BYTES && prefix.toString('latin1', 0, 8) === MAGIC;
  const length = isOurs ? prefix.readUInt32LE(8) : MAX_DESCRIPTION + 1;
  if (length > MAX_DESCRIPTION || start + PREFIX_BYTES + length + 4 > size) throw damaged(start);
  const text = await source.read(start + PREFIX_BYTES, length);
  if (crc32(text) !== prefix.readUInt32LE(12)) throw damaged(start + PREFIX_BYTES);
  let sum = checksum(text, checksum(prefix, 0));
  const { meta, arrays: described } = parseDescription(Buffer.from(text).toString('utf8'), () => damaged(start + PREFIX_BYTES));
  const arrays: Record<string, SavedArrays[string]> = {};
  let at = start + PREFIX_BYTES + length;
  for (const { name, type, length: count } of described) {
    const ofType = TYPES[type];
    const bytes = roundUp(count * ofType.BYTES_PER_ELEMENT);
    if (at + bytes + 4 > size) throw damaged(at);
    const content = await source.read(at, bytes);
    sum = checksum(content, sum);
    arrays[name] = new ofType(content.buffer, 0, count);
    at += bytes;
  }
  const last = await source.read(at, Math.min(4, size - at));
  if (last.length < 4 || Buffer.from(last.buffer).readUInt32LE() !== sum) throw damaged(at);
  return { meta, arrays, end: at + 4 };
}

function parseDescription(text: string, damaged: () => FormatError): Description {
  let parsed: Description;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damaged();
  }
  const { meta, arrays } = parsed ?? {};
  if (typeof meta !== 'object' || meta === null || !Array.isArray(arrays)) throw damaged();
  const fine = arrays.every(
    (array) => Object.hasOwn(TYPES, array?.type) && Number.isSafeInteger(array.length) && array.length >= 0,
  );
  if (!fine) throw damaged();
  return parsed;
}

/** For an empty array, zlib returns 0 and ignores the checksum before. */
function checksum(bytes: Uint8Array, before: number): number {
  return bytes.length === 0 ? before : crc32(bytes, before);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
