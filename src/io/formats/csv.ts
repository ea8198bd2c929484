// Text tables: a column of vectors in any notation, or many columns of numbers; also words with vectors, as GloVe and word2vec write them.
// Records become numbers as soon as they end, so only one piece of the file is held.

import { ArgumentError, type FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { examining } from '../blocking.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { chooseWith } from '../columns/choices.js';
import { type ChosenColumns, chooseColumns, type Origin, selectorOf } from '../columns/choose.js';
import { columnLabel } from '../columns/column.js';
import { NullRows } from '../columns/nulls.js';
import type { RecordPlaces } from '../rows/record-places.js';
import { type HeaderOfTexts, MAX_DEPTH, type RowReader, type RowStream, type TextReader } from '../rows/row-reader.js';
import { BLANK, COMMA, countCells, HASH, NEWLINE, type Separator, splitCells, TAB } from './csv-cells.js';
import type { TextColumn } from './csv-columns.js';
import { type Dialect, findDialect } from './csv-dialect.js';
import { LongRecord, RecordFault, RecordScanner } from './csv-records.js';
import { RowParser } from './csv-rows.js';
import { listNames, RowBlocks } from './query-rows.js';
import { TextBytes } from './text-bytes.js';

/**
 * Reads the rows of a text table as float32. A sample of the file decides about separators, decimal commas, the header and the columns that
 * are the rows; commas win if two separators explain it equally well. 'nan' and 'inf' are numbers in numeric columns. Blank lines and
 * comment lines (starting with '#') are skipped.
 */
export const readCsv: RowReader = (source, options) => readTable(source, COMMA, options);

/** Like `readCsv`, but prefers tabs. */
export const readTsv: RowReader = (source, options) => readTable(source, TAB, options);

/** Like `readCsv`, without a preference: .txt, .vec. */
export const readTxt: RowReader = (source, options) => readTable(source, undefined, options);

/** Reads the cells of one column of a table, given by its name or its number, counted from 1. */
export const readCsvText: TextReader = (source, column, _missing, _seen, places, header) =>
  readTexts(source, COMMA, column, places, header);

/** Like `readCsvText`, but prefers tabs. */
export const readTsvText: TextReader = (source, column, _missing, _seen, places, header) =>
  readTexts(source, TAB, column, places, header);

/** Number of names delivered at a time. */
const NAMES_AT_ONCE = 4096;

async function readTable(
  source: ByteSource,
  preferred: Separator | undefined,
  { column, element, header, nulls: policy, places, memoryBudget }: Parameters<RowReader>[1],
): Promise<RowStream> {
  const text = await TextBytes.open(source, memoryBudget);
  const { name: file } = source;
  const dialect = await findDialect(text, file, { preferred, header, element });
  const { columns, named, promised } = dialect;
  if (dialect.empty) throw noRows(text, source, dialect);
  const chosen = chooseColumns({ file, columns, named, selector: column });
  if (column === undefined) checkNothingLost(file, dialect, chosen);
  const labelColumn = labelColumnOf(dialect, chosen);
  const parser = new RowParser(dialect, chosen, labelColumn, column === undefined);
  const depth = parser.row.length;
  if (depth > MAX_DEPTH)
    throw new ArgumentError('column', `${file}: expected at most ${MAX_DEPTH} numbers in a row, got ${depth}`);
  const nulls = new NullRows(file, policy);
  const labels: string[] = [];
  if (places) describePlaces(places, text, dialect);
  return {
    kind: 'stream',
    depth,
    type: 'float32',
    ...originOf(chosen, columns, labelColumn),
    nulls,
    ...(labelColumn >= 0 && { labels }),
    async *blocks() {
      const blocks = new RowBlocks(depth);
      let rows = 0;
      const addNull = (offset: number) => {
        rows += 1;
        if (!nulls.add(rows - 1, text.exact ? offset : 'whole')) return;
        blocks.nextRow().fill(0);
        if (labelColumn >= 0) labels.push(parser.label);
      };
      // If each line is one cell, a blank line is an empty cell. The same holds between vectors of numbers separated by blanks, but not at
      // their end.
      const addBlanks = (lines: number, offset: number) => {
        if (lines > 0) places?.refuse('blank lines count as rows');
        for (let i = 0; i < lines; i++) addNull(offset);
      };
      const { separator } = dialect;
      const onEnd = (blankLines: number) => separator === NEWLINE && addBlanks(blankLines, source.size);
      const onRecord: OnPlacedRecord = (bytes, start, end, offset, blankLines) => {
        const parsed = parser.parse(bytes, start, end);
        if (parsed === 'skip') return;
        if (separator === NEWLINE || separator === BLANK) addBlanks(blankLines, offset);
        places?.add(offset);
        if (parsed === 'null') {
          addNull(offset);
          return;
        }
        rows += 1;
        blocks.nextRow().set(parser.row);
        if (labelColumn >= 0) labels.push(parser.label);
      };
      const pieces = scanRecords(text, dialect, onRecord, onEnd);
      for await (const _ of pieces) yield* blocks.takeFull();
      if (promised && promised.rows !== rows) {
        throw text.error(source.size, `the first line says ${promised.rows} vectors, the file holds ${rows}; it may be cut`);
      }
      yield* blocks.takeRest();
    },
  };
}

function describePlaces(places: RecordPlaces, { exact }: TextBytes, { separator, promised }: Dialect): void {
  places.extensions = separator === TAB ? ['.tsv', '.tab'] : separator === BLANK ? ['.txt', '.vec'] : ['.csv'];
  if (!exact) places.refuse('the file is UTF-16');
  if (promised) places.refuse('its first line says how many vectors there are');
}

/** Throws ArgumentError if an unused column may belong to the rows: a column of damaged numbers or vectors, or of integers. */
function checkNothingLost(file: string, { columns, named, promised }: Dialect, { kind, columns: chosen }: ChosenColumns): void {
  const taken = new Set(chosen);
  const refuseLost = (lost: number, what: string) => {
    const advice = say`to leave it out, use ${mention.option('column', selectorOf(columns, chosen))}`;
    throw new ArgumentError('column', `${file}: column ${columnLabel(columns, lost)} holds ${what}`, { advice });
  };
  const vectors = columns.findIndex(({ mostly }, index) => mostly === 'vector' && !taken.has(index));
  if (vectors >= 0) refuseLost(vectors, `${columns[vectors]?.type}`);
  if (promised || kind === 'vector') return;
  if (named) {
    // If two tables were joined, the names of the second end in '.1'.
    const names = new Set(chosen.map((index) => columns[index]?.name));
    const isTwin = ({ name, kind: other }: TextColumn) => other === 'float' && names.has(/^(.+)\.\d$/.exec(name)?.[1]);
    const twins = columns.filter((column, index) => !taken.has(index) && isTwin(column)).length;
    if (twins === chosen.length) {
      const twin = columns.findIndex((column, index) => !taken.has(index) && isTwin(column));
      refuseLost(twin, 'numbers and may be an element of the rows, too, as others like it');
    }
    return;
  }
  const fractions = columns.findIndex(({ mostlyFractions }, index) => mostlyFractions && !taken.has(index));
  if (fractions >= 0) refuseLost(fractions, `${columns[fractions]?.type} and may be a label or an element of the rows`);
  const texts = columns.findIndex(({ holdsFractions }, index) => holdsFractions && !taken.has(index));
  if (texts >= 0) refuseLost(texts, 'text with numbers in it and may be a label or elements of the rows');
  const isOpen = (index: number) => columns[index]?.onlyNaN || (columns[index]?.kind === 'integer' && !columns[index]?.counts);
  let first = chosen[0] as number;
  let last = chosen.at(-1) as number;
  while (isOpen(first - 1)) first -= 1;
  while (isOpen(last + 1)) last += 1;
  const all = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const ends = all.filter((index) => !taken.has(index)).map((index) => columnLabel(columns, index));
  if (ends.length === 0) return;
  const choices = [chosen, all].map((each) => selectorOf(columns, each));
  const one = ends.length === 1;
  const held = all.some((index) => columns[index]?.onlyNaN) ? 'whole numbers or nothing but NaN' : 'whole numbers';
  throw new ArgumentError(
    'column',
    `${file}: ${one ? 'column' : 'columns'} ${listNames(ends)} ${one ? 'holds' : 'hold'} ${held} and may be a label or an element of the rows`,
    { advice: chooseWith(choices) },
  );
}

/** Returns the text column that labels the rows of a table without names: the only text column, first or last. */
function labelColumnOf({ columns, named, promised }: Dialect, chosen: ChosenColumns): number {
  if (named) return -1;
  if (promised) return chosen.columns.includes(0) ? -1 : 0;
  const texts = [...columns.keys()].filter((index) => columns[index]?.type === 'text' && columns[index]?.kind === 'other');
  const last = columns.findLastIndex(({ kind }) => kind !== 'null');
  const [only, another] = texts;
  return only !== undefined && another === undefined && (only === 0 || only === last) ? only : -1;
}

/** Describes what the rows were taken from, if some columns were not used. */
function originOf({ origin }: ChosenColumns, columns: Dialect['columns'], labels: number): { readonly origin?: Origin } {
  const notUsed = labels < 0 ? origin.notUsed : origin.notUsed.filter((name) => name !== columnLabel(columns, labels));
  return notUsed.length === 0 && !origin.columns ? {} : { origin: { ...origin, notUsed } };
}

async function* readTexts(
  source: ByteSource,
  preferred: Separator,
  column: string,
  places: RecordPlaces | undefined,
  header: HeaderOfTexts,
): AsyncGenerator<string[], void, undefined> {
  const text = await TextBytes.open(source);
  const dialect = await findDialect(text, source.name, { preferred, header: header === 'refuse' ? undefined : header });
  const { columns, separator } = dialect;
  const { at, start } = placeOfColumn(source.name, dialect, column, header);
  if (places) describePlaces(places, text, dialect);
  let names: string[] = [];
  const pieces = scanRecords(text, { separator, start }, (bytes, from, end, offset) => {
    const found = countCells(bytes, from, end, separator);
    if (found !== columns.length) {
      if (bytes[from] === HASH) return;
      throw new RecordFault(`expected ${columns.length} cells, got ${found}`);
    }
    places?.add(offset);
    names.push(splitCells(bytes, from, end, separator)[at] as string);
  });
  for await (const _ of pieces) {
    for (let first = 0; first < names.length; first += NAMES_AT_ONCE) yield names.slice(first, first + NAMES_AT_ONCE);
    names = [];
  }
}

/**
 * Returns the index of the column, and where its cells begin. They begin at the first record if that may be a name or a cell and no name
 * was requested.
 */
function placeOfColumn(
  file: string,
  dialect: Dialect,
  column: string,
  header: HeaderOfTexts,
): { readonly at: number; readonly start: number } {
  const { columns, named, start, firstRecord, doubt } = dialect;
  const found = named ? [...columns.keys()].filter((at) => columns[at]?.name === column) : [];
  const [byName, another] = found;
  if (another !== undefined) {
    const numbers = found.map((at) => at + 1).join(' and ');
    throw new ArgumentError('column', `${file}: columns number ${numbers} are both named ${column}; rename one of them`);
  }
  if (byName !== undefined) return { at: byName, start };
  const number = /^\d{1,9}$/.test(column) ? Number(column) : 0;
  if (number >= 1 && number <= columns.length) {
    if (doubt && header === 'refuse') throw doubt();
    return { at: number - 1, start: doubt ? firstRecord : start };
  }
  const there = named ? listNames(columns.map(({ name }) => name)) : `1 to ${columns.length}, without names`;
  throw new ArgumentError('column', `${file}: no column ${column}; there are ${there}`);
}

function noRows(text: TextBytes, { size }: ByteSource, { named, sure }: Dialect): FormatError {
  if (!named || sure) return text.error(size, 'no rows');
  return text.error(size, 'no rows below the line of names', {
    advice: say`${mention.option('header', false)} makes that line a row`,
  });
}

type OnPlacedRecord = (bytes: Uint8Array, from: number, end: number, offset: number, blankLines: number) => void;

/**
 * Passes each record from byte `start` to `onRecord`, with its position; yields after each piece of the file. Throws a FormatError with a
 * position for an invalid record.
 */
async function* scanRecords(
  text: TextBytes,
  { separator, start }: Pick<Dialect, 'separator' | 'start'>,
  onRecord: OnPlacedRecord,
  onEnd?: (blankLines: number) => unknown,
): AsyncGenerator<void, void, undefined> {
  const onEach = (bytes: Uint8Array, from: number, end: number) => {
    if (scanner.offset >= start) onRecord(bytes, from, end, scanner.offset, scanner.blankLines);
  };
  const scanner: RecordScanner = new RecordScanner(separator, onEach, text.maxRecordBytes);
  try {
    for await (const { bytes, offset } of text.pieces()) {
      await examining(scanner.partBytes + bytes.length, () => scanner.take(bytes, offset));
      scanner.copyRest();
      yield;
    }
    await examining(scanner.partBytes, () => scanner.end());
    onEnd?.(scanner.blankLines);
    yield;
  } catch (error) {
    if (!(error instanceof RecordFault)) throw error;
    if (error instanceof LongRecord) throw text.tooLong(scanner.offset, `line ${scanner.line}: ${error.message}`);
    const column = error.column === undefined ? '' : `, column ${JSON.stringify(error.column)}`;
    throw text.error(scanner.offset, `line ${scanner.line}${column}: ${error.message}`);
  }
}
