// Opens rows in the bytes of a file, wherever they come from.

import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { checkOptionNames, checkOptionsObject } from '../../option-names.js';
import { MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { BYTES_ELEMENTS } from '../columns/declared-elements.js';
import { NULL_POLICIES } from '../columns/nulls.js';
import type { SparseJoiner, SparseStream } from './joined-sparse.js';
import { RowFile } from './row-file.js';
import type { RowFormat } from './row-formats.js';
import type { FlatRows, ReaderOptions, ReadOptions, RowStream } from './row-reader.js';
import type { RowStore } from './row-store.js';

/** Options of `openRows`. */
export interface OpenRowsOptions extends ReadOptions {
  /** The format, if neither content nor extension shows it, for example 'csv' or 'parquet'. */
  readonly format?: string | undefined;
  /**
   * The query that selects the rows of a database (not in browsers, which cannot open databases). Vector stores in SQLite (sqlite-vec,
   * Chroma) do not need one.
   */
  readonly query?: string | undefined;
  /**
   * How many bytes of decoded rows may be held in memory; more go to a temporary file or, in browsers, are refused. The libraries that read
   * DuckDB and HDF5 take a multiple of it; what is too little for them is refused. Sparse rows are always held in memory; if a budget is
   * given, they may take five times as much, including what arranges them while they are read. Default: a quarter of the available memory,
   * but between 256 MiB and 1 GiB; 1 GiB in browsers.
   */
  readonly memoryBudget?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `readTexts`. */
export interface ReadTextsOptions {
  /** The format, where neither content nor extension says it, for example 'csv' or 'parquet'. */
  readonly format?: string | undefined;
  /** Whether the first line of a table as text names its columns. Default: decided by the types down the columns. */
  readonly header?: boolean | undefined;
  /** What a record without such a field is, where records may differ in their fields. Default: 'throw'. */
  readonly missing?: 'throw' | 'empty' | undefined;
  /** Reading rejects with its reason once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

const OPTION_NAMES = {
  column: true,
  element: true,
  header: true,
  nulls: true,
  width: true,
  indexBase: true,
  query: true,
  format: true,
  memoryBudget: true,
  signal: true,
} as const satisfies Record<keyof OpenRowsOptions, true>;

/** Throws ArgumentError if options are not an object, or unknown. */
export function checkOpenOptions(options: unknown): void {
  checkOptionsObject(options);
  checkOptionNames('openRows', options as object, OPTION_NAMES);
  const { element, nulls, header, width, indexBase } = options as OpenRowsOptions;
  checkWord('element', element, BYTES_ELEMENTS);
  checkWord('nulls', nulls, NULL_POLICIES);
  checkWord('header', header, [true, false]);
  checkWord('indexBase', indexBase, [0, 1]);
  if (width !== undefined && !(Number.isSafeInteger(width) && width >= 1)) {
    const [expected, received] = ['a positive integer', String(width)];
    throw new ArgumentError('width', say`expected ${expected} for ${mention.option('width')}, got ${received}`, {
      expected,
      received,
    });
  }
}

function checkWord<T>(name: string, value: T | undefined, words: readonly T[]): void {
  if (value === undefined || words.includes(value)) return;
  const [expected, received] = [words.join(', '), JSON.stringify(value)];
  throw new ArgumentError(name, say`expected ${expected} for ${mention.option(name)}, got ${received}`, { expected, received });
}

/** Rows that were found in an input. */
export interface FoundRows {
  readonly name: string;
  readonly rows: FlatRows | RowStream;
  /** Their open bytes; undefined if a library has opened the file itself. */
  readonly source: ByteSource | undefined;
}

/** Opens the rows that `find` finds in each input as one; `name` names them if there are several. Decoded rows go to `store`. */
export async function openAll<T>(
  inputs: readonly T[],
  name: string,
  findRows: (input: T) => Promise<FoundRows>,
  store: RowStore,
  { signal, width, sparseRoom }: Pick<OpenRowsOptions, 'signal' | 'width'> & Pick<ReaderOptions, 'sparseRoom'>,
): Promise<RowFile> {
  const find = async (input: T) => {
    const found = await checkWidth(await findRows(input), width);
    if (isSparse(found.rows)) sparseRoom?.hold(found.rows.sparse);
    return found;
  };
  if (inputs.length === 1) {
    const found = await find(inputs[0] as T);
    if (found.rows.kind === 'flat') return new RowFile(found.name, found.source as ByteSource, found.rows);
    const { rows } = found;
    const { sparse } = rows;
    if (sparse) {
      const { SparseRowFile } = await import('./sparse-row-file.js');
      return closing(found, async () => new SparseRowFile(found.name, sparse, rows));
    }
    return closing(found, () => keepDecoded(found.name, rows, store, signal));
  }
  const { disagreement, emptyPart, RowJoiner } = await import('./joined-rows.js');
  const joiner = new RowJoiner(store, signal);
  let sparse: SparseJoiner | undefined;
  let before: FoundRows | undefined;
  const empty: FormatError[] = [];
  try {
    for (const input of inputs) {
      const found = await find(input).catch(emptyPart);
      if (found instanceof FormatError) {
        joiner.addEmpty(found);
        if (sparse) sparse.addEmpty(found);
        else empty.push(found);
        continue;
      }
      const { name: file, rows } = found;
      if (before && isSparse(rows) !== isSparse(before.rows)) {
        await found.source?.close();
        const kinds = isSparse(rows) ? (['sparse rows', 'dense ones'] as const) : (['dense rows', 'sparse ones'] as const);
        throw disagreement(file, before.name, '', kinds);
      }
      before ??= found;
      if (isSparse(rows)) {
        sparse ??= new (await import('./joined-sparse.js')).SparseJoiner(empty);
        const into = sparse;
        await closing(found, async () => into.add(file, rows));
      } else if (rows.kind === 'flat') joiner.addFlat(found.source as ByteSource, rows);
      else await closing(found, () => joiner.addStream(file, rows));
    }
    if (!sparse) return await joiner.finish(name);
    await joiner.discard();
    return sparse.finish(name);
  } catch (error) {
    await joiner.discard();
    throw error;
  }
}

function isSparse(rows: FlatRows | RowStream): rows is SparseStream {
  return 'sparse' in rows;
}

/** Returns the rows. Throws ArgumentError if their width differs from what the caller states. */
async function checkWidth(found: FoundRows, width: number | undefined): Promise<FoundRows> {
  const { depth } = found.rows;
  if (width === undefined || depth === width) return found;
  await found.source?.close();
  const [expected, received] = [`${depth}`, `${width}`];
  throw new ArgumentError(
    'width',
    say`${found.name} has rows of ${expected} numbers, but ${mention.option('width', width)} was given`,
    {
      expected,
      received,
      advice: say`leave ${mention.option('width')} out; it is for files of SVMlight`,
    },
  );
}

async function closing<T>({ source }: FoundRows, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await source?.close();
  }
}

/** Throws ArgumentError for a query on a file that does not accept one. */
export function checkQuery({ name }: ByteSource, format: RowFormat, query: string | undefined): void {
  if (query === undefined || format.takesQuery) return;
  throw new ArgumentError('query', `${name}: only a database takes a query, and this file is not one; leave it out`);
}

/** Decodes all rows into `store`. */
export async function keepDecoded(
  name: string,
  stream: RowStream,
  store: RowStore,
  signal: AbortSignal | undefined,
): Promise<RowFile> {
  const { depth, type } = stream;
  let elements = 0;
  try {
    for await (const block of stream.blocks()) {
      signal?.throwIfAborted();
      elements += block.length;
      await store.append(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    }
    const rows = depth > 0 ? elements / depth : 0;
    const rowBytes = rows > 0 ? store.size / rows : 0;
    const { origin, nulls, labels } = stream;
    const flat = { kind: 'flat', rows, depth, type, littleEndian: MACHINE_IS_LITTLE_ENDIAN, offset: 0, rowBytes } as const;
    const layout: FlatRows = { ...flat, ...(origin && { origin }) };
    const decoded = { nullRows: nulls?.rows ?? [], skipsNulls: nulls?.policy === 'skip', ...(labels && { labels }) };
    return new RowFile(name, await store.finish(name), layout, store.heldBytes, decoded);
  } catch (error) {
    await store.discard();
    throw error;
  }
}
