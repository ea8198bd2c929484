// Names for rows: one per line, or a column of a table.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { isPipe, readPipe } from '../io/bytes/pipe-bytes.js';
import { decodeWholeText } from '../io/formats/text-bytes.js';
import { hasTextColumns, openTexts, type TextsOptions } from '../io/records/open-texts.js';
import { formatByContent, formatByExtension, MAGIC_BYTES } from '../io/rows/row-formats.js';
import { asInputError, InputError } from './exit-codes.js';
import { readStdinBytes, STDIN } from './input.js';
import { beginsWithHeader, labelColumns } from './view/name-table.js';

/** A column of a file of names, with one value per row. */
export interface NamedColumn {
  readonly name: string;
  readonly values: readonly string[];
}

/** The contents of FILE or FILE:COLUMN. */
export interface LabelTable {
  /** The requested column, or else the last. */
  readonly column: NamedColumn;
  /** The requested column, or else the one that names the rows. Throws InputError if several may. */
  labels(): NamedColumn;
  /** Yields all columns that can be read without being requested, including that one. */
  columns(): Iterable<NamedColumn>;
}

/** Reads the names of `rows` rows from FILE or FILE:COLUMN, where FILE may be - for stdin. */
export async function readLabels(spec: string, rows: number, options: TextsOptions): Promise<readonly string[]> {
  return (await readLabelTable(spec, rows, options)).labels().values;
}

/**
 * Reads the table of FILE or FILE:COLUMN for `rows` rows. A column is selected by its name in the first line, or by its number, counted
 * from 1. Without a selection, the names are in the column with a usual name, or else in the last. If a file has one line more than there
 * are rows, its first line may name the columns. In .parquet, .arrow, .jsonl and .csv files, the column is one of the file's, and only
 * this column is read.
 */
export async function readLabelTable(spec: string, rows: number, options: TextsOptions = {}): Promise<LabelTable> {
  const { signal, room } = options;
  const file = labelsPath(spec);
  const path = file === STDIN ? 'stdin' : file;
  const asked = file === spec ? undefined : spec.slice(file.length + 1);
  if (asked !== undefined && hasTextColumns(path)) {
    const column = { name: asked, values: await readColumn(path, asked, rows, options) };
    return { column, labels: () => column, columns: () => [column] };
  }
  const lines = linesIn(path, await (file === STDIN ? readStdinBytes(signal) : readBytes(path, signal)));
  room?.take(path, lines);
  if (lines.at(-1) === '') lines.pop();
  if (asked === undefined && hasTextColumns(path)) checkIsLines(path, lines);
  const cells = lines.map((line) => line.split('\t'));
  const names = lines.length === rows + 1 && beginsWithNames(path, cells, asked) ? cells.shift() : undefined;
  if (cells.length !== rows) {
    throw new InputError(
      `${path}: expected ${rows} lines (or one more, with column names) for ${rows} rows, got ${lines.length}`,
    );
  }
  const width = names?.length ?? cells[0]?.length ?? 1;
  const nameAt = (at: number) => names?.[at] ?? (width === 1 ? basename(path, extname(path)) : `column ${at + 1}`);
  const columnAt = (at: number) => ({ name: nameAt(at), values: cells.map((line) => line[at] ?? '') });
  const lastColumn = () => ({ name: nameAt(width - 1), values: cells.map((line) => line.at(-1) ?? '') });
  const column = asked === undefined ? lastColumn() : columnAt(columnIndex(path, asked, names, width));
  return {
    column,
    labels() {
      if (asked !== undefined) return column;
      const [at, ...more] = labelColumns(names, width);
      if (more.length > 0) refuseSeveral(path, [at as number, ...more].map(nameAt));
      return at === width - 1 ? column : columnAt(at as number);
    },
    *columns() {
      for (let at = 0; at < width; at++) yield columnAt(at);
    },
  };
}

async function readColumn(path: string, column: string, rows: number, options: TextsOptions): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const some of openTexts(path, column, options)) names.push(...some);
  } catch (error) {
    throw asInputError(error, path);
  }
  // If the table is all text, a column selected by number includes the header line.
  const cells = names.slice(0, rows + 1).map((name) => [name]);
  if (names.length === rows + 1 && beginsWithNames(path, cells, undefined)) names.shift();
  if (names.length === rows) return names;
  throw new InputError(`${path}: expected ${rows} names in column ${column} for ${rows} rows, got ${names.length}`);
}

/**
 * True if the first line, where there is one line too many, names the columns. Throws InputError if it may also be a label and another line
 * may be the extra one.
 */
function beginsWithNames(path: string, cells: readonly (readonly string[])[], asked: string | undefined): boolean {
  const [name] = cells[0] as [string];
  if ((asked !== undefined && name === asked) || beginsWithHeader(cells)) return true;
  throw new InputError(
    `${path}: ${cells.length} lines for ${cells.length - 1} rows; the first, ${JSON.stringify(name)}, may name the column, or one label is too many; ` +
      `if it is the name, use --labels ${JSON.stringify(`${path}:${name}`)}, else remove the line without a row`,
  );
}

function refuseSeveral(path: string, names: readonly string[]): never {
  const last = names.at(-1);
  throw new InputError(
    `${path}: the columns ${names.slice(0, -1).join(', ')} and ${last} may each name the rows; choose one, for example ${path}:${last}`,
  );
}

/** Characters that separate or quote the cells of a table. */
const IN_TABLES = /[",;|]/;

/** Throws InputError if the lines of a file whose name is that of a table are not the same when it is read as a table. */
function checkIsLines(path: string, lines: readonly string[]): void {
  const at = lines.findIndex((line) => IN_TABLES.test(line));
  if (at < 0) return;
  throw new InputError(
    `${path}: line ${at + 1} may hold several cells of a table, or one name; name the column of the table by its name or number, ` +
      `for example ${path}:title or ${path}:1, or rename the file to .txt if each line is a name`,
  );
}

/** Returns the file of FILE or FILE:COLUMN. */
export function labelsPath(spec: string): string {
  const colon = spec.lastIndexOf(':');
  return colon < 0 || existsSync(spec) ? spec : spec.slice(0, colon);
}

function columnIndex(path: string, column: string, names: readonly string[] | undefined, count: number): number {
  const named = names?.indexOf(column) ?? -1;
  if (named >= 0) return named;
  const number = Number(column);
  if (Number.isInteger(number) && number >= 1 && number <= count) return number - 1;
  const there = names ? names.join(', ') : `1 to ${count}`;
  throw new InputError(`${path}: no column ${column}; there are ${there}`);
}

async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return await ((await isPipe(path)) ? readPipeBytes(path, signal) : readFile(path)).catch((error) => {
    throw asInputError(error, path);
  });
}

async function readPipeBytes(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  await readPipe(path, async (bytes) => void all.push(bytes), signal);
  return Buffer.concat(all);
}

/** Throws InputError if the bytes are not text. */
function linesIn(path: string, bytes: Uint8Array): string[] {
  const start = Buffer.from(bytes.subarray(0, MAGIC_BYTES)).toString('latin1');
  const format = formatByExtension(path) ?? formatByContent(start);
  if (format && !format.isText) throw new InputError(`${path}: ${notText(path, format.name)}`);
  const lines = decodeWholeText(bytes);
  if (!lines.some((line) => line.includes('\0'))) return lines;
  throw new InputError(
    `${path}: this is not text, because it holds zero bytes; expected one name per line in UTF-8, Latin-1, or UTF-16 with a byte order mark`,
  );
}

const EXPORTS: Readonly<Record<string, (path: string) => string>> = {
  sqlite: (path) => `sqlite3 ${path} 'select title from documents' > titles.txt`,
  duckdb: (path) => `duckdb ${path} -noheader -list -c 'select title from documents' > titles.txt`,
};

/** Explains why names cannot be read from a file that is not text, and what to do. */
function notText(path: string, format: string): string {
  const exportNames = EXPORTS[format];
  if (exportNames) return `names cannot be read from a ${format} database; export them, for example: ${exportNames(path)}`;
  if (hasTextColumns(path)) return `name the column to read, for example ${path}:title`;
  return `a ${format} file holds no names; expected a text file with one name per line, or a column of a .csv or .parquet file`;
}
