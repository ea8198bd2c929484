// The entries of a zip, from its central directory; the zip64 extension provides sizes of 4 GiB and more. Every offset, size and count is
// checked against the file before it is used.

import { FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { listNames } from './query-rows.js';

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  /** Size in the file, and after decompression. */
  readonly packedSize: number;
  readonly size: number;
  /** Position of its local header. */
  readonly offset: number;
}

export const STORED = 0;
export const DEFLATED = 8;

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT = 65535;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
/** Bytes of the record up to and including its own length, which counts the rest. */
const END64_START = 12;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
/** Limit for the size of the directory; two hundred thousand arrays need less. */
const MAX_DIRECTORY = 16 * 2 ** 20;
const ENCRYPTED = 1;
const JOINED = 'other bytes precede the zip, or two zips were joined';

/** Returns the entries of a zip. Throws FormatError. */
export async function readZipEntries(source: ByteSource): Promise<ZipEntry[]> {
  const { count, offset, size, end } = await findDirectory(source);
  if (offset + size > source.size || size > MAX_DIRECTORY || count * CENTRAL_BYTES > size) {
    throw new FormatError(source.name, Math.min(offset, source.size), `a directory of ${count} entries in ${size} bytes`);
  }
  if (offset + size !== end) {
    // In two zips that were joined, the offsets of the second may point into the directory of the first.
    throw new FormatError(source.name, end, `${JOINED}: the directory ends at byte ${offset + size}, not here`);
  }
  const bytes = await source.read(offset, size);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(source, bytes, at, offset);
    entries.push(entry);
    at = next;
  }
  return entries;
}

interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
  /** Position of the record that states these; it follows the directory. */
  readonly end: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const length = Math.min(source.size, END_BYTES + MAX_COMMENT);
  const start = source.size - length;
  const view = new DataView((await source.read(start, length)).buffer);
  let at = length - END_BYTES;
  while (at >= 0 && view.getUint32(at, true) !== END) at--;
  if (at < 0)
    throw new FormatError(source.name, source.size, 'not a zip file: its directory is missing at the end, so it may be cut');
  const found = {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
    end: start + at,
  };
  const locator = start + at - END64_LOCATOR_BYTES;
  if (locator < 0) return found;
  const pointer = new DataView((await source.read(locator, END64_LOCATOR_BYTES)).buffer);
  if (pointer.getUint32(0, true) !== END64_LOCATOR) return found;
  const end64 = Number(pointer.getBigUint64(8, true));
  if (end64 + END64_BYTES > source.size)
    throw new FormatError(source.name, locator, `the directory's end should be at byte ${end64}, which is beyond the file`);
  const wide = new DataView((await source.read(end64, END64_BYTES)).buffer);
  if (wide.getUint32(0, true) !== END64)
    throw new FormatError(source.name, end64, "expected the directory's end, got other bytes");
  if (end64 + END64_START + Number(wide.getBigUint64(4, true)) !== locator)
    throw new FormatError(source.name, locator, `${JOINED}: the directory's end at byte ${end64} is not the last`);
  const wideAt = (place: number) => Number(wide.getBigUint64(place, true));
  return { count: wideAt(32), size: wideAt(40), offset: wideAt(48), end: end64 };
}

function readEntry(source: ByteSource, bytes: Uint8Array, at: number, offset: number): { entry: ZipEntry; next: number } {
  const fail = (what: string): never => {
    throw new FormatError(source.name, offset + at, what);
  };
  if (at + CENTRAL_BYTES > bytes.length) return fail('the directory ends within an entry');
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  if (view.getUint32(0, true) !== CENTRAL) return fail('expected an entry of the directory, got other bytes');
  const nameBytes = view.getUint16(28, true);
  const extraBytes = view.getUint16(30, true);
  const next = at + CENTRAL_BYTES + nameBytes + extraBytes + view.getUint16(32, true);
  if (next > bytes.length) return fail('the directory ends within an entry');
  const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
  if (view.getUint16(8, true) & ENCRYPTED) return fail(`${listNames([name])} is encrypted`);
  const sizes = readSizes(view, CENTRAL_BYTES + nameBytes, extraBytes);
  const { packedSize, size, offset: local } = sizes ?? fail(`${listNames([name])}: its sizes are missing`);
  if (!(local + LOCAL_BYTES + packedSize <= source.size)) {
    return fail(`${listNames([name])}: ${packedSize} bytes from byte ${local} on pass the end of the file`);
  }
  const method = view.getUint16(10, true);
  if (method === STORED && size !== packedSize) {
    return fail(`${listNames([name])}: stored without compression, but with two sizes, ${packedSize} and ${size} bytes`);
  }
  return { entry: { name, method, checksum: view.getUint32(16, true), packedSize, size, offset: local }, next };
}

const IN_EXTRA = 0xffffffff;
const EXTRA_64 = 1;

/** Sizes that do not fit in 32 bits are in an extra field, in this order; it contains only those. */
function readSizes(
  view: DataView,
  extra: number,
  extraBytes: number,
): { packedSize: number; size: number; offset: number } | undefined {
  const found = { size: view.getUint32(24, true), packedSize: view.getUint32(20, true), offset: view.getUint32(42, true) };
  const wide = (Object.keys(found) as (keyof typeof found)[]).filter((name) => found[name] === IN_EXTRA);
  if (wide.length === 0) return found;
  for (let at = extra; at + 4 <= extra + extraBytes; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== EXTRA_64) continue;
    if (view.getUint16(at + 2, true) < 8 * wide.length || at + 4 + 8 * wide.length > extra + extraBytes) return undefined;
    for (const [i, name] of wide.entries()) found[name] = Number(view.getBigUint64(at + 4 + 8 * i, true));
    return found;
  }
  return undefined;
}

/** Returns where the bytes of an entry begin. */
export async function dataOffsetOf(source: ByteSource, { name, offset, packedSize }: ZipEntry): Promise<number> {
  const view = new DataView((await source.read(offset, LOCAL_BYTES)).buffer);
  if (view.getUint32(0, true) !== LOCAL) {
    throw new FormatError(source.name, offset, `${listNames([name])} is not where the directory says`);
  }
  const nameBytes = view.getUint16(26, true);
  const data = offset + LOCAL_BYTES + nameBytes + view.getUint16(28, true);
  if (data + packedSize > source.size) throw new FormatError(source.name, offset, `${listNames([name])} ends beyond the file`);
  const local = new TextDecoder().decode(await source.read(offset + LOCAL_BYTES, nameBytes));
  if (local !== name) {
    throw new FormatError(
      source.name,
      offset,
      `the directory says ${listNames([name])}, but ${listNames([local])} is stored here`,
    );
  }
  return data;
}
