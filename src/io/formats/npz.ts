// .npz: a zip of .npy files. Stored ones are read where they lie, deflated ones from their beginning on.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

import { ArgumentError, FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import { bytesOfElement, elementsOf } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { elementTypeOf, NPY_PREFIX_BYTES, type NpyHeader, npyHeaderBytes, parseNpyHeader } from '../npy.js';
import { type FlatRows, type RowReader, type RowStream, STREAM_BLOCK_BYTES } from '../row-reader.js';
import { inflateEntry } from './inflate.js';
import { readNpyAt, shapeOfRows } from './npy.js';
import { DEFLATED, dataOffsetOf, readZipEntries, STORED, type ZipEntry } from './zip-directory.js';

/** The array named `column`, or the only one with two dimensions. */
export const readNpz: RowReader = async (source, { column }) => {
  const entries = (await readZipEntries(source)).filter(({ name }) => name.endsWith('.npy'));
  const candidates = column === undefined ? entries : entries.filter(({ name }) => arrayOf(name) === arrayOf(column));
  const found: { entry: ZipEntry; header: NpyHeader }[] = [];
  for (const entry of candidates) {
    const header = await headerOf(source, entry);
    if (column !== undefined || header.shape.length === 2) found.push({ entry, header });
  }
  const [first] = found;
  if (!first || found.length > 1) throw noArray(source.name, entries, column);
  return first.entry.method === STORED ? readStored(source, first.entry) : readDeflated(source, first.entry, first.header);
};

function arrayOf(name: string): string {
  return name.replace(/\.npy$/, '');
}

function noArray(file: string, entries: readonly ZipEntry[], column: string | undefined): ArgumentError {
  const there = entries.map(({ name }) => arrayOf(name)).join(', ') || 'none';
  const expected = column === undefined ? 'the name of an array' : 'an array';
  return new ArgumentError('column', `${file}: expected ${expected} as column, got ${column ?? 'none'}; there are ${there}`);
}

async function readStored(source: ByteSource, entry: ZipEntry): Promise<FlatRows | RowStream> {
  return readNpyAt(source, await dataOffsetOf(source, entry), entry.size);
}

/** The header of an entry's array; its shape has been checked against the entry's size. */
async function headerOf(source: ByteSource, entry: ZipEntry): Promise<NpyHeader> {
  const start = await startOf(source, entry, NPY_PREFIX_BYTES);
  const bytes = await startOf(source, entry, Math.min(entry.size, npyHeaderBytes(start, source.name)));
  return parseNpyHeader(bytes, entry.size, source.name);
}

/** The first bytes of what an entry holds. */
async function startOf(source: ByteSource, entry: ZipEntry, wanted: number): Promise<Uint8Array> {
  const length = Math.min(wanted, entry.size);
  if (entry.method === STORED) return source.read(await dataOffsetOf(source, entry), length);
  const bytes = new Uint8Array(length);
  let filled = 0;
  for await (const piece of inflateEntry(source, entry)) {
    const some = piece.subarray(0, length - filled);
    bytes.set(some, filled);
    filled += some.length;
    if (filled === length) return bytes;
  }
  return bytes.subarray(0, filled);
}

function readDeflated(source: ByteSource, entry: ZipEntry, header: NpyHeader): RowStream {
  if (entry.method !== DEFLATED) {
    throw new FormatError(
      source.name,
      entry.offset,
      `${entry.name} is compressed by method ${entry.method}, which is not read`,
    );
  }
  const [, depth] = shapeOfRows(header, source.name);
  if (header.fortranOrder && header.length > 0 && depth > 1) {
    throw new FormatError(source.name, entry.offset, `${entry.name} is compressed and in Fortran order: save it in C order`);
  }
  return { kind: 'stream', depth, type: elementTypeOf(header), blocks: () => blocksOf(source, entry, header, depth) };
}

async function* blocksOf(
  source: ByteSource,
  entry: ZipEntry,
  header: NpyHeader,
  depth: number,
): AsyncGenerator<NumericArray, void, undefined> {
  const type = elementTypeOf(header);
  const rowBytes = depth * bytesOfElement(type);
  if (rowBytes === 0) return;
  const whole = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes)) * rowBytes;
  const typeOfBlock = type === 'float16' ? 'uint16' : type;
  let block = new Uint8Array(Math.min(whole, header.length * bytesOfElement(type)));
  let filled = 0;
  let skip = header.dataOffset;
  const give = () => {
    const length = Math.floor(filled / rowBytes) * rowBytes;
    return elementsOf(block.subarray(0, length), typeOfBlock, header.littleEndian !== false, length / bytesOfElement(type));
  };
  for await (const piece of inflateEntry(source, entry)) {
    let from = Math.min(skip, piece.length);
    skip -= from;
    while (from < piece.length) {
      const count = Math.min(piece.length - from, block.length - filled);
      block.set(piece.subarray(from, from + count), filled);
      filled += count;
      from += count;
      if (filled < block.length) continue;
      yield give();
      block = new Uint8Array(block.length);
      filled = 0;
    }
  }
  if (filled > 0) yield give();
}
