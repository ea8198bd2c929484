// Names of rows in a column of a file.

import { ArgumentError } from '../../errors.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { openBytes } from '../bytes/file-bytes.js';
import { createRowStore } from '../bytes/temporary-file.js';
import { TextBytes } from '../formats/text-bytes.js';
import { linesOf } from '../formats/text-lines.js';
import { openCompressed } from '../rows/open-compressed.js';
import type { RecordPlaces } from '../rows/record-places.js';
import { ALL_FORMATS, checkNotEmpty, findFormat, formatByExtension } from '../rows/row-formats.js';
import type { HeaderOfTexts } from '../rows/row-reader.js';
import { inTurns } from '../turns.js';
import type { SeenValues } from './row-values.js';

/** True if the column with the names in such a file must be selected. Lines split at tabs have no header, because they have no quotes. */
export function hasTextColumns(path: string): boolean {
  const format = formatByExtension(path);
  return format?.textReader !== undefined && format.name !== 'tsv';
}

/** Counts texts as they are read. */
export interface TextRoom {
  /** Throws MemoryError if `texts` of a file do not fit next to those before. */
  take(path: string, texts: readonly string[]): void;
}

/** How the texts of a column are read. */
export interface TextsOptions {
  readonly seen?: SeenValues | undefined;
  readonly room?: TextRoom | undefined;
  /** Reading rejects with its reason once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Yields a few thousand names at a time. Throws FormatError, or ArgumentError if there is no such column. */
export async function* openTexts(
  path: string,
  column: string,
  { seen, room, signal }: TextsOptions = {},
): AsyncGenerator<string[], void, undefined> {
  const { name, textReader: load } = formatByExtension(path) ?? {};
  if (!load) throw new ArgumentError('path', `${path}: expected a table with columns of text`);
  const read = await load();
  const source = inTurns(await openBytes(path), signal);
  try {
    checkNotEmpty(source, name as string);
    yield* withinRoom(path, read(source, column, undefined, seen), room);
  } finally {
    await source.close();
  }
}

interface ColumnOptions extends TextsOptions {
  readonly format?: string | undefined;
  readonly places?: RecordPlaces | undefined;
  readonly header?: HeaderOfTexts;
}

/**
 * Like `openTexts`, for a file of rows with any name, even compressed, in the `format` in which its rows are read. A record without the
 * field yields ''.
 */
export async function* openColumn(
  path: string,
  column: string,
  { format, seen, room, places, header, signal }: ColumnOptions,
): AsyncGenerator<string[], void, undefined> {
  const source = await openDecompressed(path, signal);
  try {
    const { name, textReader: load } = await findFormat(source, format, ALL_FORMATS);
    if (!load) throw new ArgumentError('path', `${path}: a file of the format ${name} has no columns of text`);
    yield* withinRoom(path, (await load())(source, column, 'empty', seen, places, header), room);
  } finally {
    await source.close();
  }
}

async function* withinRoom(
  path: string,
  batches: AsyncGenerator<string[], void, undefined>,
  room: TextRoom | undefined,
): AsyncGenerator<string[], void, undefined> {
  for await (const texts of batches) {
    room?.take(path, texts);
    yield texts;
  }
}

async function openDecompressed(path: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  return inTurns(await openCompressed(await openBytes(path), () => createRowStore(undefined), signal), signal);
}

/** Yields the lines of a text, compressed or not, a few thousand at a time. */
export async function* openLines(path: string, signal?: AbortSignal): AsyncGenerator<string[], void, undefined> {
  const source = await openDecompressed(path, signal);
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
