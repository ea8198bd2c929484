// Files of each format, written byte by byte so that they can be invalid on purpose.

import { crc32, deflateRawSync } from 'node:zlib';

/** A .npy file in NumPy's layout, with any dictionary. */
export function npyFile(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const length = Math.ceil((8 + lengthBytes + dictionary.length + 1) / 64) * 64 - 8 - lengthBytes;
  const bytes = new Uint8Array(8 + lengthBytes + length + data.length).fill(0x20);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, length, true);
  else view.setUint32(8, length, true);
  bytes.set(Buffer.from(dictionary), 8 + lengthBytes);
  bytes[8 + lengthBytes + length - 1] = 0x0a;
  bytes.set(data, 8 + lengthBytes + length);
  return bytes;
}

export function npyOf(descr: string, shape: readonly number[], data: Uint8Array, fortran = false, version = 1): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const order = fortran ? 'True' : 'False';
  return npyFile(`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${tuple}), }`, data, version);
}

/** A .safetensors file; `header` is written as JSON, or as it is if it is text. */
export function safetensorsFile(header: object | string, data: Uint8Array): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** Rows, each preceded by its depth. */
export function vecsFile(rows: readonly (Float32Array | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(rows.map((row) => bytesOf(Int32Array.of(row.length), row))));
}

/** Rows below a header with their number and depth. */
export function binFile(rows: number, depth: number, data: Float32Array | Uint8Array | Int8Array): Uint8Array {
  return bytesOf(Uint32Array.of(rows, depth), data);
}

/** A FAISS index of this kind, which keeps its vectors unchanged. */
export function faissFlat(kind: string, depth: number, data: Float32Array): Uint8Array {
  return bytesOf(faissHeader(kind, depth, data.length / depth), BigUint64Array.of(BigInt(data.length)), data);
}

/** The same, with its own ids. */
export function faissMap(kind: string, index: Uint8Array, rows: number): Uint8Array {
  const ids = BigInt64Array.from({ length: rows }, (_, i) => BigInt(i));
  return bytesOf(faissHeader(kind, 3, rows), index, BigUint64Array.of(BigInt(rows)), ids);
}

function faissHeader(kind: string, depth: number, rows: number): Uint8Array {
  const sizes = bytesOf(Int32Array.of(depth), BigInt64Array.of(BigInt(rows), 2n ** 20n, 2n ** 20n));
  return bytesOf(Buffer.from(kind), sizes, Uint8Array.of(1), Int32Array.of(0));
}

export interface ZipPart {
  readonly name?: string;
  /** The bytes as they are in the file. */
  readonly packed: Uint8Array;
  readonly method?: number;
  readonly size?: number;
  readonly checksum?: number;
  readonly flags?: number;
}

/** A zip file; with `wide`, an extended one (zip64), with all sizes and offsets in the extended fields. */
export function zipOf(entries: readonly ZipPart[], wide = false): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name = 'a.npy', packed, method = 0, size = packed.length, checksum = crc32(packed), flags = 0 } of entries) {
    const title = Buffer.from(name);
    const extra = wide ? wordsOf([2, 1], [2, 24], [8, size], [8, packed.length], [8, offset]) : Buffer.alloc(0);
    const shown = (value: number): [number, number] => [4, wide ? 0xffffffff : value];
    const sizes: [number, number][] = [[4, checksum], shown(packed.length), shown(size), [2, title.length], [2, extra.length]];
    const head = wordsOf([4, 0x04034b50], [2, wide ? 45 : 20], [2, flags], [2, method], [4, 0], ...sizes);
    const local = Buffer.concat([head, title, extra, packed]);
    const place: [number, number][] = [[2, 0], [2, 0], [2, 0], [4, 0], shown(offset)];
    const versions = wordsOf([4, 0x02014b50], [2, 45], [2, 45], [2, flags], [2, method], [4, 0], ...sizes, ...place);
    directory.push(Buffer.concat([versions, title, extra]));
    parts.push(local);
    offset += local.length;
  }
  const count = entries.length;
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const counts: [number, number][] = [
    [8, count],
    [8, count],
    [8, size],
    [8, offset],
  ];
  const end64 = wordsOf([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], ...counts);
  const locator = wordsOf([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1]);
  const end = (n: number, bytes: number, at: number) =>
    wordsOf([4, 0x06054b50], [2, 0], [2, 0], [2, n], [2, n], [4, bytes], [4, at], [2, 0]);
  const ending = wide ? [end64, locator, end(0xffff, 0xffffffff, 0xffffffff)] : [end(count, size, offset)];
  return new Uint8Array(Buffer.concat([...parts, ...directory, ...ending]));
}

/** An entry as zip programs compress it. */
export function deflated(bytes: Uint8Array, changes: Partial<ZipPart> = {}): ZipPart {
  return { packed: deflateRawSync(bytes), method: 8, size: bytes.length, checksum: crc32(bytes), ...changes };
}

/** Little-endian words of `bytes` bytes each. */
function wordsOf(...words: readonly (readonly [bytes: number, value: number])[]): Buffer {
  return Buffer.concat(
    words.map(([bytes, value]) => {
      const word = Buffer.alloc(8);
      word.writeBigUInt64LE(BigInt(value));
      return word.subarray(0, bytes);
    }),
  );
}

/** A zstd frame with one block, either stored or one repeated byte. */
export function zstdFrame(bytes: Uint8Array): Uint8Array {
  const repeated = isOneByte(bytes);
  const header = (bytes.length << 3) | (repeated ? 2 : 0) | 1;
  const length = wordsOf([4, bytes.length]);
  const block = repeated ? bytes.subarray(0, 1) : bytes;
  return bytesOf(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0), length, wordsOf([3, header]), block);
}

/** An LZ4 frame with one block, either stored or a literal and a match that repeats it. */
export function lz4Frame(bytes: Uint8Array): Uint8Array {
  const head = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0);
  if (!isOneByte(bytes) || bytes.length < 40) {
    return bytesOf(head, wordsOf([4, bytes.length + 2 ** 31]), bytes, wordsOf([4, 0]));
  }
  const rest = bytes.length - 1 - 5 - 4 - 15;
  const first = bytes[0] as number;
  const more = Array<number>(Math.floor(rest / 255)).fill(255);
  const block = Uint8Array.from([0x1f, first, 1, 0, ...more, rest % 255, 0x50, ...Array<number>(5).fill(first)]);
  return bytesOf(head, wordsOf([4, block.length]), block, wordsOf([4, 0]));
}

function isOneByte(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte === bytes[0]);
}

export function bytesOf(...parts: readonly ArrayBufferView[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))));
}
