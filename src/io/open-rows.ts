// Files of rows in Node, by content where that says which format it is, else by extension.

import { ArgumentError, FormatError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { openBytes, openBytesBriefly } from './file-bytes.js';
import type { QueryReader } from './formats/result-rows.js';
import { expandInput } from './input-files.js';
import { openCompressed } from './open-compressed.js';
import { checkQuery, type FoundRows, type OpenRowsOptions, openAll } from './open-source.js';
import type { RowFile } from './row-file.js';
import { ALL_FORMATS, findFormat } from './row-formats.js';
import { NO_FILE, type RowStream } from './row-reader.js';
import { createRowStore } from './temporary-file.js';

/** Reads rows through a library that wants the file's path: by a query, or a dataset's name. */
type PathReader = (path: string, options: OpenRowsOptions) => Promise<RowStream>;

/** By query only. */
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
    const { readSqlite } = await import('./formats/sqlite.js');
    return (path, options) => readSqlite(path, options.query, options);
  },
  duckdb: queried(async () => (await import('./formats/duckdb.js')).readDuckdb),
  hdf5: async () => (await import('./formats/hdf5.js')).readHdf5,
};

/** Formats of rows by name. */
export const ROW_FORMATS: readonly string[] = ALL_FORMATS;

/**
 * Opens rows in files, to be given to any call as rows: .npy, .npz, .parquet, .arrow, .safetensors, .pt, .csv, .tsv, .jsonl, .fvecs,
 * .bvecs, .ivecs, .hvecs, .fbin, .f16bin, .u8bin, .i8bin, FAISS flat indices, and with a package of their own SQLite, DuckDB and HDF5. Where rows lie one after another as
 * numbers they stay in the file and are read when needed; else they are decoded once, to memory or to a temporary file.
 *
 * @param input a path, a folder of parts or a glob; bytes from anywhere else, which closing the rows closes; or several of them, whose
 *   rows are numbered through
 * @throws {FormatError} where a file is not what it says, with the byte where that showed, and where several do not agree
 * @throws {ArgumentError} where `column` or `query` is needed, or names nothing that is there
 * @throws {UnsupportedError} where a package is missing
 */
export async function openRows(
  input: string | ByteSource | readonly (string | ByteSource)[],
  options: OpenRowsOptions = {},
): Promise<RowFile> {
  const inputs = typeof input === 'object' && Symbol.iterator in input ? [...input] : [input];
  const files: (string | ByteSource)[] = [];
  let { column } = options;
  for (const each of inputs) {
    if (typeof each !== 'string' || each === NO_FILE) files.push(each);
    else {
      const expanded = await expandInput(each, options.column);
      files.push(...expanded.paths);
      column = expanded.column ?? column;
    }
  }
  if (files.length === 0) throw new ArgumentError('input', 'expected a path or several, got none');
  const first = inputs[0] as string | ByteSource;
  const name = `${typeof first === 'string' ? first : first.name}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}`;
  const openFile = files.length > 1 ? openBytesBriefly : openBytes;
  const find = (each: string | ByteSource) => findRows(each, { ...options, column }, openFile);
  return openAll(files, name, find, createRowStore(options.memoryBudget), options.signal);
}

async function findRows(
  input: string | ByteSource,
  options: OpenRowsOptions,
  openFile: (path: string) => Promise<ByteSource>,
): Promise<FoundRows> {
  if (input === NO_FILE) return { name: input, rows: await readByPath(input, 'duckdb', options), source: undefined };
  let source = typeof input === 'string' ? await openFile(input) : input;
  try {
    const bytes = await openCompressed(source, () => createRowStore(halfOf(options.memoryBudget)), options.signal);
    const isFile = bytes === source && typeof input === 'string';
    source = bytes;
    const format = await findFormat(source, options.format, ROW_FORMATS);
    checkQuery(source, format, options.query);
    const { reader } = format;
    if (reader) {
      const read = await reader();
      return { name: source.name, rows: await read(source, options), source };
    }
    if (!isFile) throw new FormatError(source.name, 0, 'this format can only be read from a file that is not compressed');
    const rows = await readByPath(input, format.name, options);
    await source.close();
    return { name: input, rows, source: undefined };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** What a compressed file becomes and what its rows become are held at the same time. */
function halfOf(memoryBudget: number | undefined): number | undefined {
  return memoryBudget === undefined ? undefined : Math.floor(memoryBudget / 2);
}

async function readByPath(path: string, format: string, options: OpenRowsOptions): Promise<RowStream> {
  const read = await (PATH_READERS[format] as () => Promise<PathReader>)();
  return read(path, options);
}
