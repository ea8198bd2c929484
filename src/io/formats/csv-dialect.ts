// Detects how a text table is written: the separator of its cells, whether numbers have decimal commas, and whether the first line names
// the columns. Every combination is tried on the beginning of the file. The one that explains it is used; if two do, the table is refused.

import { type AllpairsError, ArgumentError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { SAMPLE_ROWS } from '../columns/column.js';
import type { BytesElement } from '../columns/declared-elements.js';
import type { Point } from '../columns/vector-text.js';
import { closingLater, isUnbalanced } from './csv-brackets.js';
import { BAR, BLANK, COMMA, countCells, NEWLINE, QUOTE, SEMICOLON, type Separator, splitText, TAB } from './csv-cells.js';
import { describeTextColumn, findPoint, MIN_IDS, type TextColumn } from './csv-columns.js';
import { judgeFirstRecord } from './csv-header.js';
import { LongRecord, MAX_CELLS, MAX_COLUMNS, RecordFault, RecordScanner } from './csv-records.js';
import { nameValue } from './query-rows.js';
import { decodeCell, type TextBytes } from './text-bytes.js';

/** What is known about a table before it is read. */
export interface TableHints {
  /** The separator that the file extension suggests. */
  readonly preferred?: Separator | undefined;
  readonly header?: boolean | undefined;
  readonly element?: BytesElement | undefined;
}

/** How a table is read. */
export interface Dialect {
  readonly separator: Separator;
  readonly point: Point;
  readonly columns: readonly TextColumn[];
  /** True if a line of the file names the columns. */
  readonly named: boolean;
  /** True if `named` is certain. If the whole table is text, the first line may be a row. */
  readonly sure: boolean;
  /** Creates the error for callers that must know, if it is uncertain. */
  readonly doubt?: () => ArgumentError;
  /** Position of the first record of the table, which may be the header. */
  readonly firstRecord: number;
  /** Position of the first row. */
  readonly start: number;
  /** True if there are no rows. */
  readonly empty: boolean;
  /** The line "N D" of a word2vec file, which announces N rows with a token and D numbers. */
  readonly promised?: { readonly rows: number; readonly depth: number };
}

interface SampleRecord {
  readonly cells: readonly string[];
  readonly line: number;
  readonly offset: number;
  readonly end: number;
  readonly quoted: boolean;
}

/** One way to read the sample, and how well it explains it. */
interface Reading {
  readonly dialect: Dialect;
  /** 3: all columns are numbers or vectors; 2: some are; 1: none are; 0: lines above the table do not belong to it. */
  readonly rank: 0 | 1 | 2 | 3;
  readonly fail?: () => Error;
}

const NAMES: ReadonlyMap<Separator, string> = new Map<Separator, string>([
  [COMMA, 'commas'],
  [SEMICOLON, 'semicolons'],
  [TAB, 'tabs'],
  [BAR, 'bars'],
  [BLANK, 'blanks'],
]);

/** Minimum number of records for a decision: a header and two rows. */
const MIN_RECORDS = 3;

/** Detects how the table is written. Throws FormatError, MemoryError or ArgumentError if it cannot be detected. */
export async function findDialect(text: TextBytes, file: string, hints: TableHints): Promise<Dialect> {
  while (!(await text.examine(() => hasRecords(text, hints.preferred ?? COMMA)))) await text.extendHead();
  const said = separatorLine(text);
  const separators = said === undefined ? [...NAMES.keys()] : [said.separator];
  const start = said?.end ?? 0;
  const readings: Reading[] = [];
  const faults = new Map<Separator, AllpairsError>();
  const decoded = new DecodedRecords();
  for (const separator of [...separators, NEWLINE] as const) {
    try {
      readings.push(...(await text.examine(() => readAs(text, file, separator, start, hints, decoded))));
    } catch (error) {
      if (!(error instanceof SampleFault)) throw error;
      faults.set(separator, error.fault);
    }
  }
  const rank = Math.max(0, ...readings.map((reading) => reading.rank));
  // Unbalanced quotes also affect separators that the file does not use, so the fault of the expected separator is reported.
  const own = hints.preferred === undefined ? undefined : faults.get(hints.preferred);
  const fault = own ?? (readings.length === 0 ? faults.get(NEWLINE) : undefined);
  if (fault && rank < 2) throw fault;
  if (readings.length === 0) throw text.error(text.head.length, 'no rows');
  const best = choose(file, readings, rank, hints.preferred);
  if (best.fail) throw best.fail();
  return best.dialect;
}

function choose(file: string, readings: readonly Reading[], rank: number, preferred: Separator | undefined): Reading {
  const all = readings.filter((reading) => reading.rank === rank);
  const separated = all.filter(({ dialect, fail }) => !fail && dialect.separator !== NEWLINE);
  const best = rank < 2 && separated.length > 0 ? separated : all;
  const own = best.find(({ dialect }) => dialect.separator === preferred);
  // Blanks also occur in texts and lists, and whole lines are the last resort.
  const usual = best.filter(({ dialect }) => NAMES.has(dialect.separator) && dialect.separator !== BLANK);
  if (own) {
    // In 7;0,25;1.0 the second cell may be 0,25, or 0 the end of one cell and 25 the beginning of a vector.
    const bare = own.dialect.columns.some(({ kind, bare }) => kind === 'vector' && bare);
    const other = bare && usual.find((reading) => reading !== own && mayHoldCommas(reading.dialect));
    if (other) throw unclearSeparator(file, own, other);
    return own;
  }
  const [first, second] = usual;
  if (first && second && rank >= 2) throw unclearSeparator(file, first, second);
  return (first ?? best[0]) as Reading;
}

/** True if commas are decimal, or may be because all columns are numbers. */
function mayHoldCommas({ point, columns }: Dialect): boolean {
  return point === ',' || columns.every(({ kind, mostly }) => kind === 'integer' || kind === 'float' || mostly === 'float');
}

function unclearSeparator(file: string, ...readings: [Reading, Reading]): ArgumentError {
  const [one, other] = readings.map(({ dialect }) => NAMES.get(dialect.separator));
  return new ArgumentError('column', `${file}: cells may be separated by ${one} or by ${other}`, {
    advice: 'write the table with quotes around cells that hold either',
  });
}

const OPEN_BRACKET = 0x5b;

/** A record of the sample that cannot be read. */
class SampleFault extends Error {
  constructor(readonly fault: AllpairsError) {
    super();
  }
}

/**
 * Returns the records in the head of the file from byte `start`. If the file continues, the last record is omitted, because it may be
 * truncated.
 */
function sampleRecords(
  text: TextBytes,
  separator: Separator,
  start: number,
  most: number,
  decoded: DecodedRecords,
): SampleRecord[] {
  const records: SampleRecord[] = [];
  let cells = 0;
  const onRecord = (bytes: Uint8Array, from: number, end: number) => {
    if (cells > MAX_CELLS || records.length >= most) return;
    const { line, offset } = scanner;
    // Cells are counted first, because each takes far more memory than its bytes.
    if (hasManyCells(bytes, from, end, separator)) throw new RecordFault(MANY_CELLS);
    const found = splitText(decoded.text(bytes.subarray(from, end), offset), separator);
    cells += found.length;
    records.push({ cells: found, line, offset, end: offset + end - from, quoted: bytes[from] === QUOTE });
  };
  const scanner: RecordScanner = new RecordScanner(separator, onRecord, text.maxRecordBytes);
  const { head } = text;
  try {
    for (let at = start; at < head.length && records.length < most && cells <= MAX_CELLS; at += SLICE) {
      scanner.take(head.subarray(at, Math.min(head.length, at + SLICE)), text.offset + at);
    }
    if (text.whole && records.length < most && cells <= MAX_CELLS) scanner.end();
  } catch (error) {
    if (!(error instanceof RecordFault)) throw error;
    const { offset, line } = scanner;
    const at = offset - text.offset;
    if (!(error instanceof LongRecord)) throw new SampleFault(text.error(offset, `line ${line}: ${error.message}`));
    // A list without quotes is one cell if each line is a cell.
    if (head[at] !== OPEN_BRACKET && hasManyCells(head, at, head.length, separator))
      throw new SampleFault(text.error(offset, `line ${line}: ${MANY_CELLS}`));
    throw new SampleFault(text.tooLong(offset, `line ${line}: ${error.message}`));
  }
  return records;
}

const MANY_CELLS = `more than ${MAX_COLUMNS} cells`;

/** True if a record, or the beginning of one, has too many cells. */
function hasManyCells(bytes: Uint8Array, start: number, end: number, separator: Separator): boolean {
  return countCells(bytes, start, end, separator, MAX_COLUMNS) > MAX_COLUMNS;
}

/** The texts of long records, which are the same for each separator. */
class DecodedRecords {
  readonly #texts = new Map<string, string>();

  text(bytes: Uint8Array, offset: number): string {
    if (bytes.length < LONG_BYTES) return decodeCell(bytes);
    const key = `${offset} ${bytes.length}`;
    const text = this.#texts.get(key) ?? decodeCell(bytes);
    this.#texts.set(key, text);
    return text;
  }
}

const LONG_BYTES = 2 ** 16;

/** True if the head contains enough records to decide, or everything that can be read. */
function hasRecords(text: TextBytes, separator: Separator): boolean {
  try {
    return text.whole || sampleRecords(text, separator, 0, MIN_RECORDS, new DecodedRecords()).length === MIN_RECORDS;
  } catch (error) {
    if (error instanceof SampleFault) return true;
    throw error;
  }
}

/** The head is scanned this many bytes at a time, and only as far as needed. */
const SLICE = 2 ** 16;

/** Recognises Excel's first line "sep=;". */
function separatorLine({ head }: TextBytes): { readonly separator: Separator; readonly end: number } | undefined {
  const match = /^"?sep=(.)"?(?:\r\n?|\n)/i.exec(decodeCell(head.subarray(0, 16)));
  if (!match) return undefined;
  const separator = [...NAMES.keys()].find((byte) => String.fromCharCode(byte) === match[1]);
  return separator === undefined ? undefined : { separator, end: match[0].length };
}

/** Reads the table with this separator; returns undefined unless its records then have equal width. */
function readAs(
  text: TextBytes,
  file: string,
  separator: Separator,
  start: number,
  hints: TableHints,
  decoded: DecodedRecords,
): Reading[] {
  const all = sampleRecords(text, separator, start, SAMPLE_ROWS + MAX_TITLES, decoded);
  const width = usualWidth(all.filter(({ cells }) => !isComment(cells))) ?? usualWidth(all);
  if (width === undefined || (width < 2 && separator !== NEWLINE)) return [];
  const records = all.filter(({ cells }) => cells.length === width || !isComment(cells));
  // A token may contain blanks, even in the first row.
  const first = records.findIndex(({ cells }) => cells.length === width || (separator === BLANK && cells.length > width));
  const rows = records.slice(first);
  const lead = records.slice(0, first);
  const fit = rows.filter(({ cells }) => cells.length === width);
  if (fit.length * 2 < records.length) return [];
  const promised = promisedBy(lead, width);
  if (promised) return [tokensReading(separator, promised, fit, rows)];
  const head = hints.header === false && lead.length > 0 ? 'titles' : headOf(lead, fit, width);
  if (head === 'titles') {
    const { line, offset, cells } = lead[0] as SampleRecord;
    const message = `line ${line}: ${count(cells.length)} where the lines below have ${width}; remove what stands above the table`;
    const { dialect } = readingOf(separator, findPoint(fit.map((record) => record.cells)), fit, undefined, hints, file);
    return [{ dialect, rank: rankOf(dialect) === 1 ? 0 : 1, fail: () => text.error(offset, message) }];
  }
  const byToken = rows[0] !== fit[0];
  const point = findPoint(fit.map(({ cells }) => cells));
  const reading = readingOf(separator, point, fit, head, byToken ? { ...hints, header: false } : hints, file);
  if (byToken) return [{ ...reading, dialect: { ...reading.dialect, start: (rows[0] as SampleRecord).offset } }];
  const { columns } = reading.dialect;
  if (isTorn(columns, fit, separator)) return [{ ...reading, rank: 1, fail: () => torn(file) }];
  // Numbers between blanks are separate cells, unless they are quoted.
  if (separator === NEWLINE && columns[0]?.bare && !fit.some(({ quoted }) => quoted)) return [];
  return [reading];
}

/** Maximum number of lines above a table. */
const MAX_TITLES = 16;

function count(cells: number): string {
  return cells === 1 ? '1 cell' : `${cells} cells`;
}

/**
 * Returns the most frequent number of cells. If two are equally frequent, the one that occurs last wins, because the first lines may be
 * titles.
 */
function usualWidth(records: readonly SampleRecord[]): number | undefined {
  const counts = new Map<number, number>();
  let usual: number | undefined;
  for (const { cells } of records) {
    const times = (counts.get(cells.length) ?? 0) + 1;
    counts.set(cells.length, times);
    if (usual === undefined || times >= (counts.get(usual) ?? 0)) usual = cells.length;
  }
  return usual;
}

function isComment(cells: readonly string[]): boolean {
  return cells[0]?.startsWith('#') ?? false;
}

/** Recognises the line "N D" above rows of a token and D numbers. */
function promisedBy(lead: readonly SampleRecord[], width: number): Dialect['promised'] {
  const [only, another] = lead;
  if (!only || another) return undefined;
  const match = /^(\d{1,15}) (\d{1,9})$/.exec(only.cells.join(' ').trim());
  return match && Number(match[2]) === width - 1 ? { rows: Number(match[1]), depth: width - 1 } : undefined;
}

/** Reads a word2vec file, whose types are known. */
function tokensReading(
  separator: Separator,
  promised: NonNullable<Dialect['promised']>,
  fit: readonly SampleRecord[],
  rows: readonly SampleRecord[],
): Reading {
  const common = { name: '', bare: false, byBlanks: false, mostlyFractions: false } as const;
  const numbers = Array.from({ length: promised.depth }, () => ({ ...common, kind: 'float', type: 'float' }) as const);
  const columns: TextColumn[] = [{ ...common, kind: 'other', type: 'text' }, ...numbers];
  const point = findPoint(fit.map(({ cells }) => cells.slice(1)));
  const start = (rows[0] as SampleRecord).offset;
  const dialect = { separator, point, columns, named: false, sure: true, firstRecord: start, start, empty: false, promised };
  return { dialect, rank: 3 };
}

/** Returns the names above the rows if their number differs from the width of the rows; otherwise undefined. */
function headOf(
  lead: readonly SampleRecord[],
  fit: readonly SampleRecord[],
  width: number,
): readonly string[] | undefined | 'titles' {
  const [only, another] = lead;
  if (!only) return undefined;
  if (another) return 'titles';
  const { cells } = only;
  const column = (at: number) => fit.map((record) => record.cells[at] as string);
  const kindOf = (at: number) => describeTextColumn('', column(at), '.', undefined).kind;
  if (cells.length === width + 1 && cells.at(-1) === '') return cells.slice(0, width);
  if (cells.length !== width - 1 || cells.length < 2) return 'titles';
  if (kindOf(width - 1) === 'null') return [...cells, ''];
  // R writes the names of rows in a column without a name.
  const [first, last] = [kindOf(0), kindOf(width - 1)];
  return (first === 'integer' || first === 'other') && (last === 'float' || last === 'vector') ? ['', ...cells] : 'titles';
}

/** Describes the columns and decides whether the first record names them; `head` contains names above the table. */
function readingOf(
  separator: Separator,
  point: Point,
  fit: readonly SampleRecord[],
  head: readonly string[] | undefined,
  { header, element }: TableHints,
  file: string,
): Reading {
  const describe = (names: readonly string[] | undefined, rows: readonly SampleRecord[]): TextColumn[] =>
    Array.from({ length: fit[0]?.cells.length ?? 0 }, (_, at) => {
      const name = (names?.[at] ?? '').trim();
      const cells = rows.map((row) => row.cells[at] as string);
      const column = describeTextColumn(at === 0 ? name.replace(/^#\s*/, '') : name, cells, point, element);
      return at === 0 && column.kind === 'integer' && cells.length >= MIN_IDS && new Set(cells).size === cells.length
        ? { ...column, counts: true }
        : column;
    });
  const [first, ...rest] = fit as [SampleRecord, ...SampleRecord[]];
  const reading = (named: boolean, columns: readonly TextColumn[], start: number, sure = true): Reading => {
    const empty = start > first.offset && rest.length === 0;
    const dialect = {
      separator,
      point,
      columns,
      named,
      sure,
      firstRecord: first.offset,
      start,
      empty,
      ...(!sure && { doubt: () => unclear(file, first) }),
    };
    return { dialect, rank: rankOf(dialect) };
  };
  if (head) return reading(true, describe(head, fit), first.offset);
  if (header !== false) {
    const columns = describe(first.cells, rest);
    const below = rest.map(({ cells }) => cells);
    const judged = header ? 'header' : judgeFirstRecord(first.cells, below, columns, point);
    if (judged === 'header' || judged === 'text') return reading(true, columns, first.end, judged === 'header');
    if (judged === 'unclear') return { ...reading(false, columns, first.offset), fail: () => unclear(file, first) };
  }
  return reading(false, describe(undefined, fit), first.offset);
}

function unclear(file: string, { line, cells }: SampleRecord): ArgumentError {
  const shown = nameValue(cells.slice(0, 8).join(','));
  const advice = say`choose with ${mention.option('header', true)} or ${mention.option('header', false)}`;
  return new ArgumentError('header', `${file}: line ${line}, ${shown}, can be names of columns or a row`, { advice });
}

function torn(file: string): ArgumentError {
  const advice = 'write the table with quotes around cells that hold separators';
  return new ArgumentError('column', `${file}: brackets open in one cell and close in another`, { advice });
}

function rankOf({ columns }: Dialect): 1 | 2 | 3 {
  const vectors = columns.filter(({ kind }) => kind === 'vector');
  const floats = columns.filter(({ kind, mostly }) => kind === 'float' || mostly === 'float');
  if (vectors.length === 0 && floats.length < 2) return 1;
  return columns.some(({ kind, bare }) => kind === 'other' || bare) ? 2 : 3;
}

/** True if every cell of a column opens a bracket that closes in a later cell: then this separator belongs to the cells. */
function isTorn(columns: readonly TextColumn[], fit: readonly SampleRecord[], separator: Separator): boolean {
  const records = (fit.length > 1 ? fit.slice(1) : fit).map(({ cells }) => cells);
  // Between blanks, quotes are ordinary characters; around several words, they make them one cell.
  const opens = (cell: string) => cell.startsWith('"') && cell.length > 1 && !cell.endsWith('"');
  let closing: boolean[][] | undefined;
  return columns.some(({ kind }, at) => {
    if (kind !== 'other') return false;
    const values = records.map((cells) => cells[at] as string).filter((cell) => cell.trim() !== '');
    if (values.length === 0) return false;
    if (separator === BLANK && values.every(opens)) return true;
    if (!values.every(isUnbalanced)) return false;
    closing ??= records.map(closingLater);
    return records.every((cells, record) => cells[at]?.trim() === '' || closing?.[record]?.[at]);
  });
}
