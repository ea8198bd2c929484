// How pages open files. What reads them is loaded when the first file is opened.

import type { BytesInput } from './bytes/input-bytes.js';
import type { OpenRowsOptions } from './rows/open-source.js';
import type { RowFile } from './rows/row-file.js';

/**
 * Opens a file of rows, to be given to any call as rows: .npy, .npz, .parquet, .arrow, .safetensors, .pt, .csv, .tsv, .jsonl, .fvecs,
 * .bvecs, .ivecs, .hvecs, .fbin, .f16bin, .u8bin, .i8bin, FAISS flat indices, and sparse rows (SciPy's .npz, .mtx, .svm). Where rows lie one after another as numbers they stay in the file and are read when needed;
 * else they are decoded once, to memory.
 *
 * @param input a File or another Blob, an ArrayBuffer or a Uint8Array; a ByteSource, which is closed with the rows; or an array of these,
 *   whose rows are numbered through
 * @param options which part of a file holds the rows (`column`), how to read it where the file does not say (`format`, `element`,
 *   `header`), rows without a vector (`nulls`), `memoryBudget` and `signal`. Unknown names are refused.
 * @throws {FormatError} where a file is not what it says, with the byte where that showed, and where several do not agree
 * @throws {ArgumentError} where `column` is needed, or names nothing that is there
 * @throws {MemoryError} where decoded rows take more than `memoryBudget`
 * @throws {UnsupportedError} for SQLite, DuckDB and HDF5, which only Node opens
 */
export async function openRows(input: BytesInput | readonly BytesInput[], options: OpenRowsOptions = {}): Promise<RowFile> {
  const { openBlobRows } = await import('./rows/open-blob-rows.js');
  return openBlobRows(input, options);
}

/**
 * The text (or the numbers) in one column of a .parquet, .arrow, .csv, .tsv or .jsonl file: a name a row, in the order of the rows.
 *
 * @throws {FormatError} where the file is not what it says
 * @throws {ArgumentError} where it has no such column, or is of a format without columns of text
 */
export async function readTexts(input: Blob, column: string): Promise<string[]> {
  const { readBlobTexts } = await import('./records/read-blob-texts.js');
  return readBlobTexts(input, column);
}
