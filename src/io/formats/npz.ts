// .npz: a zip of .npy files. Stored entries are compared with their checksum and read in place. Deflated entries are decompressed from their
// beginning, a piece at a time, without trusting their stated size. https://numpy.org/doc/stable/reference/generated/numpy.savez.html

import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import type { NumericArray } from '../../rows/dtype.js';
import { bytesOfElement } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { chooseWith } from '../columns/choices.js';
import type { Origin } from '../columns/choose.js';
import { elementTypeOf, isWide, type NpyHeader, squeezed, wideElements } from '../rows/npy.js';
import { type FlatRows, type RowReader, type RowStream, STREAM_BLOCK_BYTES } from '../rows/row-reader.js';
import { type CreateStore, createMemoryStore } from '../rows/row-store.js';
import { checkStored, inflateEntry } from './inflate.js';
import { blockOf, rowsOfLayout } from './npy.js';
import { layoutOf, type NpyLayout } from './npy-layout.js';
import { type NamedEntry, readHeader } from './npz-entries.js';
import { isPytorch, readPytorchZip } from './pytorch.js';
import { listNames } from './query-rows.js';
import { dataOffsetOf, readZipEntries, STORED, type ZipEntry } from './zip-directory.js';

/** Whether an array is the only one of its kind is known only after opening all; this is the limit. */
const MAX_OPENED = 64;
/** Longer names are shortened in messages. */
const MAX_NAME = 40;
/** A row of more bytes than this is refused if the file is smaller than the row. */
const MAX_ROW_BYTES = 32 * 2 ** 20;

type OpenedEntry = NamedEntry & { readonly header: NpyHeader };

/**
 * Reads the array named `column`, with or without '.npy', followed by a dot and a field name if it has records; by default the only
 * two-dimensional array of a supported type.
 */
export const readNpz: RowReader = async (source, { column, sparseRoom, createStore = createMemoryStore }) => {
  const entries = await readZipEntries(source);
  if (isPytorch(entries)) return readPytorchZip(source, entries, column);
  const arrays = arraysOf(source, entries);
  if (column === undefined && isSparse(arrays)) {
    return (await import('./sparse-npz.js')).readSparseNpz(source, arrays, sparseRoom);
  }
  const [array, field] = column === undefined ? [await findOnlyArray(source, arrays)] : await openNamed(source, arrays, column);
  const layout = layoutOf(array.header, field, array.file);
  const origin: Origin = {
    from: `array ${listNames([array.name])}${field === undefined ? '' : `.${field}`}`,
    notUsed: arrays
      .map(({ name }) => name)
      .filter((name) => name !== array.name)
      .slice(0, MAX_OPENED),
  };
  const stored = array.entry.method === STORED;
  const rows = stored ? await readStored(source, array, layout) : readDeflated(source, array, layout, createStore);
  return arrays.length > 1 || field !== undefined ? { ...rows, origin } : rows;
};

function arraysOf(source: ByteSource, entries: readonly ZipEntry[]): NamedEntry[] {
  const arrays = new Map<string, NamedEntry>();
  for (const entry of entries) {
    if (!entry.name.endsWith('.npy')) continue;
    const name = entry.name.slice(0, -'.npy'.length);
    // If a zip has two entries of the same name, the later one counts.
    arrays.set(name, { name, entry, file: `${source.name} (${listNames([entry.name])})` });
  }
  if (arrays.size === 0) throw new FormatError(source.name, 0, 'a zip without any array (.npy)');
  return [...arrays.values()];
}

/** True if these are the arrays that `scipy.sparse.save_npz` writes, in any of its formats. */
function isSparse(arrays: readonly NamedEntry[]): boolean {
  return ['format', 'shape', 'data'].every((wanted) => arrays.some(({ name }) => name === wanted));
}

async function openNamed(
  source: ByteSource,
  arrays: readonly NamedEntry[],
  column: string,
): Promise<[array: OpenedEntry, field?: string]> {
  const array = arrays.find(({ name }) => name === column) ?? arrays.find(({ entry }) => entry.name === column);
  if (array) return [{ ...array, header: await readHeader(source, array) }];
  const owner = arrays.find(({ name }) => column.startsWith(`${name}.`));
  if (owner) {
    const header = await readHeader(source, owner);
    if (header.type === 'record') return [{ ...owner, header }, column.slice(owner.name.length + 1)];
  }
  const there = listNames(arrays.map(({ name }) => name));
  throw new ArgumentError('column', `${source.name}: no array ${column}; there are ${there}`);
}

async function findOnlyArray(source: ByteSource, arrays: readonly NamedEntry[]): Promise<OpenedEntry> {
  if (arrays.length > MAX_OPENED) {
    const there = listNames(arrays.map(({ name }) => name));
    const advice = say`choose one with ${mention.option('column')}`;
    throw new ArgumentError('column', `${source.name}: ${arrays.length} arrays: ${there}`, { advice });
  }
  const found: OpenedEntry[] = [];
  const descriptions: string[] = [];
  let lone = false;
  for (const array of arrays) {
    const header = await readHeader(source, array).catch((error: unknown) => {
      // Other arrays may have unsupported types. If there is only one array, its error is reported by the reader.
      if (arrays.length > 1 && error instanceof FormatError) return undefined;
      throw error;
    });
    descriptions.push(
      `${listNames([array.name])} (${header ? `${header.type} [${header.shape.slice(0, 8).join(', ')}]` : 'not readable'})`,
    );
    lone ||= header !== undefined && isLoneColumn(header);
    if (header && (mayBeRows(header) || (arrays.length === 1 && !isLoneColumn(header)))) found.push({ ...array, header });
  }
  const [only, another] = found;
  if (only && !another) return only;
  const none = lone
    ? 'no array of vectors (a single integer per row is not a vector)'
    : 'no two-dimensional array of a supported type';
  const what = another ? 'more than one array can be the rows' : none;
  const choices = (another ? found : arrays).map(({ name }) => name).filter((name) => name.length <= MAX_NAME);
  throw new ArgumentError('column', `${source.name}: ${what}; there are ${listNames(descriptions)}`, {
    advice: chooseWith(choices.slice(0, 8)),
  });
}

function mayBeRows(header: NpyHeader): boolean {
  const { type, fields, shape } = header;
  if (type === 'record') return fields.some(({ type, shape }) => type !== undefined && shape.length > 0);
  return squeezed(shape).length === 2 && !isLoneColumn(header);
}

/** True if each row is a single integer, like ids, labels and counts. */
function isLoneColumn({ type, shape }: NpyHeader): boolean {
  const [, depth, ...more] = squeezed(shape);
  return type !== 'record' && !type.startsWith('f') && depth === 1 && more.length === 0;
}

async function readStored(source: ByteSource, { entry, file }: OpenedEntry, layout: NpyLayout): Promise<FlatRows | RowStream> {
  await checkStored(source, entry);
  return rowsOfLayout(source, layout, await dataOffsetOf(source, entry), file);
}

function readDeflated(
  source: ByteSource,
  { entry, file, header }: OpenedEntry,
  layout: NpyLayout,
  createStore: CreateStore,
): RowStream {
  const { depth, rowBytes, byColumns } = layout;
  if (header.length > 0 && rowBytes > Math.max(MAX_ROW_BYTES, source.size)) {
    const what = `expected rows of at most ${MAX_ROW_BYTES} bytes, got ${rowBytes}`;
    throw new FormatError(source.name, entry.offset, `${listNames([entry.name])}: ${what}`);
  }
  const blocks = () =>
    byColumns ? gatherInflated(source, entry, layout, file, createStore) : inflateRows(source, entry, layout, file);
  return { kind: 'stream', depth, type: elementTypeOf(layout.type), blocks };
}

/** Returns the elements in `bytes`, located at byte `at` of the .npy, in the form that blocks of a stream have. */
function decodeBlock(
  bytes: Uint8Array<ArrayBuffer>,
  { type, littleEndian }: NpyLayout,
  file: string,
  at: number,
): NumericArray {
  if (isWide(type)) return wideElements(bytes, type, littleEndian, bytes.length / 8, file, at);
  return blockOf(bytes, elementTypeOf(type), littleEndian);
}

function elementBytesOf({ type }: NpyLayout): number {
  return bytesOfElement(elementTypeOf(type));
}

async function* inflateRows(
  source: ByteSource,
  entry: ZipEntry,
  layout: NpyLayout,
  file: string,
): AsyncGenerator<NumericArray, void, undefined> {
  const { rowBytes, dataOffset } = layout;
  const whole = Math.max(1, Math.floor(STREAM_BLOCK_BYTES / rowBytes)) * rowBytes;
  const block = new Uint8Array(Math.min(whole, entry.size - dataOffset));
  let filled = 0;
  let skip = dataOffset;
  let at = dataOffset;
  for await (const piece of inflateEntry(source, entry)) {
    let from = Math.min(skip, piece.length);
    skip -= from;
    while (from < piece.length) {
      const part = piece.subarray(from, from + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < block.length) continue;
      yield* decodeRows(block, layout, file, at);
      at += filled;
      filled = 0;
    }
  }
  // The entry has its stated size, which is a whole number of rows.
  if (filled > 0) yield* decodeRows(block.subarray(0, filled), layout, file, at);
}

/** Yields the rows in `bytes`: all of them, or a field of each record. */
function* decodeRows(
  bytes: Uint8Array<ArrayBuffer>,
  layout: NpyLayout,
  file: string,
  at: number,
): Generator<NumericArray, void, undefined> {
  const { depth, rowBytes, offset, dataOffset } = layout;
  const elementBytes = depth * elementBytesOf(layout);
  if (elementBytes === rowBytes) {
    yield decodeBlock(bytes, layout, file, at);
    return;
  }
  for (let from = offset - dataOffset; from < bytes.length; from += rowBytes) {
    yield decodeBlock(bytes.slice(from, from + elementBytes), layout, file, at + from);
  }
}

/** The rows of an array in column order are complete only after its last column, so it is inflated into a store, and gathered there. */
async function* gatherInflated(
  source: ByteSource,
  entry: ZipEntry,
  layout: NpyLayout,
  file: string,
  createStore: CreateStore,
): AsyncGenerator<NumericArray, void, undefined> {
  const store = createStore();
  try {
    for await (const piece of inflateEntry(source, entry)) await store.append(piece);
  } catch (error) {
    await store.discard();
    throw error;
  }
  const stored = await store.finish(source.name);
  try {
    yield* (rowsOfLayout(stored, layout, 0, file) as RowStream).blocks();
  } finally {
    await stored.close();
  }
}
