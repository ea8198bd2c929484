// Files of rows in Node, by content where that says which format it is, else by extension.

import { ArgumentError, FormatError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { openBytes } from './file-bytes.js';
import type { QueryReader } from './formats/query-rows.js';
import { checkQuery, keepDecoded, type OpenRowsOptions, openSource } from './open-source.js';
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
 * @param input a path; or bytes from anywhere else, which closing the rows closes
 * @throws {FormatError} where the file is not what it says, with the byte where that showed
 * @throws {ArgumentError} where `column` or `query` is needed, or names nothing that is there
 * @throws {UnsupportedError} where a package is missing
 */
export async function openRows(input: string | ByteSource, options: OpenRowsOptions = {}): Promise<RowFile> {
  if (input === NO_FILE) return openByPath(input, 'duckdb', options);
  const source = typeof input === 'string' ? await openBytes(input) : input;
  try {
    const format = await findFormat(source, options.format, ROW_FORMATS);
    checkQuery(source, format, options.query);
    const { reader } = format;
    if (reader) return await openSource(source, { ...format, reader }, createRowStore(options.memoryBudget), options);
    if (typeof input !== 'string') throw new FormatError(source.name, 0, 'this format can only be read from a file');
    const file = await openByPath(input, format.name, options);
    await source.close();
    return file;
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openByPath(path: string, format: string, options: OpenRowsOptions): Promise<RowFile> {
  const read = await (PATH_READERS[format] as () => Promise<PathReader>)();
  return keepDecoded(path, await read(path, options), createRowStore(options.memoryBudget), options.signal);
}
