// Files of rows, by content where that says which format it is, else by extension.

import { extname } from 'node:path';
import { ArgumentError, FormatError } from '../errors.js';
import { MACHINE_IS_LITTLE_ENDIAN } from '../matrix/element-type.js';
import { type ByteSource, openBytes } from './byte-source.js';
import type { QueryReader } from './formats/query-rows.js';
import { RowFile } from './row-file.js';
import { type FlatRows, NO_FILE, type ReadOptions, type RowReader, type RowStream } from './row-reader.js';
import { RowStore } from './row-store.js';

/** Reads rows through a library that wants the file's path: by a query, or a dataset's name. */
type PathReader = (path: string, options: OpenRowsOptions) => Promise<RowStream>;

interface Format {
  readonly extensions: readonly string[];
  /** The bytes that files of this format begin with, and where. */
  readonly magic?: readonly [offset: number, text: string];
  readonly reader?: () => Promise<RowReader>;
  readonly pathReader?: () => Promise<PathReader>;
  readonly takesQuery?: boolean;
}

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

const FORMATS: Record<string, Format> = {
  npy: {
    extensions: ['.npy'],
    magic: [0, '\x93NUMPY'],
    reader: async () => (await import('./formats/npy.js')).readNpyRows,
  },
  npz: { extensions: ['.npz'], magic: [0, 'PK'], reader: async () => (await import('./formats/npz.js')).readNpz },
  parquet: {
    extensions: ['.parquet', '.pq'],
    magic: [0, 'PAR1'],
    reader: async () => (await import('./formats/parquet.js')).readParquet,
  },
  arrow: {
    extensions: ['.arrow', '.feather', '.ipc', '.arrows'],
    magic: [0, 'ARROW1'],
    reader: async () => (await import('./formats/arrow.js')).readArrow,
  },
  safetensors: {
    extensions: ['.safetensors'],
    reader: async () => (await import('./formats/safetensors.js')).readSafetensors,
  },
  csv: { extensions: ['.csv'], reader: async () => (await import('./formats/csv.js')).readCsv },
  tsv: { extensions: ['.tsv', '.tab'], reader: async () => (await import('./formats/csv.js')).readTsv },
  jsonl: { extensions: ['.jsonl', '.ndjson'], reader: async () => (await import('./formats/jsonl.js')).readJsonl },
  fvecs: { extensions: ['.fvecs'], reader: async () => (await import('./formats/vecs.js')).readFvecs },
  bvecs: { extensions: ['.bvecs'], reader: async () => (await import('./formats/vecs.js')).readBvecs },
  fbin: { extensions: ['.fbin'], reader: async () => (await import('./formats/bin.js')).readFbin },
  u8bin: { extensions: ['.u8bin'], reader: async () => (await import('./formats/bin.js')).readU8bin },
  i8bin: { extensions: ['.i8bin'], reader: async () => (await import('./formats/bin.js')).readI8bin },
  sqlite: {
    extensions: ['.sqlite', '.sqlite3', '.db'],
    magic: [0, 'SQLite format 3\0'],
    takesQuery: true,
    pathReader: queried(async () => (await import('./formats/sqlite.js')).readSqlite),
  },
  duckdb: {
    extensions: ['.duckdb'],
    magic: [8, 'DUCK'],
    takesQuery: true,
    pathReader: queried(async () => (await import('./formats/duckdb.js')).readDuckdb),
  },
  hdf5: {
    extensions: ['.h5', '.hdf5'],
    magic: [0, '\x89HDF\r\n\x1a\n'],
    pathReader: async () => {
      const { readHdf5 } = await import('./formats/hdf5.js');
      return (path, { column }) => readHdf5(path, column);
    },
  },
};

/** Formats of rows by name. */
export const ROW_FORMATS: readonly string[] = Object.keys(FORMATS);

export interface OpenRowsOptions extends ReadOptions {
  /** The format, where neither content nor extension says it: one of ROW_FORMATS. */
  readonly format?: string | undefined;
  /** What to select from a database. */
  readonly query?: string | undefined;
  /** Bytes that decoded rows may take in memory; what is more goes to a temporary file. Default: 256 MiB. */
  readonly memoryBudget?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
  if (input === NO_FILE) return openByPath(input, FORMATS.duckdb as Format, options);
  const source = typeof input === 'string' ? await openBytes(input) : input;
  try {
    const format = await formatOf(source, options.format ?? formatByExtension(source.name));
    if (options.query !== undefined && !format.takesQuery) {
      throw new ArgumentError('query', `${source.name}: expected no query for a file that is no database, got one`);
    }
    if (!format.pathReader) return await openRowsOf(source, format, options);
    if (typeof input !== 'string') throw new FormatError(source.name, 0, 'this format can only be read from a file');
    const file = await openByPath(input, format, options);
    await source.close();
    return file;
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openByPath(path: string, { pathReader }: Format, options: OpenRowsOptions): Promise<RowFile> {
  const read = await (pathReader as () => Promise<PathReader>)();
  return keepDecoded(path, await read(path, options), options);
}

async function openRowsOf(source: ByteSource, format: Format, options: OpenRowsOptions): Promise<RowFile> {
  const read = await (format.reader as () => Promise<RowReader>)();
  const found = await read(source, options);
  if (found.kind === 'flat') return new RowFile(source.name, source, found);
  const file = await keepDecoded(source.name, found, options);
  await source.close();
  return file;
}

/** The first bytes of a file that tell its format. */
const MAGIC_BYTES = 16;

async function formatOf(source: ByteSource, name: string | undefined): Promise<Format> {
  const start = new TextDecoder('latin1').decode(await source.read(0, Math.min(MAGIC_BYTES, source.size)));
  const formats = Object.values(FORMATS);
  const byContent = formats.find(({ magic }) => magic && start.startsWith(magic[1], magic[0]));
  const format = byContent ?? (name === undefined ? formatOfText(start) : FORMATS[name]);
  if (format) return format;
  throw new FormatError(
    source.name,
    0,
    `neither its name nor its content tells the format; there are ${ROW_FORMATS.join(', ')}`,
  );
}

/** Lines of JSON show themselves. */
function formatOfText(start: string): Format | undefined {
  return /^\s*[[{]/.test(start) ? FORMATS.jsonl : undefined;
}

function formatByExtension(path: string): string | undefined {
  const extension = extname(path).toLowerCase();
  return ROW_FORMATS.find((name) => FORMATS[name]?.extensions.includes(extension));
}

/** Decodes all rows into a store. */
async function keepDecoded(name: string, stream: RowStream, { memoryBudget, signal }: OpenRowsOptions): Promise<RowFile> {
  const { depth, type } = stream;
  const store = new RowStore(memoryBudget);
  let elements = 0;
  try {
    for await (const block of stream.blocks()) {
      signal?.throwIfAborted();
      elements += block.length;
      await store.append(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    }
    const rows = depth > 0 ? elements / depth : 0;
    const rowBytes = rows > 0 ? store.size / rows : 0;
    const layout: FlatRows = { kind: 'flat', rows, depth, type, littleEndian: MACHINE_IS_LITTLE_ENDIAN, offset: 0, rowBytes };
    return new RowFile(name, await store.finish(name), layout, store.heldBytes);
  } catch (error) {
    await store.discard();
    throw error;
  }
}
