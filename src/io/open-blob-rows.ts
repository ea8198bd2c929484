// Files of rows in browsers: a Blob, as a File that was chosen or dropped is one.

import { MemoryError, UnsupportedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { type BytesInput, bytesOfInput, refuseWebAddress } from './input-bytes.js';
import { checkOpenOptions, checkQuery, type OpenRowsOptions, openSource } from './open-source.js';
import type { RowFile } from './row-file.js';
import { FORMATS_OF_BYTES, findFormat } from './row-formats.js';
import { RowStore } from './row-store.js';

/** Formats of rows by name: those that need no file's path. */
export const ROW_FORMATS: readonly string[] = FORMATS_OF_BYTES;

/** Where nobody says how much memory there is. */
const STORE_BYTES = 2 ** 30;

/**
 * Opens a file of rows, to be given to any call as rows: .npy, .npz, .parquet, .arrow, .safetensors, .csv, .tsv, .jsonl, .fvecs,
 * .bvecs, .fbin, .u8bin and .i8bin. Where rows lie one after another as numbers they stay in the file and are read when needed;
 * else they are decoded once, to memory.
 *
 * @param input a File or another Blob, an ArrayBuffer or a Uint8Array; or a ByteSource, which is closed with the rows
 * @param options `column`, `format`, `memoryBudget` and `signal`. Unknown names are refused.
 * @throws {FormatError} where the file is not what it says, with the byte where that showed
 * @throws {ArgumentError} where `column` is needed, or names nothing that is there
 * @throws {MemoryError} where decoded rows take more than `memoryBudget`
 * @throws {UnsupportedError} for SQLite, DuckDB and HDF5, which only Node opens
 */
export async function openRows(input: BytesInput, options: OpenRowsOptions = {}): Promise<RowFile> {
  checkOpenOptions(options);
  const source = sourceOf(input);
  try {
    const format = await findFormat(source, options.format, ROW_FORMATS);
    const { reader } = format;
    if (!reader) {
      const formats = ROW_FORMATS.join(', ');
      throw new UnsupportedError(`${source.name}: ${format.name} files are opened in Node only; a browser opens ${formats}`);
    }
    checkQuery(source, format, options.query);
    return await openSource(source, { ...format, reader }, createStore(source.name, options.memoryBudget), options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The bytes of what a page may give. */
export function sourceOf(input: BytesInput): ByteSource {
  refuseWebAddress(input);
  return bytesOfInput(input, 'expected a File, another Blob, an ArrayBuffer, a Uint8Array or a ByteSource');
}

function createStore(name: string, memoryBudget: number = STORE_BYTES): RowStore {
  const store: RowStore = new RowStore(memoryBudget, async () => {
    throw new MemoryError(
      store.size,
      `${name}: its decoded rows take more than ${memoryBudget} bytes, and a browser has no temporary files; ` +
        'raise memoryBudget, or store the rows in a format that is read where it lies, as .npy is',
    );
  });
  return store;
}
