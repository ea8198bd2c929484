// Names of rows in a column of a file.

import { ArgumentError } from '../../errors.js';
import { openBytes } from '../bytes/file-bytes.js';
import { createRowStore } from '../bytes/temporary-file.js';
import { TextBytes } from '../formats/text-bytes.js';
import { linesOf } from '../formats/text-lines.js';
import { openCompressed } from '../rows/open-compressed.js';
import type { RecordPlaces } from '../rows/record-places.js';
import { ALL_FORMATS, checkNotEmpty, findFormat, formatByExtension } from '../rows/row-formats.js';
import type { HeaderOfTexts } from '../rows/row-reader.js';
import type { SeenValues } from './row-values.js';

/** True if the column with the names in such a file must be selected. Lines split at tabs have no header, because they have no quotes. */
export function hasTextColumns(path: string): boolean {
  const format = formatByExtension(path);
  return format?.textReader !== undefined && format.name !== 'tsv';
}

/** Yields a few thousand names at a time. Throws FormatError, or ArgumentError if there is no such column. */
export async function* openTexts(path: string, column: string, seen?: SeenValues): AsyncGenerator<string[], void, undefined> {
  const { name, textReader: load } = formatByExtension(path) ?? {};
  if (!load) throw new ArgumentError('path', `${path}: expected a table with columns of text`);
  const read = await load();
  const source = await openBytes(path);
  try {
    checkNotEmpty(source, name as string);
    yield* read(source, column, undefined, seen);
  } finally {
    await source.close();
  }
}

/**
 * Like `openTexts`, for a file of rows with any name, even compressed, in the `format` in which its rows are read. A record without the
 * field yields ''.
 */
export async function* openColumn(
  path: string,
  column: string,
  format: string | undefined,
  seen?: SeenValues,
  places?: RecordPlaces,
  header?: HeaderOfTexts,
): AsyncGenerator<string[], void, undefined> {
  const source = await openCompressed(await openBytes(path), () => createRowStore(undefined), undefined);
  try {
    const { name, textReader: load } = await findFormat(source, format, ALL_FORMATS);
    if (!load) throw new ArgumentError('path', `${path}: a file of the format ${name} has no columns of text`);
    yield* (await load())(source, column, 'empty', seen, places, header);
  } finally {
    await source.close();
  }
}

/** Yields the lines of a text, compressed or not, a few thousand at a time. */
export async function* openLines(path: string): AsyncGenerator<string[], void, undefined> {
  const source = await openCompressed(await openBytes(path), () => createRowStore(undefined), undefined);
  try {
    let lines: string[] = [];
    for await (const { line } of linesOf(await TextBytes.open(source))) {
      lines.push(line);
      if (lines.length < LINES_AT_ONCE) continue;
      yield lines;
      lines = [];
    }
    yield lines;
  } finally {
    await source.close();
  }
}

const LINES_AT_ONCE = 4096;
