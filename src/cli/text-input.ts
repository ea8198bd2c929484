// Rows of texts for --text: a column of the input, or the lines of a .txt, as TF-IDF of trigrams of letters.

import { extname } from 'node:path';
import { type RowFile, textRows } from '../index.js';
import { isPipe } from '../io/bytes/pipe-bytes.js';
import { openColumn, openLines } from '../io/records/open-texts.js';
import { expandInput } from '../io/rows/input-files.js';
import type { RecordPlaces } from '../io/rows/record-places.js';
import { formatByExtension } from '../io/rows/row-formats.js';
import { NO_FILE } from '../io/rows/row-reader.js';
import { rowFileOfTexts } from '../io/rows/sparse-row-file.js';
import type { CallOptions } from './call-options.js';
import { asInputError, UsageError } from './exit-codes.js';
import { STDIN } from './input.js';

/** The value of --text that selects the lines of a .txt. */
const LINES = 'line';

/**
 * Returns the texts of the input, and of --against, as rows with one vocabulary, whose n-grams and weights come from both. Throws
 * UsageError for options that locate vectors, and InputError if there is no such column.
 */
export async function openTexts(
  inputs: readonly string[],
  against: string | undefined,
  options: CallOptions & { readonly text: string },
  places: RecordPlaces | undefined,
  signal: AbortSignal,
): Promise<[x: RowFile, y: RowFile | undefined]> {
  const { column, query, element, nulls, width, indexBase, header, againstColumn, againstQuery } = options;
  refuseGiven({ column, query, 'against-column': againstColumn, 'against-query': againstQuery }, 'says where vectors are');
  refuseGiven({ element, nulls, width, 'index-base': indexBase }, 'says how vectors are read');
  const [name = '', another] = inputs;
  if (another !== undefined) throw new UsageError('--text reads one file; join the files first');
  if (header !== undefined && ![name, against].some((path) => path !== undefined && mayHaveHeader(path, options.format))) {
    throw new UsageError(
      `${header ? '--header' : '--no-header'} is for text tables such as a .csv, and ${name} is not one; leave it out`,
    );
  }
  const own = await readTexts(name, options, places, signal);
  const others =
    against === undefined
      ? []
      : await readTexts(against, { ...options, text: options.againstText ?? options.text }, undefined, signal);
  const rows = await textRows(others.length === 0 ? own : joined(own, others), { signal });
  const x = rowFileOfTexts(name, own, rows, 0);
  return [x, against === undefined ? undefined : rowFileOfTexts(against, others, rows, own.length)];
}

/** Throws UsageError if one of these options is given. */
function refuseGiven(options: Readonly<Record<string, unknown>>, what: string): void {
  const [name] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw new UsageError(`--${name} ${what}, and --text compares texts; give one of them`);
}

function mayHaveHeader(path: string, format = formatByExtension(path)?.name): boolean {
  return format === undefined || format === 'csv' || format === 'tsv';
}

function* joined(own: readonly string[], others: readonly string[]): Generator<string> {
  yield* own;
  yield* others;
}

async function readTexts(
  name: string,
  { text, format, header }: Pick<CallOptions, 'format' | 'header'> & { readonly text: string },
  places: RecordPlaces | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  if (name === STDIN || name === NO_FILE || (await isPipe(name))) {
    throw new UsageError('--text reads a file; save the input in one first');
  }
  const { paths } = await expandInput(name, undefined);
  const [path = name, another] = paths;
  if (another !== undefined) throw new UsageError(`--text reads one file, and ${name} is several; join them first`);
  const isLines = /\.txt(\.gz|\.zst)?$/i.test(path) && format === undefined;
  if (isLines && text !== LINES) {
    throw new UsageError(
      `--text ${text}: a ${extname(path)} file has no columns; use --text ${LINES} for its lines, or --format csv`,
    );
  }
  if (isLines) places?.refuse('they are lines of a text');
  const texts: string[] = [];
  try {
    const pieces = isLines
      ? openLines(path, signal)
      : openColumn(path, text, { format, places, header: header ?? 'refuse', signal });
    for await (const piece of pieces) {
      for (const each of piece) texts.push(each);
    }
  } catch (error) {
    throw asInputError(error, path);
  }
  return texts;
}
