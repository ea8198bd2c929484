// Names of rows in a column of a file.

import { extname } from 'node:path';
import { openBytes } from './byte-source.js';
import type { TextReader } from './row-reader.js';

const READERS: Record<string, () => Promise<TextReader>> = {
  '.parquet': async () => (await import('./formats/parquet.js')).readParquetText,
  '.pq': async () => (await import('./formats/parquet.js')).readParquetText,
  '.arrow': async () => (await import('./formats/arrow.js')).readArrowText,
  '.feather': async () => (await import('./formats/arrow.js')).readArrowText,
  '.jsonl': async () => (await import('./formats/jsonl.js')).readJsonlText,
  '.ndjson': async () => (await import('./formats/jsonl.js')).readJsonlText,
  '.csv': async () => (await import('./formats/csv.js')).readCsvText,
};

/** Whether the names in such a file are in a column that must be named. */
export function hasTextColumns(path: string): boolean {
  return extname(path).toLowerCase() in READERS;
}

/** Some thousand names at a time. Throws FormatError; ArgumentError where there is no such column. */
export async function* openTexts(path: string, column: string): AsyncGenerator<string[], void, undefined> {
  const read = await (READERS[extname(path).toLowerCase()] as () => Promise<TextReader>)();
  const source = await openBytes(path);
  try {
    yield* read(source, column);
  } finally {
    await source.close();
  }
}
