// .npz: a zip of .npy files. Stored ones are read where they lie; deflated ones are decompressed from the beginning on, a piece
// at a time, and believed no more than the bytes that come out.
// https://numpy.org/doc/stable/reference/generated/numpy.savez.html

import { ArgumentError, FormatError } from '../../errors.js';
import type { NumericArray } from '../../matrix/dtype.js';
import { bytesOfElement } from '../../matrix/element-type.js';
import type { ByteSource } from '../byte-source.js';
import { elementTypeOf, NPY_PREFIX_BYTES, type NpyHeader, npyHeaderBytes, parseNpyHeader } from '../npy.js';
import { type FlatRows, type RowReader, type RowStream, STREAM_BLOCK_BYTES } from '../row-reader.js';
import { inflateEntry } from './inflate.js';
import { blockOf, isByColumns, rowsOfArray, shapeOfRows } from './npy.js';
import { listNames } from './query-rows.js';
import { DEFLATED, dataOffsetOf, readZipEntries, STORED, type ZipEntry } from './zip-directory.js';

/** To know whether an array is the only one of its kind, each must be opened: not if there are more than these. */
const MOST_OPENED = 64;
/** DEFLATE makes at most 258 bytes of two bits. */
const MOST_EXPANSION = 1032;
/** A row of more bytes, out of a file that is smaller than it, is none. */
const MOST_ROW_BYTES = 32 * 2 ** 20;

/** An array by its name without '.npy'. */
interface NamedEntry {
  readonly name: string;
  readonly entry: ZipEntry;
  /** Names it in errors, which count its bytes from its own beginning. */
  readonly file: string;
}

type OpenedEntry = NamedEntry & { readonly header: NpyHeader };

/** The array named `column`, with or without '.npy'; else the only one with two dimensions of a supported type. */
export const readNpz: RowReader = async (source, { column }) => {
  const arrays = arraysOf(source, await readZipEntries(source));
  const array = column === undefined ? await findOnlyArray(source, arrays) : await openNamed(source, arrays, column);
  return array.entry.method === STORED ? readStored(source, array) : readDeflated(source, array);
};

function arraysOf(source: ByteSource, entries: readonly ZipEntry[]): NamedEntry[] {
  const arrays = new Map<string, NamedEntry>();
  for (const entry of entries) {
    if (!entry.name.endsWith('.npy')) continue;
    const name = entry.name.slice(0, -'.npy'.length);
    // Of two of one name zips mean the later one.
    arrays.set(name, { name, entry, file: `${source.name} (${listNames([entry.name])})` });
  }
  if (arrays.size === 0) throw new FormatError(source.name, 0, 'a zip without any array (.npy)');
  return [...arrays.values()];
}

async function openNamed(source: ByteSource, arrays: readonly NamedEntry[], column: string): Promise<OpenedEntry> {
  const array = arrays.find(({ name }) => name === column) ?? arrays.find(({ entry }) => entry.name === column);
  if (array) return { ...array, header: await readHeader(source, array) };
  const there = listNames(arrays.map(({ name }) => name));
  throw new ArgumentError('column', `${source.name}: no array ${column}; there are ${there}`);
}

async function findOnlyArray(source: ByteSource, arrays: readonly NamedEntry[]): Promise<OpenedEntry> {
  if (arrays.length > MOST_OPENED) {
    const there = listNames(arrays.map(({ name }) => name));
    throw new ArgumentError('column', `${source.name}: ${arrays.length} arrays: ${there}; name one`);
  }
  const found: OpenedEntry[] = [];
  const descriptions: string[] = [];
  for (const array of arrays) {
    const header = await readHeader(source, array).catch((error: unknown) => {
      // There may be arrays of other types. What is wrong with the only one, its reader shall know.
      if (arrays.length > 1 && error instanceof FormatError) return undefined;
      throw error;
    });
    descriptions.push(
      `${listNames([array.name])} (${header ? `${header.type} [${header.shape.slice(0, 8).join(', ')}]` : 'not readable'})`,
    );
    if (header && (header.shape.length === 2 || arrays.length === 1)) found.push({ ...array, header });
  }
  const [only, another] = found;
  if (only && !another) return only;
  const what = another ? 'several two-dimensional arrays' : 'no two-dimensional array of a supported type';
  throw new ArgumentError('column', `${source.name}: ${what}; there are ${listNames(descriptions)}; name one`);
}

/** The header of an array; its shape has been checked against the size of the entry. */
async function readHeader(source: ByteSource, { entry, file }: NamedEntry): Promise<NpyHeader> {
  const { method, offset, packedSize, size } = entry;
  if (method !== STORED && method !== DEFLATED) {
    throw new FormatError(
      source.name,
      offset,
      `${listNames([entry.name])}: compression method ${method}; supported are stored and deflated`,
    );
  }
  if (!Number.isSafeInteger(size) || (method === DEFLATED && size > packedSize * MOST_EXPANSION)) {
    throw new FormatError(source.name, offset, `${listNames([entry.name])}: ${packedSize} bytes cannot become ${size}`);
  }
  const prefix = await readStart(source, entry, NPY_PREFIX_BYTES);
  return parseNpyHeader(await readStart(source, entry, npyHeaderBytes(prefix, file)), size, file);
}

/** The first bytes of what an entry holds: `wanted` or all. */
async function readStart(source: ByteSource, entry: ZipEntry, wanted: number): Promise<Uint8Array> {
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

async function readStored(source: ByteSource, { entry, header, file }: OpenedEntry): Promise<FlatRows | RowStream> {
  return rowsOfArray(source, header, await dataOffsetOf(source, entry), file);
}

function readDeflated(source: ByteSource, { entry, header, file }: OpenedEntry): RowStream {
  const [, depth] = shapeOfRows(header, file);
  const type = elementTypeOf(header);
  const rowBytes = depth * bytesOfElement(type);
  const fail = (what: string) => new FormatError(source.name, entry.offset, `${listNames([entry.name])}: ${what}`);
  if (isByColumns(header)) throw fail('compressed and in Fortran order, which cannot be read by rows; save it in C order');
  if (header.length > 0 && rowBytes > Math.max(MOST_ROW_BYTES, source.size)) {
    throw fail(`rows of ${rowBytes} bytes; at most ${MOST_ROW_BYTES} make sense`);
  }
  return { kind: 'stream', depth, type, blocks: () => inflateRows(source, entry, header, rowBytes) };
}

async function* inflateRows(
  source: ByteSource,
  entry: ZipEntry,
  header: NpyHeader,
  rowBytes: number,
): AsyncGenerator<NumericArray, void, undefined> {
  const type = elementTypeOf(header);
  const littleEndian = header.littleEndian !== false;
  const whole = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes)) * rowBytes;
  const block = new Uint8Array(Math.min(whole, entry.size - header.dataOffset));
  let filled = 0;
  let skip = header.dataOffset;
  for await (const piece of inflateEntry(source, entry)) {
    let from = Math.min(skip, piece.length);
    skip -= from;
    while (from < piece.length) {
      const part = piece.subarray(from, from + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < block.length) continue;
      filled = 0;
      yield blockOf(block, type, littleEndian);
    }
  }
  // The entry has the size it states, and that is of whole rows.
  if (filled > 0) yield blockOf(block.subarray(0, filled), type, littleEndian);
}
