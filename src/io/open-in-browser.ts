// Opens files in pages. The readers are loaded when the first file is opened.

import type { BytesInput } from './bytes/input-bytes.js';
import type { OpenRowsOptions, ReadTextsOptions } from './rows/open-source.js';
import type { RowFile } from './rows/row-file.js';

/**
 * Opens a file of rows, which every call accepts as rows: .npy, .npz, .parquet, .arrow, .safetensors, .pt, .csv, .tsv, .jsonl, .fvecs,
 * .bvecs, .ivecs, .hvecs, .fbin, .f16bin, .u8bin, .i8bin, FAISS flat indices, and sparse rows (SciPy's .npz, .mtx, .svm). Rows that are
 * stored contiguously as numbers stay in the file and are read when needed. Other rows are decoded once, into memory.
 *
 * @param input a File or another Blob, an ArrayBuffer, a Uint8Array, or a ByteSource, which is closed with the rows; or an array of these,
 *   whose rows are numbered consecutively
 * @param options which part of the file holds the rows (`column`), how to read it if the file does not say (`format`, `element`, `header`),
 *   what to do with rows without a vector (`nulls`), `memoryBudget` and `signal`; unknown names are refused
 * @returns the open rows; call `close()` when they are no longer needed
 * @throws {FormatError} if a file is damaged, with the position of the fault, or if several files do not agree
 * @throws {ArgumentError} if `column` is required, or does not exist
 * @throws {MemoryError} if decoded rows take more than `memoryBudget`
 * @throws {UnsupportedError} for SQLite, DuckDB and HDF5, which only Node can open
 */
export async function openRows(input: BytesInput | readonly BytesInput[], options: OpenRowsOptions = {}): Promise<RowFile> {
  const { openBlobRows } = await import('./rows/open-blob-rows.js');
  return openBlobRows(input, options);
}

/**
 * Reads the text (or the numbers) in one column of a .parquet, .arrow, .csv, .tsv or .jsonl file: one name per row, in the order of the
 * rows. The file may be compressed.
 *
 * @param input a File or another Blob
 * @param column the name of the column, or a path such as 'doc.title'
 * @param options how to read the file if it does not say (`format`, `header`), what a record without such a field is (`missing`), and a
 *   `signal` that ends the call
 * @returns one text per row
 * @throws {FormatError} if the file is damaged
 * @throws {ArgumentError} if the file has no such column, or its format has no text columns
 */
export async function readTexts(input: Blob, column: string, options: ReadTextsOptions = {}): Promise<string[]> {
  const { readBlobTexts } = await import('./records/read-blob-texts.js');
  return readBlobTexts(input, column, options);
}
