// Files of rows in Node, by content where that says which format it is, else by extension.

import { fileURLToPath } from 'node:url';
import { ArgumentError, FormatError } from '../errors.js';
import { openBytes } from './file-bytes.js';
import type { QueryReader } from './formats/query-rows.js';
import { type BytesInput, bytesOfInput, refuseWebAddress } from './input-bytes.js';
import { checkOpenOptions, checkQuery, keepDecoded, type OpenRowsOptions, openSource } from './open-source.js';
import type { RowFile } from './row-file.js';
import { ALL_FORMATS, findFormat } from './row-formats.js';
import { NO_FILE, type RowStream } from './row-reader.js';
import { createRowStore } from './temporary-file.js';

/** Reads rows through a library that wants the file's path: by a query, or a dataset's name. */
type PathReader = (path: string, options: OpenRowsOptions) => Promise<RowStream>;

/** By query only. */
const queried = (load: () => Promise<QueryReader>) => async (): Promise<PathReader> => {
  const read = await load();
  return async (path, { query }) => {
    if (query === undefined) {
      throw new ArgumentError('query', `expected a query for ${path}, as in "select embedding from documents", got none`);
    }
    return read(path, query);
  };
};

const PATH_READERS: Readonly<Record<string, () => Promise<PathReader>>> = {
  sqlite: queried(async () => (await import('./formats/sqlite.js')).readSqlite),
  duckdb: queried(async () => (await import('./formats/duckdb.js')).readDuckdb),
  hdf5: async () => {
    const { readHdf5 } = await import('./formats/hdf5.js');
    return (path, { column }) => readHdf5(path, column);
  },
};

/** Formats of rows by name. */
export const ROW_FORMATS: readonly string[] = ALL_FORMATS;

/**
 * Opens a file of rows, to be given to any call as rows: .npy, .npz, .parquet, .arrow, .safetensors, .csv, .tsv, .jsonl, .fvecs,
 * .bvecs, .fbin, .u8bin, .i8bin, and with a package of their own SQLite, DuckDB and HDF5. Where rows lie one after another as
 * numbers they stay in the file and are read when needed; else they are decoded once, to memory or to a temporary file.
 *
 * @param input a path or a `file:` URL; a File or another Blob, an ArrayBuffer, a Buffer or another Uint8Array that holds a file's
 *   bytes; or a ByteSource, which is closed with the rows
 * @param options `column`, `query`, `format`, `memoryBudget` and `signal`. Unknown names are refused.
 * @throws {FormatError} where the file is not what it says, with the byte where that showed
 * @throws {ArgumentError} where `column` or `query` is needed, or names nothing that is there
 * @throws {UnsupportedError} where a package is missing
 */
export async function openRows(input: string | URL | BytesInput, options: OpenRowsOptions = {}): Promise<RowFile> {
  checkOpenOptions(options);
  if (input === NO_FILE) return openByPath(input, 'duckdb', options);
  const path = pathOf(input);
  const source = path === undefined ? bytesOfInput(input as BytesInput, EXPECTED) : await openBytes(path);
  try {
    const format = await findFormat(source, options.format, ROW_FORMATS);
    checkQuery(source, format, options.query);
    const { reader } = format;
    if (reader) return await openSource(source, { ...format, reader }, createRowStore(options.memoryBudget), options);
    if (path === undefined) {
      throw new FormatError(
        source.name,
        'whole',
        `${format.name} can only be read from a file; write it to one and pass its path`,
      );
    }
    const file = await openByPath(path, format.name, options);
    await source.close();
    return file;
  } catch (error) {
    await source.close();
    throw error;
  }
}

const EXPECTED = 'expected a path, a file: URL, a Blob, an ArrayBuffer, a Uint8Array or a ByteSource';

/** The path that `input` is or names, or undefined if it holds the bytes itself. Throws ArgumentError for other addresses. */
function pathOf(input: unknown): string | undefined {
  refuseWebAddress(input);
  if (typeof input === 'string' && !input.startsWith('file://')) return input;
  if (typeof input !== 'string' && !(input instanceof URL)) return undefined;
  try {
    return fileURLToPath(input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArgumentError('input', `expected a path or a file: URL, got ${String(input)} (${reason})`);
  }
}

async function openByPath(path: string, format: string, options: OpenRowsOptions): Promise<RowFile> {
  const read = await (PATH_READERS[format] as () => Promise<PathReader>)();
  return keepDecoded(path, await read(path, options), createRowStore(options.memoryBudget), options.signal);
}
