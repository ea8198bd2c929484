// Names of rows in a column of a file.

import { ArgumentError } from '../../errors.js';
import { openBytes } from '../bytes/file-bytes.js';
import { checkNotEmpty, formatByExtension } from '../rows/row-formats.js';

/** Whether the names in such a file are in a column that must be named. Lines split at tabs have none: they know no quotes. */
export function hasTextColumns(path: string): boolean {
  const format = formatByExtension(path);
  return format?.textReader !== undefined && format.name !== 'tsv';
}

/** Some thousand names at a time. Throws FormatError; ArgumentError where there is no such column. */
export async function* openTexts(path: string, column: string): AsyncGenerator<string[], void, undefined> {
  const { name, textReader: load } = formatByExtension(path) ?? {};
  if (!load) throw new ArgumentError('path', `${path}: expected a table with columns of text`);
  const read = await load();
  const source = await openBytes(path);
  try {
    checkNotEmpty(source, name as string);
    yield* read(source, column);
  } finally {
    await source.close();
  }
}
