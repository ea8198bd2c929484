// Opens files of rows in Node. The content determines the format if it can, otherwise the extension.

import { fileURLToPath } from 'node:url';
import { ArgumentError, FormatError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { openBytes, openBytesBriefly } from '../bytes/file-bytes.js';
import { type BytesInput, bytesOfInput, refuseWebAddress } from '../bytes/input-bytes.js';
import { isPipe, openPipe } from '../bytes/pipe-bytes.js';
import { createRowStore } from '../bytes/temporary-file.js';
import type { QueryReader } from '../formats/result-rows.js';
import { inTurns } from '../turns.js';
import { expandInput } from './input-files.js';
import { openCompressed } from './open-compressed.js';
import { checkOpenOptions, checkQuery, type FoundRows, type OpenRowsOptions, openAll } from './open-source.js';
import type { RowFile } from './row-file.js';
import { ALL_FORMATS, findFormat } from './row-formats.js';
import { NO_FILE, type ReaderOptions, type RowStream } from './row-reader.js';
import { SparseRoom } from './sparse-room.js';

/** Reads rows through a library that needs the file's path, with a query or the name of a dataset. */
type PathReader = (
  path: string,
  options: OpenRowsOptions & Pick<ReaderOptions, 'createStore' | 'sparseRoom'>,
) => Promise<RowStream>;

/** Wraps readers that require a query. */
const queried = (load: () => Promise<QueryReader>) => async (): Promise<PathReader> => {
  const read = await load();
  return async (path, options) => {
    const { query } = options;
    if (query === undefined) {
      throw new ArgumentError('query', `expected a query for ${path}, as in "select embedding from documents", got none`);
    }
    return read(path, query, options);
  };
};

const PATH_READERS: Readonly<Record<string, () => Promise<PathReader>>> = {
  sqlite: async () => {
    const { readSqlite } = await import('../formats/sqlite.js');
    return (path, options) => readSqlite(path, options.query, options);
  },
  duckdb: queried(async () => (await import('../formats/duckdb.js')).readDuckdb),
  hdf5: async () => (await import('../formats/hdf5.js')).readHdf5,
};

/** Names of the formats of rows. */
export const ROW_FORMATS: readonly string[] = ALL_FORMATS;

/** The inputs of `openRows`. */
export type FileInput = string | URL | BytesInput;

/**
 * Opens rows in files, which every call accepts as rows: .npy, .npz, .parquet, .arrow, .safetensors, .pt, .csv, .tsv, .json, .jsonl, text
 * vectors (GloVe, word2vec, np.savetxt), sparse rows (SciPy's .npz, .mtx, .svm), .fvecs, .bvecs, .ivecs, .hvecs, .fbin, .f16bin, .u8bin,
 * .i8bin, FAISS flat indices, and, with an additional package, SQLite, DuckDB and HDF5. Files may be compressed with gzip or zstd. Rows
 * that are stored contiguously as numbers stay in the file and are read when needed. Other rows are decoded once, into memory or a
 * temporary file.
 *
 * @param input a path (even of a pipe), a folder of parts, a glob or a `file:` URL; a File or another Blob, an ArrayBuffer, a Buffer or
 *   another Uint8Array with the contents of a file; a ByteSource, which is closed with the rows; or an array of these, whose rows are
 *   numbered consecutively
 * @param options which part of the file holds the rows (`column`, `query`), how to read it if the file does not say (`format`, `element`,
 *   `header`), what to do with rows without a vector (`nulls`), `memoryBudget` and `signal`; unknown names are refused
 * @returns the open rows; call `close()` when they are no longer needed
 * @throws {FormatError} if a file is damaged, with the position of the fault, or if several files do not agree
 * @throws {ArgumentError} if `column` or `query` is required, or names something that does not exist
 * @throws {MemoryError} if a library that reads the file needs more than `memoryBudget` allows
 * @throws {UnsupportedError} if a package is missing
 */
export async function openRows(input: FileInput | readonly FileInput[], options: OpenRowsOptions = {}): Promise<RowFile> {
  return openRowsAndPlaces(input, options);
}

/** Like `openRows`; also fills `places` if the records of the rows are text, and counts sparse rows in `sparseRoom`. */
export async function openRowsAndPlaces(
  input: FileInput | readonly FileInput[],
  options: OpenRowsOptions,
  unseen: Pick<ReaderOptions, 'places' | 'sparseRoom'> = {},
): Promise<RowFile> {
  const { places } = unseen;
  checkOpenOptions(options);
  const inputs: readonly FileInput[] = Array.isArray(input) ? input : [input];
  const files: (string | ByteSource)[] = [];
  let { column } = options;
  for (const each of inputs) {
    const path = pathOf(each);
    if (path === undefined) files.push(each === NO_FILE ? each : bytesOfInput(each as BytesInput, EXPECTED));
    else {
      const expanded = await expandInput(path, options.column);
      files.push(...expanded.paths);
      column = expanded.column ?? column;
    }
  }
  const [first] = files;
  if (first === undefined) throw new ArgumentError('input', `${EXPECTED}, got an empty array`);
  const own = inputs.length === 1 ? (pathOf(inputs[0] as FileInput) ?? first) : first;
  const name = `${typeof own === 'string' ? own : own.name}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}`;
  const { sparseRoom = new SparseRoom(options.memoryBudget) } = unseen;
  const openFile = files.length > 1 ? openBytesBriefly : openBytes;
  const find = async (each: string | ByteSource) =>
    findRows(await spooled(each, options), { ...options, column, places, sparseRoom }, openFile);
  return openAll(files, name, find, createRowStore(options.memoryBudget), { ...options, sparseRoom });
}

/** Returns the bytes that arrive through a pipe; anything else is returned unchanged. */
async function spooled(input: string | ByteSource, { memoryBudget, signal }: OpenRowsOptions): Promise<string | ByteSource> {
  if (typeof input !== 'string' || !(await isPipe(input))) return input;
  return openPipe(input, createRowStore(halfOf(memoryBudget)), signal);
}

async function findRows(
  input: string | ByteSource,
  options: OpenRowsOptions & ReaderOptions,
  openFile: (path: string) => Promise<ByteSource>,
): Promise<FoundRows> {
  if (input === NO_FILE) return { name: input, rows: await readByPath(input, 'duckdb', options), source: undefined };
  let source = typeof input === 'string' ? await openFile(input) : input;
  try {
    const bytes = await openCompressed(source, () => createRowStore(halfOf(options.memoryBudget)), options.signal);
    const isFile = bytes === source && typeof input === 'string';
    source = inTurns(bytes, options.signal);
    const format = await findFormat(source, options.format, ROW_FORMATS);
    checkQuery(source, format, options.query);
    const { reader } = format;
    if (reader) {
      const read = await reader();
      const createStore = () => createRowStore(options.memoryBudget);
      return { name: source.name, rows: await read(source, { ...options, createStore }), source };
    }
    if (!isFile) {
      const how = typeof input === 'string' ? 'decompress it first' : 'write it to one and pass its path';
      throw new FormatError(source.name, 'whole', `${format.name} can only be read from a file`, { advice: how });
    }
    const rows = await readByPath(input, format.name, options);
    await source.close();
    return { name: input, rows, source: undefined };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The contents of a compressed file or pipe and its decoded rows are held at the same time, so each gets half of the budget. */
function halfOf(memoryBudget: number | undefined): number | undefined {
  return memoryBudget === undefined ? undefined : Math.floor(memoryBudget / 2);
}

async function readByPath(path: string, format: string, options: OpenRowsOptions & ReaderOptions): Promise<RowStream> {
  const read = await (PATH_READERS[format] as () => Promise<PathReader>)();
  return read(path, { ...options, createStore: () => createRowStore(options.memoryBudget) });
}

const EXPECTED = 'expected a path, a file: URL, a Blob, an ArrayBuffer, a Uint8Array or a ByteSource';

/** Returns the path that `input` is or names, or undefined if it contains the bytes. Throws ArgumentError for other addresses. */
function pathOf(input: unknown): string | undefined {
  refuseWebAddress(input);
  if (input === NO_FILE) return undefined;
  if (typeof input === 'string' && !input.startsWith('file://')) return input;
  if (typeof input !== 'string' && !(input instanceof URL)) return undefined;
  try {
    return fileURLToPath(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArgumentError('input', `expected a path or a file: URL, got ${String(input)} (${reason})`);
  }
}
